package org.esa.snap.core.datamodel;

/** A node with values. */
public abstract class DataNode extends ProductNode {
    private final int dataType;
    private ProductData data;
    private String unit;

    public DataNode(String name, int dataType, long numElems) {
        super(name);
        this.dataType = dataType;
    }

    public DataNode(String name, ProductData data, boolean readOnly) {
        super(name);
        dataType = data.getType();
        this.data = data;
    }

    public int getDataType() {
        return dataType;
    }

    public boolean isFloatingPointType() {
        return ProductData.isFloatingPointType(dataType);
    }

    public void setData(ProductData data) {
        if (data != null && data.getType() != dataType) {
            throw new IllegalArgumentException(getName() + ": data of type " + data.getTypeString()
                    + " instead of " + ProductData.getTypeString(dataType));
        }
        this.data = data;
        setModified(true);
    }

    public ProductData getData() {
        return data;
    }

    /** Wraps the array in the node's own type. */
    public void setDataElems(Object elems) {
        setData(ProductData.createInstance(dataType, elems));
    }

    public Object getDataElems() {
        return data == null ? null : data.getElems();
    }

    public void setUnit(String unit) {
        this.unit = unit;
        setModified(true);
    }

    public String getUnit() {
        return unit;
    }
}
