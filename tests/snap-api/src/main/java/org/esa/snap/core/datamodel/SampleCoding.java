package org.esa.snap.core.datamodel;

/** Names for the values, or the bits, of a band: one attribute each. */
public class SampleCoding extends MetadataElement {
    public SampleCoding(String name) {
        super(name);
    }

    public MetadataAttribute addSample(String name, int value, String description) {
        return addSamples(name, new int[] {value}, description);
    }

    public MetadataAttribute addSamples(String name, int[] values, String description) {
        MetadataAttribute sample = new MetadataAttribute(name, ProductData.createUnsignedInstance(values), false);
        sample.setDescription(description);
        addAttribute(sample);
        return sample;
    }

    /** Does nothing: a coding has no child elements. */
    @Override
    public void addElement(MetadataElement element) {
    }

    @Override
    public void addAttribute(MetadataAttribute attribute) {
        if (containsAttribute(attribute.getName())) {
            throw new IllegalArgumentException("SampleCoding contains already an attribute with the name '"
                    + attribute.getName() + "'");
        }
        super.addAttribute(attribute);
    }

    public int getSampleCount() {
        return getNumAttributes();
    }

    public String getSampleName(int index) {
        return getAttributeAt(index).getName();
    }

    public int getSampleValue(int index) {
        return getAttributeAt(index).getData().getElemInt();
    }
}
