package org.clearshore.snap;

import org.clearshore.FeedDescription;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.gpf.OperatorException;

/** Describes a source product to the native library, which then says what it wants of it. */
final class Feeding {
    private Feeding() {
    }

    /**
     * Describes everything but the directions to sun and sensor.
     *
     * @param grid     the working grid
     * @param metadata what is known of the product that the source is from
     */
    static FeedDescription describe(Product source, SourceGrid grid, L1cMetadata metadata) {
        FeedDescription description = new FeedDescription();
        description.name = source.getName();
        description.epsg = metadata.epsg();
        description.easting = grid.easting;
        description.northing = grid.northing;
        description.pixelSize = grid.pixelSize;
        description.width = grid.width;
        description.height = grid.height;
        description.corners = grid.corners();
        description.saturatedDn = metadata.saturatedDn();
        description.meanSun = metadata.meanSun();
        description.givesOnRequest = true;
        for (String name : L1cMetadata.BANDS) {
            Band band = source.getBand(name);
            if (band != null) {
                description.bands.add(describe(band, grid, metadata));
            }
        }
        return description;
    }

    /** Whether a band holds raw numbers; otherwise it holds reflectance. */
    static boolean isRaw(Band band) {
        return band.getDataType() == ProductData.TYPE_UINT16;
    }

    private static FeedDescription.Band describe(Band band, SourceGrid grid, L1cMetadata metadata) {
        SourceGrid raster = SourceGrid.of(band);
        if (!raster.covers(grid)) {
            throw new OperatorException("Band " + band.getName() + " covers other ground (" + raster
                    + ") than the flags would (" + grid + "). Cut subsets at multiples of 60 m, or run Clearshore "
                    + "before Subset.");
        }
        FeedDescription.Band described = new FeedDescription.Band();
        described.name = band.getName();
        described.width = band.getRasterWidth();
        described.height = band.getRasterHeight();
        if (isRaw(band)) {
            describeRaw(described, band, metadata);
        } else if (ProductData.isFloatingPointType(band.getDataType())) {
            described.kind = "reflectance";
        } else {
            throw new OperatorException("Band " + band.getName() + " has numbers of type "
                    + ProductData.getTypeString(band.getDataType())
                    + "; Clearshore takes raw numbers (uint16) or reflectance (float32 or float64).");
        }
        return described;
    }

    /** How raw numbers become reflectance: as the metadata says; where that is lost, as the band's scaling says. */
    private static void describeRaw(FeedDescription.Band described, Band band, L1cMetadata metadata) {
        described.kind = "dn";
        Double quantification = metadata.quantification();
        Integer offset = metadata.offset(band.getName());
        if (quantification == null && band.getScalingFactor() != 1) {
            quantification = (double) Math.round(1 / band.getScalingFactor());
        }
        if (offset == null) {
            offset = (int) Math.round(band.getScalingOffset() / band.getScalingFactor());
        }
        described.quantification = quantification;
        described.offset = offset;
    }
}
