package org.clearshore.snapapi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Dimension;
import java.io.File;
import java.time.Instant;
import java.util.Map;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.FlagCoding;
import org.esa.snap.core.datamodel.GeoPos;
import org.esa.snap.core.datamodel.IndexCoding;
import org.esa.snap.core.datamodel.Mask;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.datamodel.PixelPos;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.datamodel.TiePointGrid;
import org.esa.snap.core.gpf.internal.OperatorContext;
import org.esa.snap.core.gpf.internal.OperatorProductReader;
import org.esa.snap.core.util.ProductUtils;
import org.esa.snap.core.util.SystemUtils;
import org.esa.snap.runtime.Config;
import org.junit.jupiter.api.Test;

class ProductTest {
    private static Product flagged() throws Exception {
        Product product = new Product("flagged", "TYPE", 6, 4);
        FlagCoding coding = new FlagCoding("quality");
        coding.addFlag("CLOUD", 1, "cloud");
        coding.addFlag("LAND", 2, "land");
        product.getFlagCodingGroup().add(coding);
        Band flags = product.addBand("quality", ProductData.TYPE_UINT8);
        flags.setSampleCoding(coding);
        flags.setRasterData(ProductData.createUnsignedInstance(new byte[24]));
        product.addBand("B2", ProductData.TYPE_UINT16).setSpectralWavelength(490);
        product.addMask("clear", "!quality.CLOUD && B2.raw > 0", "no cloud", Color.GREEN, 0.5);
        product.addTiePointGrid(new TiePointGrid("sun_zenith", 2, 2, 0.5, 0.5, 5, 3, new float[] {30, 35, 33, 38}));
        product.getMetadataRoot().addElement(new MetadataElement("Level-1C"));
        product.getMetadataRoot().getElement("Level-1C").setAttributeString("baseline", "05.09");
        product.setStartTime(ProductData.UTC.parse("2023-08-17T10:30:31.024", "yyyy-MM-dd'T'HH:mm:ss"));
        product.setSceneGeoCoding(new AffineGeoCoding(600_000, 5_000_040, 10));
        product.setDescription("a scene");
        return product;
    }

    @Test
    void allButTheOrdinaryBandsAreCopied() throws Exception {
        Product source = flagged();
        Product target = new Product("target", "TYPE", 6, 4);
        ProductUtils.copyBand("B2", source, target, true);
        ProductUtils.copyProductNodes(source, target);
        assertArrayEquals(new String[] {"B2", "quality"}, target.getBandNames());
        assertEquals(490, target.getBand("b2").getSpectralWavelength());
        assertSame(target.getFlagCodingGroup().get("quality"), target.getBand("quality").getFlagCoding());
        assertEquals(2, target.getBand("quality").getFlagCoding().getFlagMask("LAND"));
        assertEquals("!quality.CLOUD && B2.raw > 0",
                Mask.BandMathsType.getExpression(target.getMaskGroup().get("clear")));
        assertEquals(38, target.getTiePointGrid("sun_zenith").getPixelDouble(5.5, 3.5));
        assertEquals(30, target.getTiePointGrid("sun_zenith").getPixelFloat(0, 0));
        assertEquals("05.09", target.getMetadataRoot().getElement("level-1c").getAttributeString("baseline"));
        assertEquals(source.getStartTime(), target.getStartTime());
        assertSame(source.getSceneGeoCoding(), target.getSceneGeoCoding());
        assertEquals("a scene", target.getDescription());
        assertFalse(target.isMultiSize());
        ProductData.Byte samples = (ProductData.Byte) target.getBand("quality")
                .readSamples(new java.awt.Rectangle(1, 1, 2, 2));
        assertEquals(4, samples.getNumElems());
    }

    @Test
    void masksComeOnlyWithTheirBands() throws Exception {
        Product target = new Product("target", "TYPE", 6, 4);
        ProductUtils.copyProductNodes(flagged(), target);
        assertEquals(0, target.getMaskGroup().getNodeCount());
        assertThrows(IllegalArgumentException.class,
                () -> target.addMask("wrong", "quality.CLOWD", "", Color.RED, 0.5));
        assertThrows(IllegalArgumentException.class,
                () -> target.addBand("QUALITY", ProductData.TYPE_INT8));
    }

