package org.clearshore;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program that does what {@link Load} does in two class loaders that know nothing of each other. */
final class LoadTwice {

    private LoadTwice() {
    }

    public static void main(String[] arguments) throws Exception {
        List<URL> classPath = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            classPath.add(Path.of(entry).toUri().toURL());
        }
        for (int round = 0; round < 2; round++) {
            // Stays open: its library is in use until the end.
            URLClassLoader loader = new URLClassLoader(
                    classPath.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
            loader.loadClass(Load.class.getName()).getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
        }
    }
}
