package org.clearshore;

import static org.clearshore.Scenes.SIDE;

import java.util.Map;

/** A program that uses everything once, also wrongly, and leaves a scene open. */
final class Workload {

    private Workload() {
    }

    public static void main(String[] arguments) {
        NativeLibrary.tables();
        for (int round = 0; round < 3; round++) {
            NativeScene scene = Scenes.given(SIDE, Map.of("copyEvidence", true, "copyFeatures", true));
            scene.putDefective(SIDE, SIDE, 0, 0, 1, 1, new byte[1]);
            scene.run((stage, done, total) -> true);
            Scenes.flags(scene);
            scene.readClasses(0, 0, SIDE, SIDE, new byte[SIDE * SIDE]);
            scene.readEvidence(0, 0, SIDE, SIDE, new int[SIDE * SIDE]);
            scene.readFeature("hot", 0, 0, SIDE, SIDE, new float[SIDE * SIDE]);
            failing(() -> scene.readFlags(0, 0, 2, 2, new int[3]));
            failing(() -> scene.readFlags(0, 0, 2, 2, null));
            if (round > 0) {
                scene.close();
            }
            failing(() -> Native.describe(0));
            for (String kind : new String[] {"literal", "formatted", "index", "worker"}) {
                failing(() -> NativeFailures.panic(kind));
            }
            failing(() -> NativeFailures.fail("Io"));
            NativeScene stopped = Scenes.given();
            NativeFailures.waitInNextRun();
            failing(() -> stopped.run((stage, done, total) -> {
                throw new IllegalStateException("stop");
            }));
            NativeScene cancelled = Scenes.given();
            NativeFailures.waitInNextRun();
            int[] calls = {0};
            failing(() -> cancelled.run((stage, done, total) -> ++calls[0] < 40));
        }
        System.out.println("all done");
    }

    private static void failing(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException expected) {
            return;
        }
        throw new AssertionError("nothing was thrown");
    }
}
