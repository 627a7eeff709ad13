package org.clearshore.snap;

import org.clearshore.FeedDescription;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.datamodel.Product;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Directions to the sensor out of the metadata that SNAP keeps. */
class ViewAnglesTest {
    private static final String[] BANDS = {"B2", "B8", "B8A"};

    @Test
    void theBandsOwnDetectorsAreTaken() {
        Product source = Sources.singleSize(data("B8A", "B8", "B8A"));
        FeedDescription description = described(source, BANDS);
        assertEquals(2, description.views.size());
        FeedDescription.View view = description.views.get(1);
        assertEquals("B8A", view.band);
        assertEquals(3, view.detector);
        assertEquals(2, view.rows);
        assertEquals(3, view.columns);
        assertEquals(5000, view.rowStep);
        assertArrayEquals(new float[]{7.12241f, Float.NaN, 3, 4, 5, 6}, view.zenith);
        assertArrayEquals(new float[]{101.5f, 102, 103, Float.NaN, 105, 106}, view.azimuth);
    }

    /** The grid begins at the tile's corner, wherever the source's is. */
    @Test
    void aPartLiesWithinTheTilesGrid() {
        FeedDescription description = described(Sources.singleSize(data("B8A")), BANDS);
        assertEquals(-1200, description.views.get(0).firstColumn);
        assertEquals(-660, description.views.get(0).firstRow);
    }

    @Test
    void b8StandsInAndWhatIsLostIsNot() {
        Product source = Sources.singleSize(data("B8A", "B8"));
        FeedDescription description = described(source, "B2", "B8");
        assertEquals(1, description.views.size());
        assertEquals("B8", description.views.get(0).band);
        assertEquals(2, description.views.get(0).detector);

        MetadataElement granules = source.getMetadataRoot().getElement("Granules");
        granules.addElement(new MetadataElement("another"));
        assertTrue(described(source, BANDS).views.isEmpty(), "of which granule?");
        source.getMetadataRoot().removeElement(granules);
        assertTrue(described(source, BANDS).views.isEmpty());
    }

    @Test
    void meansAreTakenByBand() {
        Product source = Sources.singleSize(data());
        MetadataElement angles = source.getMetadataRoot().getElement("Granules").getElementAt(0)
                .getElement("Geometric_Info").getElement("Tile_Angles");
        MetadataElement list = new MetadataElement("Mean_Viewing_Incidence_Angle_List");
        angles.addElement(list);
        for (int band = 0; band < L1cMetadata.BANDS.size(); band++) {
            MetadataElement mean = new MetadataElement("Mean_Viewing_Incidence_Angle");
            mean.setAttributeString("bandId", String.valueOf(band));
            mean.setAttributeString("ZENITH_ANGLE", String.valueOf(5.5 + band));
            mean.setAttributeString("AZIMUTH_ANGLE", String.valueOf(100.25 + band));
            list.addElement(mean);
        }
        FeedDescription description = described(source, BANDS);
        assertEquals(1, description.meanViews.size());
        assertArrayEquals(new double[]{13.5, 108.25}, description.meanViews.get("B8A"));
    }

    private static FeedDescription described(Product source, String... bands) {
        FeedDescription description = new FeedDescription();
        description.easting = 600_000 + 1200;
        description.northing = 5_000_040 - 660;
        for (String name : bands) {
            FeedDescription.Band band = new FeedDescription.Band();
            band.name = name;
            description.bands.add(band);
        }
        ViewAngles.addTo(description, L1cMetadata.of(source));
        return description;
    }

    /** A scene with one detector after the other. */
    private static SceneData data(String... bands) {
        SceneData data = SceneData.made(20);
        data.views = new FeedDescription.View[bands.length];
        for (int i = 0; i < bands.length; i++) {
            FeedDescription.View view = new FeedDescription.View();
            view.band = bands[i];
            view.detector = i + 1;
            view.rows = 2;
            view.columns = 3;
            view.rowStep = 5000;
            view.columnStep = 5000;
            view.zenith = new float[]{7.12241f, Float.NaN, 3, 4, 5, 6};
            view.azimuth = new float[]{101.5f, 102, 103, Float.NaN, 105, 106};
            data.views[i] = view;
        }
        return data;
    }
}
