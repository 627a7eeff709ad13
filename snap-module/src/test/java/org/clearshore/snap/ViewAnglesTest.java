package org.clearshore.snap;

import org.clearshore.FeedDescription;
import org.clearshore.snapapi.MemoryTile;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.datamodel.Product;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.Collectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Directions to the sensor out of the metadata that SNAP keeps. */
class ViewAnglesTest {
    private static final List<String> BANDS = List.of("B2", "B8A", "B11");

    @Test
    void theDetectorsOfEveryWantedBandAreTaken() {
        Product source = Sources.singleSize(data("B8A", "B8", "B8A", "B11"));
        FeedDescription description = described(source, BANDS);
        assertEquals(List.of("B8A 1", "B8A 3", "B11 4"), description.views.stream()
                .map(view -> view.band + " " + view.detector).collect(Collectors.toList()));
        FeedDescription.View view = description.views.get(1);
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
    void whatIsLostIsNot() {
        Product source = Sources.singleSize(data("B8A"));
        MetadataElement granules = source.getMetadataRoot().getElement("Granules");
        granules.addElement(new MetadataElement("another"));
        assertTrue(described(source, BANDS).views.isEmpty(), "of which granule?");
        source.getMetadataRoot().removeElement(granules);
        assertTrue(described(source, BANDS).views.isEmpty());
    }

    /** Rasters stand in, band by band, where the metadata has no grid. */
    @Test
    void rastersStandIn() {
        Product source = Sources.singleSize(data("B8A"));
        FeedDescription description = description();
        ViewAngles.addTo(description, BANDS, L1cMetadata.of(source), source, SourceGrid.of(source), MemoryTile::source);
        assertEquals(List.of("B8A 1", "B2 0", "B11 0"), description.views.stream()
                .map(view -> view.band + " " + view.detector).collect(Collectors.toList()));
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
        assertEquals(BANDS, List.copyOf(description.meanViews.keySet()));
        assertArrayEquals(new double[]{13.5, 108.25}, description.meanViews.get("B8A"));
    }

    private static FeedDescription described(Product source, List<String> bands) {
        FeedDescription description = description();
        ViewAngles.addOfMetadata(description, bands, L1cMetadata.of(source));
        return description;
    }

    private static FeedDescription description() {
        FeedDescription description = new FeedDescription();
        description.easting = 600_000 + 1200;
        description.northing = 5_000_040 - 660;
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
