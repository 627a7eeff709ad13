package org.clearshore.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarInputStream;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** What is in the plugin file. */
class PluginFileIT {
    private static final Path NBM = Path.of(System.getProperty("clearshore.nbm"));
    private static final String MODULE = "netbeans/modules/org-clearshore-onnxruntime.jar";

    /** As a fragment it shares the class loader of the main plugin in SNAP Desktop; in gpt all jars share one. */
    @Test
    void itIsAPartOfTheMainPlugin() throws IOException {
        try (JarInputStream jar = module()) {
            Attributes manifest = jar.getManifest().getMainAttributes();
            assertEquals("org.clearshore.onnxruntime", manifest.getValue("OpenIDE-Module"));
            assertEquals("org.clearshore.snap", manifest.getValue("OpenIDE-Module-Fragment-Host"));
            assertEquals("true", manifest.getValue("AutoUpdate-Show-In-Client"));
            assertEquals("Clearshore: ONNX Runtime", manifest.getValue("OpenIDE-Module-Name"));
            assertEquals(manifest.getValue("OpenIDE-Module-Specification-Version"), manifest.getValue("OpenIDE-Module-Build-Version"),
                    "src/main/nbm/manifest.mf");
        }
    }

    /** No class, and nothing where other users of ONNX Runtime look for theirs. */
    @Test
    void itHoldsTheLibrariesAndTheirPapersAlone() throws IOException {
        Set<String> names = new TreeSet<>();
        try (JarInputStream jar = module()) {
            for (ZipEntry entry = jar.getNextEntry(); entry != null; entry = jar.getNextEntry()) {
                if (!entry.isDirectory()) {
                    names.add(entry.getName());
                }
            }
        }
        names.remove("META-INF/MANIFEST.MF");
        assertEquals(new TreeSet<>(Set.of("META-INF/ThirdPartyNotices.txt", "native/linux-aarch64/libonnxruntime.so",
                "native/linux-x64/libonnxruntime.so", "native/osx-aarch64/libonnxruntime.dylib", "native/win-x64/onnxruntime.dll")),
                names);
    }

    @Test
    void thePluginFileSaysItsLicence() throws IOException {
        try (ZipFile nbm = new ZipFile(NBM.toFile())) {
            Set<String> names = nbm.stream().map(ZipEntry::getName).filter(name -> !name.endsWith("/")).collect(Collectors.toSet());
            assertTrue(names.contains("netbeans/config/Modules/org-clearshore-onnxruntime.xml"), names.toString());
            String info = new String(nbm.getInputStream(nbm.getEntry("Info/info.xml")).readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(info.contains("Copyright (c) Microsoft Corporation"), info);
            assertTrue(info.contains("targetcluster=\"snap\""), info);
        }
    }

    private static JarInputStream module() throws IOException {
        try (ZipFile nbm = new ZipFile(NBM.toFile())) {
            return new JarInputStream(new ByteArrayInputStream(nbm.getInputStream(nbm.getEntry(MODULE)).readAllBytes()));
        }
    }
}
