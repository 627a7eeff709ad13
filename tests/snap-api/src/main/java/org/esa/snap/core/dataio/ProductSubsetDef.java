package org.esa.snap.core.dataio;

import java.awt.Rectangle;

/** Which part of a product is read. */
public class ProductSubsetDef {
    private Rectangle region;
    private int subSamplingX = 1;
    private int subSamplingY = 1;

    public ProductSubsetDef() {
    }

    /** In pixels of the product, or null for all. */
    public Rectangle getRegion() {
        return region == null ? null : new Rectangle(region);
    }

    public void setRegion(Rectangle region) {
        this.region = region == null ? null : new Rectangle(region);
    }

    public void setSubSampling(int subSamplingX, int subSamplingY) {
        this.subSamplingX = subSamplingX;
        this.subSamplingY = subSamplingY;
    }

    public int getSubSamplingX() {
        return subSamplingX;
    }

    public int getSubSamplingY() {
        return subSamplingY;
    }
}
