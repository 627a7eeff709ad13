package org.esa.snap.core.datamodel;

/** Names for the bits of a flag band. */
public class FlagCoding extends SampleCoding {
    public FlagCoding(String name) {
        super(name);
    }

    public MetadataAttribute getFlag(String name) {
        return getAttribute(name);
    }

    public String[] getFlagNames() {
        return getAttributeNames();
    }

    public MetadataAttribute addFlag(String name, int flagMask, String description) {
        return addSamples(name, new int[] {flagMask}, description);
    }

    public int getFlagMask(String name) {
        return getAttributeInt(name);
    }
}
