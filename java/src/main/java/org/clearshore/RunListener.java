package org.clearshore;

/** Hears how far a run is, on the thread that called {@link NativeScene#run}, and may stop it. */
@FunctionalInterface
public interface RunListener {
    /**
     * Called when a stage begins and about ten times a second while it lasts. An exception stops the run and comes
     * out of {@link NativeScene#run}.
     *
     * @param stage what is being done, such as {@code decoding}
     * @param done  units of work done in this stage
     * @param total units of work of this stage
     * @return whether to go on; {@code false} cancels the run
     */
    boolean progress(String stage, long done, long total);
}
