package org.clearshore.snap.plugin;

import static org.clearshore.snap.plugin.Resources.elements;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.openide.modules.Dependency;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** What is in the built jar and in the plugin file. */
class PluginFileIT {
    private static final Path JAR = Path.of(System.getProperty("clearshore.jar"));
    private static final Path NBM = Path.of(System.getProperty("clearshore.nbm"));
    private static final int JAVA_11 = 55;
    /** SNAP's modules and the packages that they open to others, read in the sources of SNAP 10 and 13. */
    private static final Map<String, String> OPEN_PACKAGES = Map.of(
            "org.esa.snap.ceres.core", "com\\.bc\\.ceres\\.core",
            "org.esa.snap.ceres.glayer", "com\\.bc\\.ceres\\.glayer.*",
            "org.esa.snap.snap.core", "org\\.esa\\.snap\\.(core\\.(?!gpf).*|runtime)",
            "org.esa.snap.snap.gpf", "org\\.esa\\.snap\\.core\\.gpf.*");

    @Test
    void theJarHoldsAllOfUsAndNothingOfOthers() throws IOException {
        Set<String> names = names(JAR);
        for (String name : List.of("org/clearshore/NativeLibrary.class", "native/linux-x64/libclearshore_native.so",
                "org/clearshore/snap/layer.xml", "org/clearshore/snap/docs/JavaHelpSearch/TMAP", "META-INF/LICENSE")) {
            assertTrue(names.contains(name), "the jar has no " + name);
        }
        Resources.GRAPHS.forEach(graph -> assertTrue(names.contains("org/clearshore/snap/graphs/" + graph), graph));
        assertEquals(Set.of(), names.stream().filter(name -> name.endsWith(".class"))
                .filter(name -> !name.startsWith("org/clearshore/")).collect(Collectors.toSet()), "classes of others");
        assertEquals(1, names.stream().filter(name -> name.startsWith("native/linux-x64/")).count(), "native libraries of a platform");
    }

    @Test
    void theRegisteredOperatorIsInTheJar() throws IOException {
        String operator = content(JAR, "META-INF/services/org.esa.snap.core.gpf.OperatorSpi").strip();
        assertTrue(names(JAR).contains(operator.replace('.', '/') + ".class"), operator);
    }

    @Test
    void everyClassLoadsOnJava11() throws IOException {
        try (ZipFile jar = new ZipFile(JAR.toFile())) {
            for (String name : names(JAR)) {
                if (name.endsWith(".class")) {
                    int version = ByteBuffer.wrap(jar.getInputStream(jar.getEntry(name)).readNBytes(8)).getShort(6);
                    assertTrue(version <= JAVA_11, name + " has class level " + version);
                }
            }
        }
    }

    @Test
    void theManifestSaysWhatTheModuleIsAndNeeds() throws IOException {
        Attributes manifest = manifest();
        Map<String, String> expected = Map.of("OpenIDE-Module", "org.clearshore.snap", "OpenIDE-Module-Name", "Clearshore",
                "OpenIDE-Module-Display-Category", "SNAP Supported Plugins", "AutoUpdate-Show-In-Client", "true",
                "AutoUpdate-Essential-Module", "false", "OpenIDE-Module-Layer", "org/clearshore/snap/layer.xml",
                "OpenIDE-Module-Public-Packages", "-");
        expected.forEach((name, value) -> assertEquals(value, manifest.getValue(name), name));
        assertTrue(manifest.getValue("OpenIDE-Module-Specification-Version").matches("\\d+(\\.\\d+)*"), "NetBeans wants numbers and dots");
        assertEquals(manifest.getValue("OpenIDE-Module-Specification-Version"), manifest.getValue("OpenIDE-Module-Build-Version"),
                "src/main/nbm/manifest.mf");
        assertEquals(null, manifest.getValue("Class-Path"), "the jar stands alone");

        Dependency java = Dependency.create(Dependency.TYPE_JAVA, manifest.getValue("OpenIDE-Module-Java-Dependencies")).iterator().next();
        assertEquals("Java 11", java.getName() + " " + java.getVersion());
        assertEquals(Dependency.COMPARE_SPEC, java.getComparison());
    }

