package org.clearshore.snap;

import org.clearshore.NativeLibrary;
import org.clearshore.Tables;
import org.clearshore.snapapi.OperatorDriver;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.ColorPaletteDef;
import org.esa.snap.core.datamodel.Mask;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.datamodel.TiePointGrid;
import org.esa.snap.core.datamodel.VirtualBand;
import org.junit.jupiter.api.Test;

import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The shape of the target product, per kind of source and option. No pixel is looked at. */
class TargetProductTest {

    @Test
    void aSourceOfSeveralSizesGivesFlagsOnTheTilesGrid() throws Exception {
        Product source = Sources.multiSize(SceneData.made(20));
        source.setStartTime(ProductData.UTC.parse("2024-06-01T10:10:31", "yyyy-MM-dd'T'HH:mm:ss"));
        for (int resolution : new int[]{10, 20, 60}) {
            try (OperatorDriver driver = Drive.of(source, "resolution", resolution)) {
                Product target = driver.target();
                assertEquals(2400 / resolution, target.getSceneRasterWidth());
                assertEquals(2400 / resolution, target.getSceneRasterHeight());
                assertEquals(resolution, SourceGrid.of(target).pixelSize);
                assertEquals(600_000, SourceGrid.of(target).easting);
                assertEquals(source.getName() + "_Clearshore", target.getName());
                assertEquals("Clearshore", target.getProductType());
                assertArrayEquals(new String[]{"clearshore_flags", "clearshore_class"}, target.getBandNames());
                assertFalse(target.isMultiSize());
                assertEquals(source.getStartTime().getAsDate(), target.getStartTime().getAsDate());
                assertNotNull(target.getMetadataRoot().getElement("Level-1C_User_Product"));
            }
        }
    }

    @Test
    void aSourceOfOneSizeIsCopied() {
        SceneData data = SceneData.made(60);
        Product source = Sources.singleSize(data);
        source.addTiePointGrid(new TiePointGrid("tco3", 2, 2, 0, 0, 20, 20, new float[4]));
        source.addBand(new VirtualBand("ndvi", ProductData.TYPE_FLOAT32, 40, 40, "(B8 - B4) / (B8 + B4)"));
        source.addMask("bright", "B2 > 0.3", "bright", Color.RED, 0.5);
        source.setDescription("a scene");
        source.setPreferredTileSize(16, 16);
        source.setAutoGrouping("sun:view");
        try (OperatorDriver driver = Drive.of(source, "copyFeatures", true, "copyEvidence", true)) {
            Product target = driver.target();
            List<String> expected = new ArrayList<>(Arrays.asList(source.getBandNames()));
            expected.addAll(List.of("clearshore_flags", "clearshore_class"));
            NativeLibrary.tables().features.forEach(feature -> expected.add(feature.name));
            expected.add("clearshore_evidence");
            assertEquals(expected, Arrays.asList(target.getBandNames()));
            assertEquals(source.getProductType(), target.getProductType());
            assertEquals(16, target.getPreferredTileSize().width);
            assertEquals("a scene", target.getDescription());
            assertNotNull(target.getTiePointGrid("tco3"));
            assertNotNull(target.getMaskGroup().get("bright"));
            assertEquals("B2.raw > 0", target.getBand("B2").getValidPixelExpression());
            assertEquals(1e-4, target.getBand("B2").getScalingFactor());
            assertArrayEquals((short[]) Drive.raw(driver.tile("B2")), data.bands.get("B2").working);
            driver.tile("clearshore_class");
            assertTrue(target.getDescription().startsWith("a scene; Clearshore"), target.getDescription());
        }
    }

    @Test
    void sourceBandsMayBeLeftOut() {
        Product source = Sources.singleSize(SceneData.made(60));
        try (OperatorDriver driver = Drive.of(source, "copySourceBands", false)) {
            Product target = driver.target();
            assertArrayEquals(new String[]{"clearshore_flags", "clearshore_class"}, target.getBandNames());
            assertEquals(40, target.getSceneRasterWidth());
            assertEquals(60, SourceGrid.of(target).pixelSize);
        }
    }

