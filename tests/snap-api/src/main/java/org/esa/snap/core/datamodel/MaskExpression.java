package org.esa.snap.core.datamodel;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names in an expression, which is not evaluated here. */
final class MaskExpression {
    private static final Pattern NAME = Pattern.compile("\\b([A-Za-z_]\\w*)(?:\\.(\\w+))?\\b(?!\\s*\\()");
    private static final Set<String> WORDS = Set.of("and", "or", "not", "true", "false", "nan", "pi", "e", "x", "y");

    private MaskExpression() {
    }

    /** Names that are neither a raster of the product nor a flag of one. */
    static List<String> unknownNames(String expression, Product product) {
        List<String> unknown = new ArrayList<>();
        Matcher names = NAME.matcher(expression);
        while (names.find()) {
            RasterDataNode raster = product.getRasterDataNode(names.group(1));
            if (raster == null ? !WORDS.contains(names.group(1).toLowerCase()) : !has(raster, names.group(2))) {
                unknown.add(names.group());
            }
        }
        return unknown;
    }

    static Set<RasterDataNode> rasters(String expression, Product product) {
        Set<RasterDataNode> rasters = new LinkedHashSet<>();
        Matcher names = NAME.matcher(expression);
        while (names.find()) {
            RasterDataNode raster = product.getRasterDataNode(names.group(1));
            if (raster != null) {
                rasters.add(raster);
            }
        }
        return rasters;
    }

    private static boolean has(RasterDataNode raster, String part) {
        return part == null || part.equals("raw")
                || raster instanceof Band && ((Band) raster).isFlagBand()
                && ((Band) raster).getFlagCoding().getFlag(part) != null;
    }
}
