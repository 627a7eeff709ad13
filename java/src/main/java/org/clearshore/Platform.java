package org.clearshore;

import org.clearshore.ClearshoreException.Kind;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An operating system on a processor, and its library in the jar. */
final class Platform {
    private static final Map<String, String> PROCESSORS = Map.of("amd64", "x64", "x86_64", "x64", "arm64", "aarch64");

    /** As in {@code linux-x64}. */
    final String name;

    Platform(String name) {
        this.name = name;
    }

    static Platform current() {
        return of(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    /** By the values of the system properties {@code os.name} and {@code os.arch}. */
    static Platform of(String systemName, String processorName) {
        String system = systemName.toLowerCase(Locale.ROOT);
        String processor = processorName.toLowerCase(Locale.ROOT);
        if (system.startsWith("windows")) {
            system = "win";
        } else if (system.startsWith("mac")) {
            system = "osx";
        }
        return new Platform(system + "-" + PROCESSORS.getOrDefault(processor, processor));
    }

    String fileName() {
        return fileName("clearshore_native");
    }

    /** What a library is called here. */
    String fileName(String library) {
        if (name.startsWith("win-")) {
            return library + ".dll";
        }
        return "lib" + library + (name.startsWith("osx-") ? ".dylib" : ".so");
    }

    /** Content of the library. */
    byte[] library() {
        return content(fileName()).orElseThrow(this::missing);
    }

    /** Content of a file for this platform, in our jar or in one that is a part of our module. */
    Optional<byte[]> content(String file) {
        URL resource = resource(file);
        if (resource == null) {
            return Optional.empty();
        }
        try (InputStream content = resource.openStream()) {
            return Optional.of(content.readAllBytes());
        } catch (IOException e) {
            throw new ClearshoreException(Kind.IO, "Io error: the native library can't be read from the jar"
                    + "\n  where: " + resource
                    + "\n  cause: " + e
                    + "\n  do: install Clearshore again", e);
        }
    }

    private URL resource(String file) {
        return Platform.class.getResource("/native/" + name + "/" + file);
    }

    private ClearshoreException missing() {
        String present = Stream.of("linux-x64", "linux-aarch64", "win-x64", "osx-aarch64")
                .filter(known -> new Platform(known).resource(new Platform(known).fileName()) != null)
                .collect(Collectors.joining(", "));
        return new ClearshoreException(Kind.AUXILIARY, "Auxiliary error: there is no native library for this platform"
                + "\n  got: " + name
                + "\n  expected: " + (present.isEmpty() ? "none: this jar was built without any" : present)
                + "\n  do: build the library here by cargo build --release -p clearshore-native, and name it in the"
                + " system property " + NativeLibrary.OVERRIDE, null);
    }
}
