package org.clearshore.snapapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

class ReferenceCheckTest {
    private static final int JAVA_11 = 55;
    private static final String BAND = "org/esa/snap/core/datamodel/Band";

    @TempDir
    Path folder;

    @Test
    void anOperatorLinks() throws Exception {
        Path classes = Paths.get(HalvingOp.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path jar = folder.resolve("operator.jar");
        try (FileSystem zip = FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.of("create", "true"))) {
            for (String name : List.of("HalvingOp", "HalvingOp$Spi", "SourcedOp")) {
                Files.copy(classes.resolve("org/clearshore/snapapi/" + name + ".class"),
                        zip.getPath("/" + name + ".class"));
            }
        }
        assertEquals(List.of(), ReferenceCheck.problems(JAVA_11, jar));
        assertEquals(3, ReferenceCheck.problems(52, jar).size());
        Files.copy(classes.resolve("org/clearshore/snapapi/HalvingOp.class"), folder.resolve("Halving.class"));
        assertTrue(ReferenceCheck.problems(JAVA_11, folder).toString().contains("SourcedOp"));
    }

    @Test
    void inheritedMembersAreFound() throws IOException {
        assertEquals(List.of(), call(BAND, "getName", "()Ljava/lang/String;", false));
        assertEquals(List.of(), call(BAND, "getRasterWidth", "()I", false));
        assertEquals(List.of(), call("org/esa/snap/core/gpf/Tile", "iterator", "()Ljava/util/Iterator;", true));
        assertEquals(List.of(), call(BAND, "hashCode", "()I", false));
    }

    @Test
    void whatSnapLacksIsFound() throws IOException {
        assertProblem("does not exist", call(BAND, "getSourceImages", "()I", false));
        assertProblem("does not exist", call(BAND, "getRasterWidth", "()J", false));
        assertProblem("does not exist", call("org/esa/snap/core/datamodel/Sound", "play", "()V", false));
        assertProblem("does not exist", call("javax/media/jai/JAI", "getDefaultInstance", "()V", false));
        assertProblem("does not exist", call("org/esa/snap/core/gpf/OperatorSpi", "getLabel", "()[Lorg/x/Y;", false));
        assertProblem("mistakes the kind", call("org/esa/snap/core/gpf/Tile", "getWidth", "()I", false));
        assertProblem("SNAP lacks", call(BAND, "getSamples", "()Lorg/clearshore/snapapi/Samples;", false));
        assertProblem("is not for it", call("org/clearshore/snapapi/OperatorDriver", "close", "()V", false));
        assertProblem("is not for it", call("org/esa/snap/core/datamodel/MaskExpression", "toString", "()V", false));
    }

    private static void assertProblem(String expected, List<String> problems) {
        assertTrue(problems.toString().contains(expected), problems.toString());
    }

    private List<String> call(String owner, String method, String descriptor, boolean ofInterface) throws IOException {
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        writer.visit(Opcodes.V11, Opcodes.ACC_PUBLIC, "example/Caller", null, "java/lang/Object", null);
        MethodVisitor code = writer.visitMethod(Opcodes.ACC_STATIC, "call", "()V", null, null);
        code.visitInsn(Opcodes.ACONST_NULL);
        code.visitMethodInsn(ofInterface ? Opcodes.INVOKEINTERFACE : Opcodes.INVOKEVIRTUAL, owner, method,
                descriptor, ofInterface);
        code.visitInsn(Opcodes.RETURN);
        writer.visitEnd();
        Path classes = Files.createDirectories(folder.resolve("calls"));
        Files.write(classes.resolve("Caller.class"), writer.toByteArray());
        return ReferenceCheck.problems(JAVA_11, classes);
    }
}
