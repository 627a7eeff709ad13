package org.clearshore;

import java.nio.file.Path;
import java.util.Map;

/** A program that loads the library into a folder and says how that went. */
public final class Load {

    private Load() {
    }

    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        try {
            NativeLibrary.load(folder);
            NativeLibrary.load(folder);
            NativeScene.feed(Scenes.description(Scenes.SIDE), Map.of()).close();
            System.out.println("loaded");
        } catch (ClearshoreException first) {
            System.out.println(first.kind() + " " + first.getMessage());
            try {
                NativeLibrary.tables();
                throw new AssertionError("the failure was forgotten");
            } catch (ClearshoreException second) {
                if (second.kind() != first.kind() || !second.getMessage().equals(first.getMessage())
                        || second.getCause() != first) {
                    throw second;
                }
            }
        }
    }
}
