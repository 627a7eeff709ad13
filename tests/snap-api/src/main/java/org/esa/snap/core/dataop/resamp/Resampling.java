package org.esa.snap.core.dataop.resamp;

/** How heights between nodes are found. */
public interface Resampling {
    Resampling NEAREST_NEIGHBOUR = () -> "NEAREST_NEIGHBOUR";

    String getName();
}
