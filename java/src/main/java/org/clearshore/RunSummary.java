package org.clearshore;

import java.util.List;

/** What a run found, in numbers. */
public final class RunSummary {
    /** Version of the library. */
    public String version;
    /** Where pixels came from: {@code product} or {@code tiles}. */
    public String source;
    /** File or folder of the elevation model; null where there was none. */
    public String dem;
    /** Cells that it lacks and on which relief shadow depends. */
    public List<String> demMissing;
    /** What sun glint was predicted with; null where none matters, where it is not known, or where nobody asked. */
    public Glint glint;
    /** Which learned model looked at the scene; null where the physics decided alone. */
    public Model model;
    /** What the user should know, one sentence each. */
    public List<String> warnings;
    /** Share of every flag, in the order of the flag table. */
    public List<FlagShare> flags;

    /** What sun glint was predicted with. */
    public static final class Glint {
        /** Wind speed in the middle of the scene, m/s. */
        public double windSpeed;
        /** Azimuth from true north that it comes from, degrees; null where waves are taken for alike in all directions. */
        public Double windDirection;
        /** Who says so: {@code parameters}, {@code product} (its forecast) or {@code assumed}. */
        public String windSource;
        /**
         * How directions to the sensor were found: {@code detectors} (by footprints), {@code nearestDetectors} or
         * {@code mean} (of all detectors).
         */
        public String viewingAngles;
    }

    /** A learned model. */
    public static final class Model {
        /** Its id. */
        public String id;
        /** Version of its weights. */
        public String version;
        /** Probability above which cloud is cloud; null where the most probable class counts. */
        public Double threshold;
        /** Pixel size on which it looked, metres. */
        public double pixelSize;
    }

    /** How many pixels have a flag. */
    public static final class FlagShare {
        /** Name of the flag. */
        public String name;
        /** Pixels that have it. */
        public long pixels;
        /** Share of the valid pixels (of all pixels for CS_INVALID), 0 to 1. */
        public double share;
    }
}
