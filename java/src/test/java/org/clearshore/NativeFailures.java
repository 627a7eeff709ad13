package org.clearshore;

/** What a library that was built with the feature {@code failures} can do besides. */
final class NativeFailures {

    private NativeFailures() {
    }

    /** Panics: {@code literal}, {@code formatted}, {@code index}, {@code worker}. */
    static native void panic(String kind);

    /** Fails with an error of a kind as the native library spells it. */
    static native void fail(String kind);

    static native void panicInNextRun();

    /** The next run does nothing but wait until it is stopped. */
    static native void waitInNextRun();

    static native int openScenes();
}
