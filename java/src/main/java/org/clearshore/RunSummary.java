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
    /** What the user should know, one sentence each. */
    public List<String> warnings;
    /** Share of every flag, in the order of the flag table. */
    public List<FlagShare> flags;

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
