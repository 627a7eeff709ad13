package org.clearshore.snap;

import org.clearshore.FeedDescription;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.MetadataAttribute;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;

import java.awt.Rectangle;
import java.util.StringJoiner;

/** Source products in memory, as SNAP's reader of Sentinel-2 and its resampler make them. */
final class Sources {
    private static final String TYPE = "S2_MSI_Level-1C";
    private static final int ANGLE_STEP = 5000;

    private Sources() {
    }

    /** As it was read: bands in their own sizes, angles on the product's grid. */
    static Product multiSize(SceneData data) {
        int side = data.width * data.pixelSize / 10;
        Product product = new Product(data.name, TYPE, side, side);
        product.setSceneGeoCoding(UtmGeoCoding.of(data.epsg, data.easting, data.northing, 10));
        data.bands.forEach((name, numbers) -> {
            Band band = rawBand(name, numbers.nativeWidth, numbers.nativeDn, numbers.offset);
            double pixelSize = (double) data.width * data.pixelSize / numbers.nativeWidth;
            band.setGeoCoding(UtmGeoCoding.of(data.epsg, data.easting, data.northing, pixelSize));
            product.addBand(band);
            if (numbers.detectors != null) {
                Band footprint = new Band("B_detector_footprint_" + name, ProductData.TYPE_UINT8,
                        numbers.nativeWidth, numbers.nativeHeight);
                footprint.setRasterData(ProductData.createInstance(ProductData.TYPE_UINT8, numbers.detectors));
                footprint.setGeoCoding(band.getGeoCoding());
                product.addBand(footprint);
            }
        });
        addAngles(product, data, "sun_zenith", data.sunZenith);
        addAngles(product, data, "sun_azimuth", data.sunAzimuth);
        addAngles(product, data, "view_zenith_mean", data.viewZenith);
        addAngles(product, data, "view_azimuth_mean", data.viewAzimuth);
        addMetadata(product, data);
        product.setAutoGrouping("sun:view");
        return product;
    }

    /** As it was resampled to one size. */
    static Product singleSize(SceneData data) {
        Product product = new Product(data.name + "_resampled", TYPE, data.width, data.height);
        product.setSceneGeoCoding(UtmGeoCoding.of(data.epsg, data.easting, data.northing, data.pixelSize));
        data.bands.forEach((name, numbers) -> {
            product.addBand(rawBand(name, data.width, numbers.working, numbers.offset));
            if (numbers.detectors != null) {
                product.addBand("B_detector_footprint_" + name, ProductData.TYPE_UINT8)
                        .setRasterData(ProductData.createInstance(ProductData.TYPE_UINT8, nearest(numbers, data.width)));
            }
        });
        addResampledAngles(product, data, "sun_zenith", data.sunZenith);
        addResampledAngles(product, data, "sun_azimuth", data.sunAzimuth);
        addResampledAngles(product, data, "view_zenith_mean", data.viewZenith);
        addResampledAngles(product, data, "view_azimuth_mean", data.viewAzimuth);
        addMetadata(product, data);
        return product;
    }

    /** The detector at the centre of each pixel of another size. */
    private static byte[] nearest(SceneData.BandData band, int width) {
        byte[] detectors = new byte[width * width];
        for (int i = 0; i < detectors.length; i++) {
            int x = (2 * (i % width) + 1) * band.nativeWidth / (2 * width);
            int y = (2 * (i / width) + 1) * band.nativeHeight / (2 * width);
            detectors[i] = band.detectors[y * band.nativeWidth + x];
        }
        return detectors;
    }

    private static void addResampledAngles(Product product, SceneData data, String name, float[] angles) {
        Band band = product.addBand(name, ProductData.TYPE_FLOAT32);
        band.setUnit("deg");
        band.setSamples(region -> {
            float[] values = new float[region.width * region.height];
            for (int i = 0; i < values.length; i++) {
                values[i] = angleAt(data, angles, region.x + i % region.width, region.y + i / region.width);
            }
            return ProductData.createInstance(values);
        });
    }

    /** A part, cut by whole pixels. */
    static Product cut(Product source, SceneData data, Rectangle part) {
        Product product = new Product("subset_of_" + source.getName(), source.getProductType(), part.width, part.height);
        product.setSceneGeoCoding(UtmGeoCoding.of(data.epsg, data.easting + part.x * data.pixelSize,
                data.northing - part.y * data.pixelSize, data.pixelSize));
        for (Band band : source.getBands()) {
            Band copy = product.addBand(band.getName(), band.getDataType());
            copy.setScalingFactor(band.getScalingFactor());
            copy.setScalingOffset(band.getScalingOffset());
            copy.setSamples(region -> band.readSamples(
                    new Rectangle(region.x + part.x, region.y + part.y, region.width, region.height)));
        }
        return product;
    }

    static Band rawBand(String name, int side, short[] dn, int offset) {
        Band band = new Band(name, ProductData.TYPE_UINT16, side, dn.length / side);
        band.setRasterData(ProductData.createInstance(ProductData.TYPE_UINT16, dn));
        band.setScalingFactor(1e-4);
        band.setScalingOffset(offset * 1e-4);
        band.setUnit("dl");
        band.setValidPixelExpression(name + ".raw > 0");
        return band;
    }

