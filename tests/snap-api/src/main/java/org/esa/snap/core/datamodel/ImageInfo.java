package org.esa.snap.core.datamodel;

/** How a raster is shown. */
public class ImageInfo {
    private final ColorPaletteDef colorPaletteDef;

    public ImageInfo(ColorPaletteDef colorPaletteDef) {
        this.colorPaletteDef = colorPaletteDef;
    }

    public ColorPaletteDef getColorPaletteDef() {
        return colorPaletteDef;
    }
}
