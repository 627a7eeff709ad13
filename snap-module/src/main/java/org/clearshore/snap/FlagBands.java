package org.clearshore.snap;

import org.clearshore.Tables;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.ColorPaletteDef;
import org.esa.snap.core.datamodel.FlagCoding;
import org.esa.snap.core.datamodel.ImageInfo;
import org.esa.snap.core.datamodel.IndexCoding;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;

/** The operator's own bands with their codings and masks, as the native library's tables say. */
final class FlagBands {
    private static final double TRANSPARENCY = 0.5;

    private final Tables tables;
    private final boolean evidence;
    private final boolean features;

    FlagBands(Tables tables, boolean evidence, boolean features) {
        this.tables = tables;
        this.evidence = evidence;
        this.features = features;
    }

    /** Names that the target must not have yet. */
    List<String> names() {
        List<String> names = new ArrayList<>(List.of(tables.flagBand, tables.classBand));
        tables.flags.forEach(flag -> names.add(flag.name));
        if (evidence) {
            names.add(tables.evidenceBand);
        }
        if (features) {
            tables.features.forEach(feature -> names.add(feature.name));
        }
        return names;
    }

    void addTo(Product target) {
        addFlags(target, tables.flagBand, "Clear-pixel flags", tables.flags);
        for (Tables.Flag flag : tables.flags) {
            target.addMask(flag.name, tables.flagBand + "." + flag.name, flag.meaning, colour(flag.colour),
                    TRANSPARENCY);
        }
        addClasses(target);
        if (features) {
            for (Tables.Feature feature : tables.features) {
                Band band = target.addBand(feature.name, ProductData.TYPE_FLOAT32);
                band.setDescription(feature.meaning);
                band.setUnit("dl");
                band.setNoDataValue(Double.NaN);
                band.setNoDataValueUsed(true);
            }
        }
        if (evidence) {
            addFlags(target, tables.evidenceBand, "Why flags were set", tables.evidence);
        }
    }

    private static void addFlags(Product target, String name, String description, List<Tables.Flag> flags) {
        FlagCoding coding = new FlagCoding(name);
        coding.setDescription(description);
        flags.forEach(flag -> coding.addFlag(flag.name, 1 << flag.bit, flag.meaning));
        target.getFlagCodingGroup().add(coding);
        Band band = target.addBand(name, ProductData.TYPE_INT32);
        band.setDescription(description);
        band.setSampleCoding(coding);
    }

    private void addClasses(Product target) {
        IndexCoding coding = new IndexCoding(tables.classBand);
        coding.setDescription("One class a pixel");
        List<ColorPaletteDef.Point> points = new ArrayList<>();
        for (Tables.SceneClass sceneClass : tables.classes) {
            coding.addIndex(sceneClass.name, sceneClass.value, sceneClass.meaning);
            points.add(new ColorPaletteDef.Point(sceneClass.value, colour(sceneClass.colour), sceneClass.name));
        }
        target.getIndexCodingGroup().add(coding);
        Band band = target.addBand(tables.classBand, ProductData.TYPE_UINT8);
        band.setDescription(coding.getDescription());
        band.setSampleCoding(coding);
        ColorPaletteDef palette = new ColorPaletteDef(points.toArray(new ColorPaletteDef.Point[0]), points.size());
        band.setImageInfo(new ImageInfo(palette));
    }

    private static Color colour(int[] rgb) {
        return new Color(rgb[0], rgb[1], rgb[2]);
    }
}
