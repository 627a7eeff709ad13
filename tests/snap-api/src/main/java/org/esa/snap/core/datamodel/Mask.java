package org.esa.snap.core.datamodel;

import java.awt.Color;

/** A named, coloured set of pixels. */
public class Mask extends Band {
    private final ImageType imageType;
    private Color imageColor = Color.RED;
    private double imageTransparency = 0.5;
    private String expression;

    public Mask(String name, int width, int height, ImageType imageType) {
        super(name, ProductData.TYPE_UINT8, width, height);
        this.imageType = imageType;
    }

    public ImageType getImageType() {
        return imageType;
    }

    public Color getImageColor() {
        return imageColor;
    }

    public void setImageColor(Color color) {
        imageColor = color;
    }

    public double getImageTransparency() {
        return imageTransparency;
    }

    public void setImageTransparency(double transparency) {
        imageTransparency = transparency;
    }

    /** What makes a mask. */
    public abstract static class ImageType {
        private final String name;

        protected ImageType(String name) {
            this.name = name;
        }

        public String getName() {
            return name;
        }

        public boolean canTransferMask(Mask mask, Product product) {
            return false;
        }

        public Mask transferMask(Mask mask, Product product) {
            return null;
        }
    }

    /** A mask made by an expression. */
    public static class BandMathsType extends ImageType {
        public static final String TYPE_NAME = "Maths";
        public static final BandMathsType INSTANCE = new BandMathsType();

        private BandMathsType() {
            super(TYPE_NAME);
        }

        public static void setExpression(Mask mask, String expression) {
            mask.expression = expression;
        }

        public static String getExpression(Mask mask) {
            return mask.expression;
        }

        public static Mask create(String name, String description, int width, int height, String expression,
                                  Color color, double transparency) {
            Mask mask = new Mask(name, width, height, INSTANCE);
            mask.setDescription(description);
            mask.setImageColor(color);
            mask.setImageTransparency(transparency);
            setExpression(mask, expression);
            return mask;
        }

        /** When the product has every raster and flag of the expression. */
        @Override
        public boolean canTransferMask(Mask mask, Product product) {
            return mask.expression != null && MaskExpression.unknownNames(mask.expression, product).isEmpty();
        }

        @Override
        public Mask transferMask(Mask mask, Product product) {
            return canTransferMask(mask, product) ? product.addMask(mask.getName(), mask.expression,
                    mask.getDescription(), mask.imageColor, mask.imageTransparency) : null;
        }
    }
}
