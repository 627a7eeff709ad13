package org.esa.snap.core.datamodel;

/** From raw to geophysical values and back. */
public interface Scaling {
    double scale(double value);

    double scaleInverse(double value);
}
