package org.clearshore.snap;

import org.clearshore.snapapi.OperatorDriver;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.gpf.OperatorException;
import org.junit.jupiter.api.Test;

import java.awt.Rectangle;
import java.io.File;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Every unusable source is refused before the run, with words that help. */
class SourceErrorTest {

    @Test
    void aMissingBandIsNamed() {
        Product source = Sources.multiSize(SceneData.made(20));
        source.removeBand(source.getBand("B11"));
        assertRefused(source, "B11");
    }

    @Test
    void anotherKindOfProductIsRefused() {
        Product source = Sources.singleSize(SceneData.made(60));
        source.setProductType("S2_MSI_Level-2A");
        source.getMetadataRoot().removeElement(source.getMetadataRoot().getElement("Level-1C_User_Product"));
        assertRefused(source, "S2_MSI_Level-2A", "no Sentinel-2 Level-1C product");
    }

    @Test
    void aLostGridIsRefused() {
        SceneData data = SceneData.made(60);
        Product reprojected = Sources.singleSize(data);
        reprojected.setSceneGeoCoding(UtmGeoCoding.of(data.epsg, 10, 45, 0.0005));
        assertRefused(reprojected, "latitude and longitude", "before Reproject");
        Product elsewhere = Sources.singleSize(data);
        elsewhere.setSceneGeoCoding(new org.clearshore.snapapi.AffineGeoCoding(600_000, 5_000_040, 60));
        assertRefused(elsewhere, "not on a north-up UTM grid", "before Reproject");
    }

    @Test
    void aResolutionWithoutABandIsRefused() {
        Product source = Sources.multiSize(SceneData.made(20));
        for (String band : new String[]{"B1", "B9", "B10"}) {
            source.removeBand(source.getBand(band));
        }
        assertRefused(source, "no band with pixels of 60 m", "resolution", 60);
    }

    @Test
    void bandsThatCoverOtherGroundAreRefused() {
        SceneData data = SceneData.made(20);
        Product source = Sources.multiSize(data);
        Band coarse = source.getBand("B10");
        coarse.setGeoCoding(UtmGeoCoding.of(data.epsg, data.easting + 20, data.northing, 60));
        assertRefused(source, "B10 covers other ground", "multiples of 60 m");
    }

    @Test
    void numbersOfAnotherTypeAreRefused() {
        Product source = Sources.singleSize(SceneData.made(60));
        source.removeBand(source.getBand("B3"));
        source.addBand("B3", ProductData.TYPE_INT16);
        assertRefused(source, "Band B3", "int16", "uint16");
    }

    @Test
    void aSecondRunIsRefusedUnlessFlagsComeAlone() {
        Product source = Sources.singleSize(SceneData.made(60));
        source.addBand("clearshore_flags", ProductData.TYPE_INT32);
        assertRefused(source, "already has 'clearshore_flags'", "copySourceBands");
        try (OperatorDriver driver = Drive.of(source, "copySourceBands", false)) {
            assertTrue(driver.target().containsBand("clearshore_flags"));
        }
    }

    @Test
    void aWrongSafePathIsAnError() {
        Product source = Sources.singleSize(SceneData.made(60));
        String message = assertThrows(OperatorException.class,
                () -> Drive.of(source, "safePath", new File("/no/such.SAFE")).target()).getMessage();
        assertTrue(message.contains("safePath") && message.contains("/no/such.SAFE"), message);
    }

    @Test
    void aSafePathOfAnotherProductIsAnError() {
        Fixture fixture = Fixture.get();
        Product source = Sources.singleSize(SceneData.made(20));
        String message = assertThrows(OperatorException.class,
                () -> Drive.of(source, "safePath", fixture.safe.toFile()).target()).getMessage();
        assertTrue(message.contains("safePath") && message.contains("T32TPR"), message);
    }

    @Test
    void aSafePathBesideTheGridIsAnError() {
        Fixture fixture = Fixture.get();
        SceneData data = fixture.data(20, "fast");
        Product source = Sources.singleSize(data);
        source.setSceneGeoCoding(UtmGeoCoding.of(data.epsg, data.easting + 10, data.northing, 20));
        String message = assertThrows(OperatorException.class,
                () -> Drive.of(source, "safePath", fixture.safe.toFile()).target()).getMessage();
        assertTrue(message.contains("not an aligned part"), message);
    }

    @Test
    void aBrokenRasterFailsTheRunWithItsOwnWords() {
        Product source = Sources.singleSize(SceneData.made(60));
        source.getBand("B4").setSamples(region -> {
            throw new OperatorException("the file of B4 is damaged");
        });
        try (OperatorDriver driver = Drive.of(source)) {
            driver.target();
            for (int attempt = 0; attempt < 2; attempt++) {
                String message = assertThrows(OperatorException.class,
                        () -> driver.tile("clearshore_flags", new Rectangle(3, 3))).getMessage();
                assertTrue(message.contains("B4 is damaged"), message);
            }
        }
    }

    private static void assertRefused(Product source, String... words) {
        assertRefused(source, words, new Object[0]);
    }

    private static void assertRefused(Product source, String words, String parameter, int value) {
        assertRefused(source, new String[]{words}, new Object[]{parameter, value});
    }

    private static void assertRefused(Product source, String[] words, Object[] parameters) {
        String message = assertThrows(OperatorException.class, () -> Drive.of(source, parameters).target()).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), message);
        }
    }
}