    @Test
    void flagsHaveCodingAndMasksAsTheTableSays() {
        Tables tables = NativeLibrary.tables();
        try (OperatorDriver driver = Drive.of(Sources.multiSize(SceneData.made(20)), "copyEvidence", true)) {
            Product target = driver.target();
            Band flags = target.getBand("clearshore_flags");
            assertEquals(ProductData.TYPE_INT32, flags.getDataType());
            assertSame(target.getFlagCodingGroup().get("clearshore_flags"), flags.getFlagCoding());
            assertArrayEquals(tables.flags.stream().map(flag -> flag.name).toArray(),
                    flags.getFlagCoding().getFlagNames());
            for (Tables.Flag flag : tables.flags) {
                assertEquals(1 << flag.bit, flags.getFlagCoding().getFlagMask(flag.name));
                assertEquals(flag.meaning, flags.getFlagCoding().getFlag(flag.name).getDescription());
                Mask mask = target.getMaskGroup().get(flag.name);
                assertEquals(flag.meaning, mask.getDescription());
                assertEquals(new Color(flag.colour[0], flag.colour[1], flag.colour[2]), mask.getImageColor());
                assertEquals(0.5, mask.getImageTransparency());
                assertEquals("clearshore_flags." + flag.name, Mask.BandMathsType.getExpression(mask));
            }
            assertEquals(tables.flags.stream().map(flag -> flag.name).collect(Collectors.toList()),
                    Arrays.asList(target.getMaskGroup().getNodeNames()));
            // From the architecture, not from the table: names, bits and colours are a promise to users.
            assertEquals(1 << 1, flags.getFlagCoding().getFlagMask("CS_CLOUD"));
            assertEquals(1 << 14, flags.getFlagCoding().getFlagMask("CS_CLEAR_WATER"));
            assertEquals(1 << 30, flags.getFlagCoding().getFlagMask("CS_LOW_CONFIDENCE"));
            assertEquals(new Color(0, 90, 200), target.getMaskGroup().get("CS_CLEAR_WATER").getImageColor());

            Band evidence = target.getBand("clearshore_evidence");
            assertEquals(ProductData.TYPE_INT32, evidence.getDataType());
            assertArrayEquals(tables.evidence.stream().map(flag -> flag.name).toArray(),
                    evidence.getFlagCoding().getFlagNames());
        }
    }

    @Test
    void classesHaveCodingAndColours() {
        Tables tables = NativeLibrary.tables();
        try (OperatorDriver driver = Drive.of(Sources.multiSize(SceneData.made(20)))) {
            Band classes = driver.target().getBand("clearshore_class");
            assertEquals(ProductData.TYPE_UINT8, classes.getDataType());
            ColorPaletteDef palette = classes.getImageInfo().getColorPaletteDef();
            assertEquals(tables.classes.size(), palette.getNumPoints());
            for (int i = 0; i < tables.classes.size(); i++) {
                Tables.SceneClass row = tables.classes.get(i);
                assertEquals(row.value, classes.getIndexCoding().getIndexValue(row.name));
                assertEquals(row.value, palette.getPointAt(i).getSample());
                assertEquals(row.name, palette.getPointAt(i).getLabel());
                assertEquals(new Color(row.colour[0], row.colour[1], row.colour[2]), palette.getPointAt(i).getColor());
            }
            assertEquals(2, classes.getIndexCoding().getIndexValue("clear_water"));
        }
    }

    @Test
    void featuresHaveNoDataAndWords() {
        try (OperatorDriver driver = Drive.of(Sources.multiSize(SceneData.made(20)), "copyFeatures", true)) {
            for (Tables.Feature feature : NativeLibrary.tables().features) {
                Band band = driver.target().getBand(feature.name);
                assertEquals(ProductData.TYPE_FLOAT32, band.getDataType());
                assertTrue(band.isNoDataValueUsed() && Double.isNaN(band.getNoDataValue()));
                assertEquals(feature.meaning, band.getDescription());
                assertNotNull(band.getUnit());
            }
            assertNull(driver.target().getBand("clearshore_evidence"));
        }
    }

    @Test
    void metadataSayHowTheFlagsCameToBe() {
        Product source = Sources.multiSize(SceneData.made(20));
        source.removeBand(source.getBand("B10"));
        try (OperatorDriver driver = Drive.of(source, "resolution", 60, "cloudBuffer", 120.0)) {
            MetadataElement element = driver.target().getMetadataRoot().getElement("Clearshore");
            assertEquals(NativeLibrary.tables().version, element.getAttributeString("version"));
            assertEquals("tiles", element.getAttributeString("path"));
            assertTrue(element.getAttributeString("pathReason").contains("does not say from which file"));
            assertEquals("none", element.getAttributeString("originalProduct"));
            assertEquals("B10", element.getAttributeString("bandsMissing"));
            assertEquals("not known before the run", element.getAttributeString("windSource"));
            MetadataElement parameters = element.getElement("Parameters");
            assertEquals("60", parameters.getAttributeString("resolution"));
            assertEquals("120.0", parameters.getAttributeString("cloudBuffer"));
            assertEquals("", parameters.getAttributeString("safePath"));
            for (Tables.Parameter row : NativeLibrary.tables().parameters) {
                assertTrue(parameters.containsAttribute(row.name), row.name);
            }
            assertEquals(0, element.getElement("Shares").getNumAttributes());

            int[] flags = (int[]) Drive.raw(driver.tile("clearshore_flags"));
            assertEquals("none", element.getAttributeString("dem"));
            assertEquals("none", element.getAttributeString("demMissing"));
            assertTrue(element.getAttributeString("warnings").contains("there is no elevation model"));
            long invalid = Arrays.stream(flags).filter(flag -> (flag & 1) != 0).count();
            assertTrue(invalid > 0);
            MetadataElement shares = element.getElement("Shares");
            assertEquals((double) invalid / flags.length, shares.getAttributeDouble("CS_INVALID"), 1e-12);
            assertEquals(NativeLibrary.tables().flags.size(), shares.getNumAttributes());
            assertTrue(driver.target().getDescription().contains("CS_CLEAR_WATER"), driver.target().getDescription());
        }
    }
}
