package org.esa.snap.core.datamodel;

/** A value of the metadata tree. */
public class MetadataAttribute extends DataNode {
    public MetadataAttribute(String name, ProductData data, boolean readOnly) {
        super(name, data, readOnly);
    }

    public MetadataElement getParentElement() {
        return (MetadataElement) getOwner();
    }

    public MetadataAttribute createDeepClone() {
        MetadataAttribute clone = new MetadataAttribute(getName(), getData().createDeepClone(), false);
        clone.setDescription(getDescription());
        clone.setUnit(getUnit());
        return clone;
    }
}
