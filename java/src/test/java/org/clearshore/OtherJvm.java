package org.clearshore;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own for a program of the tests, as this one is but for what the test says. */
final class OtherJvm {
    /** Longest time that such a program may take, seconds: one that does not end is a failure. */
    private static final int PATIENCE = 120;
    /** From this version on the JVM complains of libraries that it was not told of. */
    private static final int FIRST_WITH_COMPLAINTS = 24;

    private OtherJvm() {
    }

    /** How a program ended. */
    static final class Ended {
        final int status;
        /** What it wrote to both outputs. */
        final String output;

        Ended(int status, String output) {
            this.status = status;
            this.output = output;
        }
    }

    static Ended run(List<String> options, Class<?> program, String... arguments) throws Exception {
        return end(start(options, program, arguments));
    }

    static Process start(List<String> options, Class<?> program, String... arguments) throws IOException {
        return start(options, System.getProperty("java.class.path"), program, arguments);
    }

    static Process start(List<String> options, String classPath, Class<?> program, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-cp");
        command.add(classPath);
        if (Runtime.version().feature() >= FIRST_WITH_COMPLAINTS) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(options);
        command.add(program.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    static Ended end(Process process) throws Exception {
        Thread watch = new Thread(() -> {
            try {
                if (!process.waitFor(PATIENCE, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
            }
        });
        watch.setDaemon(true);
        watch.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        return new Ended(process.waitFor(), output);
    }
}
