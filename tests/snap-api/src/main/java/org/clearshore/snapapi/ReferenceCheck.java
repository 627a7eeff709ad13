package org.clearshore.snapapi;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether a jar would link inside SNAP: every class, method and field that it names must be its own, Java's, or
 * declared here and not {@link TestOnly}.
 */
public final class ReferenceCheck {
    private static final String TEST_PACKAGE = "org/clearshore/snapapi/";

    private final Map<String, ClassShape> own = new TreeMap<>();
    private final Map<String, ClassShape> others = new HashMap<>();
    private final Set<String> problems = new TreeSet<>();

    private ReferenceCheck() {
    }

    /**
     * What would not link, one line each.
     *
     * @param classLevel highest class file version allowed, such as 55 for Java 11
     * @param jars       jars or folders of classes that are one program
     */
    public static List<String> problems(int classLevel, Path... jars) throws IOException {
        ReferenceCheck check = new ReferenceCheck();
        for (Path jar : jars) {
            check.add(jar);
        }
        check.own.values().forEach(shape -> check.check(shape, classLevel));
        return List.copyOf(check.problems);
    }

    private void add(Path jar) throws IOException {
        if (Files.isDirectory(jar)) {
            addClasses(jar);
        } else {
            try (FileSystem files = FileSystems.newFileSystem(jar, (ClassLoader) null)) {
                addClasses(files.getPath("/"));
            }
        }
    }

    /** Leaves out module descriptions and the copies that a multi-release jar has for newer Java. */
    private void addClasses(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).collect(Collectors.toList())) {
                String name = root.relativize(file).toString();
                if (!name.endsWith("module-info.class") && !name.startsWith("META-INF")) {
                    ClassShape shape = ClassShape.of(Files.readAllBytes(file));
                    own.put(shape.name, shape);
                }
            }
        }
    }

    private void check(ClassShape user, int classLevel) {
        if (user.version > classLevel) {
            problems.add(user.name + " has class level " + user.version);
        }
        for (String name : user.classes) {
            ClassShape used = find(name);
            if (used == null) {
                problems.add(user.name + " names class " + name + ", which does not exist");
            } else if (!own.containsKey(name) && (name.startsWith(TEST_PACKAGE) || !used.visible)) {
                problems.add(user.name + " names class " + name + ", which is not for it");
            }
        }
        for (ClassShape.Reference reference : user.references) {
            ClassShape owner = find(reference.owner);
            if (owner == null || owner.isJava()) {
                continue;
            }
            if (owner.isInterface != reference.ofInterface && !reference.isField()) {
                problems.add(user.name + " mistakes the kind of " + reference.owner);
            }
            ClassShape.Member member = resolve(owner, reference.member);
            if (member == null) {
                problems.add(user.name + " uses " + reference + ", which does not exist");
            } else if (member.testOnly) {
                problems.add(user.name + " uses " + reference + ", which SNAP lacks");
            } else if (!member.visible && !own.containsKey(reference.owner)) {
                problems.add(user.name + " uses " + reference + ", which is not for it");
            }
        }
    }

    /** In the class, its superclasses or interfaces; constructors in the class alone. */
    private ClassShape.Member resolve(ClassShape owner, String key) {
        ClassShape.Member member = owner.members.get(key);
        if (member == null && !key.startsWith("<init>")) {
            for (String parent : owner.parents) {
                ClassShape shape = find(parent);
                member = member != null || shape == null ? member : resolve(shape, key);
            }
        }
        return member;
    }

    private ClassShape find(String name) {
        ClassShape shape = own.get(name);
        return shape != null ? shape : others.computeIfAbsent(name, ReferenceCheck::load);
    }

    /** From Java or from the declarations beside this class; null where neither has it. */
    private static ClassShape load(String name) {
        boolean declared = name.startsWith("org/esa/snap/") || name.startsWith("com/bc/ceres/")
                || name.startsWith(TEST_PACKAGE);
        ClassLoader loader = declared ? ReferenceCheck.class.getClassLoader() : ClassLoader.getPlatformClassLoader();
        try (InputStream stream = loader.getResourceAsStream(name + ".class")) {
            return stream == null ? null : ClassShape.of(stream.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
