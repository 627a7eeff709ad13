package org.clearshore;

/** Hears how far a run is, on the thread that called {@link NativeScene#run}, and may stop it. */
@FunctionalInterface
public interface RunListener {
    /**
     * Called about twenty times a second while a run lasts; one that is done sooner may never call. An exception stops
     * the run and comes out of {@link NativeScene#run}.
     *
     * @param stage what is being done, such as {@code decoding}
     * @param done  units of work done in this stage
     * @param total units of work of this stage
     * @return whether to go on; {@code false} cancels the run
     */
    boolean progress(String stage, long done, long total);

    /**
     * Called, on the same thread, when a run needs rectangles of a band's own raster, whose caller announced
     * {@link FeedDescription#givesOnRequest}. They are to be given by {@link NativeScene#putDn} or
     * {@link NativeScene#putReflectance}, each by one call, from any threads, before this returns. An exception stops the
     * run and comes out of {@link NativeScene#run}.
     *
     * @param band       the band, as in {@code B08}
     * @param rectangles first column, first row, columns and rows of one rectangle after the other
     */
    default void give(String band, int[] rectangles) {
        throw new UnsupportedOperationException("The run asks for pixels of " + band + ", and nobody gives them.");
    }
}