    private static void addAngles(Product product, SceneData data, String name, float[] values) {
        Band band = new Band(name, ProductData.TYPE_FLOAT32, values.length / data.sunRows, data.sunRows);
        band.setRasterData(ProductData.createInstance(values));
        band.setUnit("deg");
        band.setNoDataValue(Double.NaN);
        band.setNoDataValueUsed(true);
        band.setGeoCoding(UtmGeoCoding.of(data.epsg, data.easting, data.northing, ANGLE_STEP));
        product.addBand(band);
    }

    /** Bilinear between the points of the product's grid, as SNAP's resampling has it. */
    private static float angleAt(SceneData data, float[] angles, int x, int y) {
        int columns = angles.length / data.sunRows;
        double column = (x + 0.5) * data.pixelSize / ANGLE_STEP;
        double row = (y + 0.5) * data.pixelSize / ANGLE_STEP;
        int left = Math.min((int) column, columns - 2);
        int top = Math.min((int) row, data.sunRows - 2);
        double east = column - left;
        double south = row - top;
        int point = top * columns + left;
        return (float) ((1 - south) * ((1 - east) * angles[point] + east * angles[point + 1])
                + south * ((1 - east) * angles[point + columns] + east * angles[point + columns + 1]));
    }

    /** The metadata that the operator reads, at the places where SNAP's reader puts it. */
    static void addMetadata(Product product, SceneData data) {
        MetadataElement general = child(child(product.getMetadataRoot(), "Level-1C_User_Product"), "General_Info");
        text(child(general, "Product_Info"), "PRODUCT_URI", data.name + ".SAFE");
        MetadataElement image = child(general, "Product_Image_Characteristics");
        text(image, "QUANTIFICATION_VALUE", "10000");
        special(image, "NODATA", "0");
        special(image, "SATURATED", "65535");
        MetadataElement offsets = child(image, "Radiometric_Offset_List");
        for (String name : L1cMetadata.BANDS) {
            SceneData.BandData band = data.bands.get(name);
            text(offsets, "RADIO_ADD_OFFSET", String.valueOf(band == null ? -1000 : band.offset));
        }
        MetadataElement granules = child(product.getMetadataRoot(), "Granules");
        MetadataElement granule = child(granules, "Level-1C_Tile_" + data.tile.substring(1));
        text(child(granule, "General_Info"), "TILE_ID",
                "S2A_OPER_MSI_L1C_TL_2APS_20240601T120000_A046712_" + data.tile + "_N05.10");
        MetadataElement geometry = child(granule, "Geometric_Info");
        text(child(geometry, "Tile_Geocoding"), "HORIZONTAL_CS_CODE", "EPSG:" + data.epsg);
        MetadataElement position = child(geometry.getElement("Tile_Geocoding"), "Geoposition");
        text(position, "ULX", String.valueOf(data.easting));
        text(position, "ULY", String.valueOf(data.northing));
        MetadataElement angles = child(geometry, "Tile_Angles");
        for (FeedDescription.View view : data.views) {
            MetadataElement grid = child(angles, "Viewing_Incidence_Angles_Grids");
            text(grid, "bandId", String.valueOf(L1cMetadata.BANDS.indexOf(L1cMetadata.snapName(view.band))));
            text(grid, "detectorId", String.valueOf(view.detector));
            addGrid(child(grid, "Zenith"), view, view.zenith);
            addGrid(child(grid, "Azimuth"), view, view.azimuth);
        }
        MetadataElement sun = child(angles, "Mean_Sun_Angle");
        text(sun, "ZENITH_ANGLE", String.valueOf(data.meanSun[0]));
        text(sun, "AZIMUTH_ANGLE", String.valueOf(data.meanSun[1]));
        MetadataElement quality = child(child(granule, "Quality_Indicators_Info"), "Image_Content_QI");
        text(quality, "DEGRADED_MSI_DATA_PERCENTAGE", "0.0");
    }

    private static void addGrid(MetadataElement element, FeedDescription.View view, float[] values) {
        text(element, "COL_STEP", String.valueOf(view.columnStep));
        text(element, "ROW_STEP", String.valueOf(view.rowStep));
        MetadataElement list = child(element, "Values_List");
        for (int row = 0; row < view.rows; row++) {
            StringJoiner line = new StringJoiner(" ");
            for (int column = 0; column < view.columns; column++) {
                line.add(String.valueOf(values[row * view.columns + column]));
            }
            text(list, "VALUES", line.toString());
        }
    }

    private static void special(MetadataElement image, String text, String index) {
        MetadataElement special = child(image, "Special_Values");
        text(special, "SPECIAL_VALUE_TEXT", text);
        text(special, "SPECIAL_VALUE_INDEX", index);
    }

    private static MetadataElement child(MetadataElement parent, String name) {
        MetadataElement child = new MetadataElement(name);
        parent.addElement(child);
        return child;
    }

    private static void text(MetadataElement element, String name, String value) {
        element.addAttribute(new MetadataAttribute(name, ProductData.createInstance(value), false));
    }
}
