package org.clearshore;

import java.util.List;

/** What a scene is, known before it is run. */
public final class SceneDescription {
    /** Name of the product, without {@code .SAFE}. */
    public String name;
    /** Path of the product; null for a scene of tiles. */
    public String location;
    /** Tile as in {@code T32TQR}; null where it is unknown. */
    public String tile;
    /** Processing baseline as in {@code 05.11}; null where it is unknown. */
    public String processingBaseline;
    /** The working grid. */
    public Grid grid;
    /** Bands that the detectors look at and that are there, as in {@code B02}: those that a scene of tiles must be given. */
    public List<String> usedBands;
    /**
     * Bands of which it matters which detector of the instrument looked where: those whose footprints a scene of tiles may
     * be given. None where no sun glint is predicted, for the wind that is known now.
     */
    public List<String> usedFootprints;
    /** Bands that the detectors would use and that are missing. */
    public List<String> missingBands;
}