    /** Desktop hides what a module does not ask for, and ends in NoClassDefFoundError where gpt works. */
    @Test
    void theManifestNamesTheModuleOfEveryPackageThatIsUsed() throws IOException {
        Set<String> modules = Dependency.create(Dependency.TYPE_MODULE, manifest().getValue("OpenIDE-Module-Module-Dependencies"))
                .stream().map(Dependency::getName).collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(OPEN_PACKAGES.keySet()), modules);
        StringWriter out = new StringWriter();
        ToolProvider.findFirst("jdeps").orElseThrow().run(new PrintWriter(out), new PrintWriter(out), "--multi-release", "base",
                "-verbose:package", JAR.toString());
        Matcher use = Pattern.compile("-> ((?:org\\.esa|com\\.bc|javax\\.media|org\\.opengis|org\\.geotools)\\S*)").matcher(out.toString());
        int uses = 0;
        while (use.find()) {
            String name = use.group(1);
            assertTrue(modules.stream().anyMatch(module -> name.matches(OPEN_PACKAGES.get(module))), "no module in the manifest opens " + name);
            uses++;
        }
        assertTrue(uses > 0, "jdeps found no use of SNAP:\n" + out);
    }

    @Test
    void theJarAloneLoadsItsNativeLibrary(@TempDir(cleanup = CleanupMode.NEVER) Path folder) throws Exception {
        try (URLClassLoader alone = new URLClassLoader(new URL[]{JAR.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            Class<?> library = alone.loadClass("org.clearshore.NativeLibrary");
            library.getMethod("load", Path.class).invoke(null, folder);
            Object tables = library.getMethod("tables").invoke(null);
            assertEquals(manifest().getValue("OpenIDE-Module-Specification-Version"), tables.getClass().getField("version").get(tables));
        }
    }

    @Test
    void thePluginFileIsTheJarWithItsPapers() throws IOException {
        String module = "netbeans/modules/org-clearshore-snap.jar";
        String settings = "netbeans/config/Modules/org-clearshore-snap.xml";
        Set<String> files = names(NBM);
        // Left by an earlier run in the same folder.
        files.removeIf(name -> name.startsWith("netbeans/update_tracking/"));
        assertEquals(new TreeSet<>(Set.of("META-INF/MANIFEST.MF", "Info/info.xml", module, settings)), files);
        try (ZipFile nbm = new ZipFile(NBM.toFile()); InputStream jar = nbm.getInputStream(nbm.getEntry(module))) {
            assertArrayEquals(Files.readAllBytes(JAR), jar.readAllBytes());
        }

        Document parameters = Resources.xml(settings, content(NBM, settings));
        Map<String, String> values = elements(parameters, "param").stream()
                .collect(Collectors.toMap(one -> one.getAttribute("name"), Element::getTextContent));
        assertEquals(Map.of("autoload", "false", "eager", "false", "enabled", "true", "reloadable", "false",
                "jar", "modules/org-clearshore-snap.jar"), values);

        Document info = Resources.xml("Info/info.xml", content(NBM, "Info/info.xml"));
        assertEquals("org.clearshore.snap", info.getDocumentElement().getAttribute("codenamebase"));
        assertEquals("snap", info.getDocumentElement().getAttribute("targetcluster"));
        assertEquals("true", info.getDocumentElement().getAttribute("needsrestart"));
        assertTrue(elements(info, "license").get(0).getTextContent().contains("GNU GENERAL PUBLIC LICENSE"));
    }

    private static Attributes manifest() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            return jar.getManifest().getMainAttributes();
        }
    }

    /** Names of the files, without folders. */
    private static Set<String> names(Path archive) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            return zip.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static String content(Path archive, String name) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            ZipEntry entry = zip.getEntry(name);
            assertNotNull(entry, archive + " has no " + name);
            return new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
