package org.esa.snap.core.datamodel;

/** A band made from an expression, which is not evaluated here. */
public class VirtualBand extends Band {
    private String expression;

    public VirtualBand(String name, int dataType, int rasterWidth, int rasterHeight, String expression) {
        super(name, dataType, rasterWidth, rasterHeight);
        this.expression = expression;
    }

    public String getExpression() {
        return expression;
    }

    public void setExpression(String expression) {
        this.expression = expression;
    }
}
