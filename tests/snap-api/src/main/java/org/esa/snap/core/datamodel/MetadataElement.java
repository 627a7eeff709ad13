package org.esa.snap.core.datamodel;

import java.util.ArrayList;
import java.util.List;

/** A node of the metadata tree: child elements and attributes, each in the order of their adding. */
public class MetadataElement extends ProductNode {
    private final List<MetadataElement> elements = new ArrayList<>();
    private final List<MetadataAttribute> attributes = new ArrayList<>();

    public MetadataElement(String name) {
        super(name);
    }

    public MetadataElement getParentElement() {
        return getOwner() instanceof MetadataElement ? (MetadataElement) getOwner() : null;
    }

    public void addElement(MetadataElement element) {
        addElementAt(element, elements.size());
    }

    public void addElementAt(MetadataElement element, int index) {
        elements.add(index, element);
        element.setOwner(this);
        setModified(true);
    }

    public boolean removeElement(MetadataElement element) {
        return elements.remove(element);
    }

    public int getNumElements() {
        return elements.size();
    }

    public MetadataElement getElementAt(int index) {
        return elements.get(index);
    }

    public String[] getElementNames() {
        return elements.stream().map(ProductNode::getName).toArray(String[]::new);
    }

    public MetadataElement[] getElements() {
        return elements.toArray(new MetadataElement[0]);
    }

    /** The first child of the name, whatever its case, or null. */
    public MetadataElement getElement(String name) {
        return first(elements, name);
    }

    public boolean containsElement(String name) {
        return getElement(name) != null;
    }

    public void addAttribute(MetadataAttribute attribute) {
        attributes.add(attribute);
        attribute.setOwner(this);
        setModified(true);
    }

    public boolean removeAttribute(MetadataAttribute attribute) {
        return attributes.remove(attribute);
    }

    public int getNumAttributes() {
        return attributes.size();
    }

    public MetadataAttribute getAttributeAt(int index) {
        return attributes.get(index);
    }

    public String[] getAttributeNames() {
        return attributes.stream().map(ProductNode::getName).toArray(String[]::new);
    }

    public MetadataAttribute[] getAttributes() {
        return attributes.toArray(new MetadataAttribute[0]);
    }

    /** The first attribute of the name, whatever its case, or null. */
    public MetadataAttribute getAttribute(String name) {
        return first(attributes, name);
    }

    public boolean containsAttribute(String name) {
        return getAttribute(name) != null;
    }

    public double getAttributeDouble(String name, double defaultValue) {
        MetadataAttribute attribute = getAttribute(name);
        if (attribute == null) {
            return defaultValue;
        }
        ProductData data = attribute.getData();
        return attribute.getDataType() == ProductData.TYPE_ASCII
                ? Double.parseDouble(data.getElemString()) : data.getElemDouble();
    }

    public double getAttributeDouble(String name) {
        require(name);
        return getAttributeDouble(name, 0);
    }

    public int getAttributeInt(String name, int defaultValue) {
        MetadataAttribute attribute = getAttribute(name);
        if (attribute == null) {
            return defaultValue;
        }
        ProductData data = attribute.getData();
        return attribute.getDataType() == ProductData.TYPE_ASCII
                ? Integer.parseInt(data.getElemString()) : data.getElemInt();
    }

    public int getAttributeInt(String name) {
        require(name);
        return getAttributeInt(name, 0);
    }

    public String getAttributeString(String name) {
        require(name);
        return getAttributeString(name, null);
    }

    public String getAttributeString(String name, String defaultValue) {
        MetadataAttribute attribute = getAttribute(name);
        return attribute == null ? defaultValue : attribute.getData().getElemString();
    }

    public void setAttributeInt(String name, int value) {
        getOrAdd(name, ProductData.TYPE_INT32).getData().setElemInt(value);
    }

    public void setAttributeDouble(String name, double value) {
        getOrAdd(name, ProductData.TYPE_FLOAT64).getData().setElemDouble(value);
    }

    public void setAttributeString(String name, String value) {
        getOrAdd(name, ProductData.TYPE_ASCII).getData().setElems(value);
    }

    public MetadataElement createDeepClone() {
        MetadataElement clone = new MetadataElement(getName());
        clone.setDescription(getDescription());
        attributes.forEach(attribute -> clone.addAttribute(attribute.createDeepClone()));
        elements.forEach(element -> clone.addElement(element.createDeepClone()));
        return clone;
    }

    @Override
    public void setModified(boolean modified) {
        super.setModified(modified);
        if (!modified) {
            elements.forEach(element -> element.setModified(false));
            attributes.forEach(attribute -> attribute.setModified(false));
        }
    }

    private MetadataAttribute getOrAdd(String name, int type) {
        MetadataAttribute attribute = getAttribute(name);
        if (attribute == null) {
            attribute = new MetadataAttribute(name, ProductData.createInstance(type, 1), false);
            addAttribute(attribute);
        }
        return attribute;
    }

    private void require(String name) {
        if (!containsAttribute(name)) {
            throw new IllegalArgumentException("Metadata attribute '" + name + "' not found");
        }
    }

    private static <T extends ProductNode> T first(List<T> nodes, String name) {
        return nodes.stream().filter(node -> node.getName().equalsIgnoreCase(name)).findFirst().orElse(null);
    }
}
