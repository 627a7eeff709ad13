package org.esa.snap.core.datamodel;

/** Names for the values of a class band. */
public class IndexCoding extends SampleCoding {
    public IndexCoding(String name) {
        super(name);
    }

    public MetadataAttribute getIndex(String name) {
        return getAttribute(name);
    }

    public String[] getIndexNames() {
        return getAttributeNames();
    }

    public MetadataAttribute addIndex(String name, int value, String description) {
        return addSamples(name, new int[] {value}, description);
    }

    public int getIndexValue(String name) {
        return getAttributeInt(name);
    }
}
