package org.clearshore;

import java.util.List;

/** The parameters, flags, evidence bits, classes and features, as the native library has them: the one source of all. */
public final class Tables {
    /** Version of the library. */
    public String version;
    /** Name of the flag band. */
    public String flagBand;
    /** Name of the evidence band. */
    public String evidenceBand;
    /** Name of the class band. */
    public String classBand;
    /** All parameters, in the order of dialogs. */
    public List<Parameter> parameters;
    /** All flags, by bit. */
    public List<Flag> flags;
    /** All evidence bits, by bit. */
    public List<Flag> evidence;
    /** All classes, by value. */
    public List<SceneClass> classes;
    /** All feature bands. */
    public List<Feature> features;

    /** A parameter. */
    public static final class Parameter {
        /** Name in camelCase. */
        public String name;
        /** Short label. */
        public String label;
        /** {@code everywhere}, {@code program} or {@code operator}. */
        public String scope;
        /** {@code choice}, {@code number}, {@code count}, {@code switch} or {@code file}. */
        public String kind;
        /** Values of a choice; null for the others. */
        public List<String> values;
        /** Smallest value of a number or count; null for the others. */
        public Double min;
        /** Largest value of a number or count; null for the others. */
        public Double max;
        /** Default as text; empty when there is none. */
        public String defaultValue;
        /** Unit; empty when there is none. */
        public String unit;
        /** What values it takes, in words. */
        public String range;
        /** One or two sentences for the user. */
        public String description;
    }

    /** A flag or evidence bit. */
    public static final class Flag {
        /** Name in products. */
        public String name;
        /** Bit number. */
        public int bit;
        /** What it means to the user. */
        public String meaning;
        /** Red, green, blue, 0 to 255; null for evidence. */
        public int[] colour;
    }

    /** A class. */
    public static final class SceneClass {
        /** Name in products. */
        public String name;
        /** Value. */
        public int value;
        /** What it means to the user. */
        public String meaning;
        /** Red, green, blue, 0 to 255. */
        public int[] colour;
    }

    /** A feature band. */
    public static final class Feature {
        /** Name of the band. */
        public String name;
        /** What it is. */
        public String meaning;
    }
}
