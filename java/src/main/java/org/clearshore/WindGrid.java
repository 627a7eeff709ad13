package org.clearshore;

/**
 * Wind 10 m above the ground at the nodes of a lattice, row by row from the north. NaN where it is not known.
 *
 * <p>Distances are metres from the upper-left corner of the scene's grid ({@link SceneDescription#grid}).
 */
public final class WindGrid {
    /** Rows and columns. */
    public int rows;
    public int columns;
    /** How far node (0, 0) lies below and right of the corner, metres. */
    public double firstRow;
    public double firstColumn;
    /** Distance between nodes, metres. */
    public double rowStep;
    public double columnStep;
    /** Speeds toward the east and the north, m/s. */
    public float[] eastward;
    public float[] northward;
}