    @Test
    void aProductOfSeveralSizesTakesTheLargest() {
        Product product = new Product("scene", "S2_MSI_Level-1C");
        assertThrows(IllegalStateException.class, product::getSceneRasterSize);
        product.addBand(new Band("B1", ProductData.TYPE_UINT16, 10, 10));
        product.addBand(new Band("B2", ProductData.TYPE_UINT16, 60, 60));
        assertEquals(new Dimension(60, 60), product.getSceneRasterSize());
        assertTrue(product.isMultiSize());
        assertThrows(IllegalArgumentException.class, () -> product.addMask("m", "B1 > B2", "", Color.RED, 0.5));
        assertEquals(10, product.addMask("m", "B1 > 2", "", Color.RED, 0.5).getRasterWidth());
    }

    @Test
    void onlyIntegersHaveACoding() {
        Band band = new Band("classes", ProductData.TYPE_FLOAT32, 2, 2);
        IndexCoding coding = new IndexCoding("classes");
        coding.addIndex("water", 2, "");
        assertEquals(2, coding.getIndexValue("water"));
        assertThrows(IllegalArgumentException.class, () -> band.setSampleCoding(coding));
        assertThrows(IllegalArgumentException.class, () -> coding.addIndex("water", 3, ""));
    }

    @Test
    void timesAreExact() throws Exception {
        ProductData.UTC time = flagged().getStartTime();
        assertEquals(Instant.parse("2023-08-17T10:30:31.024Z"), time.getAsDate().toInstant());
        assertEquals("17-AUG-2023 10:30:31.024000", time.format());
        assertEquals(-1, ProductData.UTC.parse("31-DEC-1999 00:00:01").getDaysFraction());
        assertEquals(1.5, ProductData.UTC.parse("02-JAN-2000 12:00:00").getMJD());
    }

    @Test
    void unsignedNumbersAreReadAsSuch() {
        ProductData bytes = ProductData.createUnsignedInstance(new byte[] {-1});
        assertEquals(255, bytes.getElemInt());
        bytes.setElemDouble(2.6);
        assertEquals(3, bytes.getElemInt());
        ProductData flags = ProductData.createUnsignedInstance(new int[] {1 << 31});
        assertEquals(2147483648L, flags.getElemUInt());
        assertEquals(2147483648.0, flags.getElemDouble());
        assertEquals(ProductData.TYPE_UINT32, flags.getType());
        assertEquals(4, ProductData.createInstance(new float[] {3.7f}).getElemInt());
    }

    @Test
    void aGridIsFoundAgain() {
        AffineGeoCoding grid = new AffineGeoCoding(600_000, 5_000_040, 10);
        GeoPos place = grid.getGeoPos(new PixelPos(3, 4), null);
        assertEquals(600_030 / AffineGeoCoding.METRES_PER_DEGREE, place.lon, 1e-12);
        assertEquals(3, grid.getPixelPos(place, null).x, 1e-6);
        assertEquals(10, Product.findImageToModelTransform(grid).getScaleX());
        assertTrue(Product.findImageToModelTransform(null).isIdentity());
    }

    @Test
    void aProductComesFromAnOperator() {
        Product read = new Product("read", "S2_MSI_Level-1C", 4, 4);
        read.setFileLocation(new File("scene.SAFE/MTD_MSIL1C.xml"));
        Product resampled = UpstreamOperator.made("S2Resampling", Map.of("resolution", "20"),
                new Product("resampled", "S2_MSI_Level-1C", 4, 4), read);
        assertNull(resampled.getFileLocation());
        OperatorProductReader reader = (OperatorProductReader) resampled.getProductReader();
        OperatorContext context = reader.getOperatorContext();
        assertEquals("S2Resampling", context.getOperatorSpi().getOperatorAlias());
        assertSame(read, context.getSourceProducts()[0]);
        assertEquals("20", context.getOperator().getParameter("resolution"));
        resampled.dispose();
        assertNull(reader.getOperatorContext());
    }

    @Test
    void settingsComeFromTheSystem() {
        System.setProperty("snap.userdir", "somewhere");
        try {
            assertEquals(new File("somewhere/auxdata").toPath(), SystemUtils.getAuxDataPath());
        } finally {
            System.clearProperty("snap.userdir");
        }
        Config.instance().preferences().putInt("snap.parallelism", 3);
        assertEquals(3, Config.instance().preferences().getInt("snap.parallelism", 1));
        Config.instance().preferences().remove("snap.parallelism");
    }
}
