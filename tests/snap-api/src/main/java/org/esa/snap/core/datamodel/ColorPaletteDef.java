package org.esa.snap.core.datamodel;

import java.awt.Color;

/** Colours for samples. */
public class ColorPaletteDef {
    private final Point[] points;

    public ColorPaletteDef(Point[] points) {
        this(points, points.length);
    }

    public ColorPaletteDef(Point[] points, int numColors) {
        this.points = points.clone();
    }

    public int getNumPoints() {
        return points.length;
    }

    public Point getPointAt(int index) {
        return points[index];
    }

    public Point[] getPoints() {
        return points.clone();
    }

    /** The colour of one sample. */
    public static class Point {
        private final double sample;
        private final Color color;
        private final String label;

        public Point(double sample, Color color) {
            this(sample, color, "");
        }

        public Point(double sample, Color color, String label) {
            this.sample = sample;
            this.color = color;
            this.label = label;
        }

        public double getSample() {
            return sample;
        }

        public Color getColor() {
            return color;
        }

        public String getLabel() {
            return label;
        }
    }
}
