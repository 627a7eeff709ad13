package org.clearshore.snap;

import org.esa.snap.core.datamodel.MetadataAttribute;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.datamodel.Product;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What SNAP's reader keeps of the metadata of a Level-1C product. Every answer may be null: products lose metadata. */
final class L1cMetadata {
    /** Names that SNAP gives the bands, in the order in which the metadata lists numbers per band. */
    static final List<String> BANDS = List.of(
            "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9", "B10", "B11", "B12");

    private static final String PRODUCT = "Level-1C_User_Product";
    private static final Pattern TILE = Pattern.compile("(?:^|_)(T\\d{2}[A-Z]{3})(?:_|$)");

    private final MetadataElement product;
    private final List<MetadataElement> granules;

    private L1cMetadata(MetadataElement product, MetadataElement granules) {
        this.product = product;
        this.granules = granules == null ? List.of() : Arrays.asList(granules.getElements());
    }

    static L1cMetadata of(Product source) {
        MetadataElement root = source.getMetadataRoot();
        return new L1cMetadata(root.getElement(PRODUCT), root.getElement("Granules"));
    }

    /** SNAP's name of a band, as in {@code B2} for {@code B02}. */
    static String snapName(String band) {
        return band.replaceFirst("^B0", "B");
    }

    /** Whether the product's own metadata is there. */
    boolean isPresent() {
        return product != null;
    }

    /** PRODUCT_URI without {@code .SAFE}. */
    String productName() {
        String uri = text(product, "PRODUCT_URI", "General_Info", "Product_Info");
        return uri == null ? null : uri.replaceFirst("\\.SAFE$", "");
    }

    /** The tiles, as in {@code T32TQR}; more than one where the product is a mosaic of granules. */
    List<String> tiles() {
        List<String> tiles = new ArrayList<>();
        for (MetadataElement granule : granules) {
            String identifier = text(granule, "TILE_ID", "General_Info");
            Matcher tile = TILE.matcher(identifier == null ? "" : identifier);
            if (tile.find()) {
                tiles.add(tile.group(1));
            }
        }
        return tiles;
    }

    /** EPSG code of the UTM zone. */
    Integer epsg() {
        for (MetadataElement granule : granules) {
            String code = text(granule, "HORIZONTAL_CS_CODE", "Geometric_Info", "Tile_Geocoding");
            if (code != null && code.matches("EPSG:\\d{5}")) {
                return Integer.valueOf(code.substring("EPSG:".length()));
            }
        }
        return null;
    }

    /** QUANTIFICATION_VALUE. */
    Double quantification() {
        return number(text(product, "QUANTIFICATION_VALUE", "General_Info", "Product_Image_Characteristics"));
    }

    /** RADIO_ADD_OFFSET of a band of {@link #BANDS}. */
    Integer offset(String band) {
        MetadataElement list = element(
                product, "General_Info", "Product_Image_Characteristics", "Radiometric_Offset_List");
        if (list == null) {
            return null;
        }
        List<Double> offsets = new ArrayList<>();
        for (MetadataAttribute attribute : list.getAttributes()) {
            if (attribute.getName().equals("RADIO_ADD_OFFSET")) {
                offsets.add(number(attribute.getData().getElemString()));
            }
        }
        Double offset = offsets.size() == BANDS.size() ? offsets.get(BANDS.indexOf(band)) : null;
        return offset == null ? null : (int) Math.round(offset);
    }

    /** Special value SATURATED. */
    Integer saturatedDn() {
        MetadataElement image = element(product, "General_Info", "Product_Image_Characteristics");
        if (image != null) {
            for (MetadataElement special : image.getElements()) {
                if ("SATURATED".equals(text(special, "SPECIAL_VALUE_TEXT"))) {
                    Double value = number(text(special, "SPECIAL_VALUE_INDEX"));
                    return value == null ? null : (int) Math.round(value);
                }
            }
        }
        return null;
    }

    /** Mean sun zenith and azimuth, degrees, of the only granule. */
    double[] meanSun() {
        if (granules.size() != 1) {
            return null;
        }
        String[] path = {"Geometric_Info", "Tile_Angles", "Mean_Sun_Angle"};
        Double zenith = number(text(granules.get(0), "ZENITH_ANGLE", path));
        Double azimuth = number(text(granules.get(0), "AZIMUTH_ANGLE", path));
        return zenith == null || azimuth == null ? null : new double[]{zenith, azimuth};
    }

    /** The directions to sun and sensor of the only granule. */
    MetadataElement tileAngles() {
        return granules.size() == 1 ? element(granules.get(0), "Geometric_Info", "Tile_Angles") : null;
    }

    /** Easting and northing of the outer upper-left corner of the only granule's tile. */
    double[] corner() {
        if (granules.size() != 1) {
            return null;
        }
        String[] path = {"Geometric_Info", "Tile_Geocoding", "Geoposition"};
        Double easting = number(text(granules.get(0), "ULX", path));
        Double northing = number(text(granules.get(0), "ULY", path));
        return easting == null || northing == null ? null : new double[]{easting, northing};
    }

    /** Whether the metadata says that no data was degraded, so that quality masks need not be looked at. */
    boolean isUndegraded() {
        return !granules.isEmpty() && granules.stream().allMatch(granule -> {
            Double percentage = number(text(
                    granule, "DEGRADED_MSI_DATA_PERCENTAGE", "Quality_Indicators_Info", "Image_Content_QI"));
            return percentage != null && percentage == 0;
        });
    }

    private static MetadataElement element(MetadataElement from, String... path) {
        MetadataElement element = from;
        for (String name : path) {
            element = element == null ? null : element.getElement(name);
        }
        return element;
    }

    private static String text(MetadataElement from, String attribute, String... path) {
        MetadataElement element = element(from, path);
        String text = element == null ? null : element.getAttributeString(attribute, null);
        return text == null || text.isBlank() ? null : text.trim();
    }

    static Double number(String text) {
        try {
            return text == null ? null : Double.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
