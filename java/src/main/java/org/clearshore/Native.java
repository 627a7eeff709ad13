package org.clearshore;

/**
 * The functions of the native library. Scenes are numbers that are never used twice: a wrong one is an error. All throw
 * {@link ClearshoreException}. The library has to be loaded before.
 */
final class Native {

    private Native() {
    }

    static native String version();

    static native String tables();

    static native long open(String product, String granule, String parameters);

    static native long feed(String description, String parameters);

    static native String describe(long scene);

    static native String missingDemCells(long scene);

    static native void putDn(long scene, String band, int x, int y, int width, int height, short[] dn);

    static native void putReflectance(long scene, String band, int x, int y, int width, int height, float[] values);

    static native void putDefective(
            long scene, int columns, int rows, int x, int y, int width, int height, byte[] mask);

    static native void putDetectors(
            long scene, String band, int columns, int rows, int x, int y, int width, int height, byte[] numbers);

    static native void putWind(long scene, String wind);

    static native String run(long scene, RunListener listener);

    static native void cancel(long scene);

    static native void readFlags(long scene, int x, int y, int width, int height, int[] flags);

    static native void readClasses(long scene, int x, int y, int width, int height, byte[] classes);

    static native void readEvidence(long scene, int x, int y, int width, int height, int[] evidence);

    static native void readFeature(
            long scene, String feature, int x, int y, int width, int height, float[] values);

    static native void close(long scene);
}
