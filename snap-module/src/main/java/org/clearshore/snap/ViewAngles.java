package org.clearshore.snap;

import org.clearshore.FeedDescription;
import org.esa.snap.core.datamodel.MetadataAttribute;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.datamodel.Product;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Directions to the sensor. The metadata has them by band and detector; SNAP's bands of angles, which are taken where the
 * metadata is lost, have lost the detectors.
 */
final class ViewAngles {
    private ViewAngles() {
    }

    /**
     * Adds what is known.
     *
     * @param bands SNAP's names of the bands whose directions are wanted
     */
    static void addTo(FeedDescription description, List<String> bands, L1cMetadata metadata, Product source,
                      SourceGrid grid, TileSource tiles) {
        addOfMetadata(description, bands, metadata);
        Set<String> known = description.views.stream().map(view -> view.band).collect(Collectors.toSet());
        for (String band : bands) {
            FeedDescription.View view = known.contains(band) ? null : AngleRasters.view(source, band, grid, tiles);
            if (view != null) {
                description.views.add(view);
            }
        }
    }

    /** Adds nothing where the metadata is lost or is that of several granules. */
    static void addOfMetadata(FeedDescription description, List<String> bands, L1cMetadata metadata) {
        MetadataElement angles = metadata.tileAngles();
        double[] corner = metadata.corner();
        if (angles == null) {
            return;
        }
        for (MetadataElement grid : angles.getElements()) {
            String band = band(grid);
            if (corner != null && bands.contains(band) && grid.getName().equals("Viewing_Incidence_Angles_Grids")) {
                FeedDescription.View view = view(grid);
                if (view != null) {
                    view.band = band;
                    view.firstColumn = corner[0] - description.easting;
                    view.firstRow = description.northing - corner[1];
                    description.views.add(view);
                }
            }
        }
        MetadataElement means = angles.getElement("Mean_Viewing_Incidence_Angle_List");
        if (means != null) {
            for (MetadataElement mean : means.getElements()) {
                String band = band(mean);
                Double zenith = L1cMetadata.number(mean.getAttributeString("ZENITH_ANGLE", null));
                Double azimuth = L1cMetadata.number(mean.getAttributeString("AZIMUTH_ANGLE", null));
                if (bands.contains(band) && zenith != null && azimuth != null) {
                    description.meanViews.put(band, new double[]{zenith, azimuth});
                }
            }
        }
    }

    /** The band of a list of angles; empty where it has none. */
    private static String band(MetadataElement angles) {
        Double index = L1cMetadata.number(angles.getAttributeString("bandId", null));
        boolean known = index != null && index >= 0 && index < L1cMetadata.BANDS.size();
        return known ? L1cMetadata.BANDS.get(index.intValue()) : "";
    }

    /** One detector's grid, null where it can't be read. */
    private static FeedDescription.View view(MetadataElement grid) {
        MetadataElement zenith = grid.getElement("Zenith");
        MetadataElement azimuth = grid.getElement("Azimuth");
        Double detector = L1cMetadata.number(grid.getAttributeString("detectorId", null));
        if (zenith == null || azimuth == null || detector == null) {
            return null;
        }
        Double down = L1cMetadata.number(zenith.getAttributeString("ROW_STEP", null));
        Double across = L1cMetadata.number(zenith.getAttributeString("COL_STEP", null));
        String[][] zeniths = values(zenith);
        String[][] azimuths = values(azimuth);
        if (down == null || across == null || zeniths.length == 0 || zeniths.length != azimuths.length) {
            return null;
        }
        FeedDescription.View view = new FeedDescription.View();
        view.detector = detector.intValue();
        view.rowStep = down;
        view.columnStep = across;
        view.rows = zeniths.length;
        view.columns = zeniths[0].length;
        view.zenith = new float[view.rows * view.columns];
        view.azimuth = new float[view.rows * view.columns];
        for (int row = 0; row < view.rows; row++) {
            if (zeniths[row].length != view.columns || azimuths[row].length != view.columns) {
                return null;
            }
            for (int column = 0; column < view.columns; column++) {
                int point = row * view.columns + column;
                Double here = L1cMetadata.number(zeniths[row][column]);
                Double there = L1cMetadata.number(azimuths[row][column]);
                view.zenith[point] = here == null ? Float.NaN : here.floatValue();
                view.azimuth[point] = there == null ? Float.NaN : there.floatValue();
            }
        }
        return view;
    }

    private static String[][] values(MetadataElement angles) {
        MetadataElement list = angles.getElement("Values_List");
        MetadataAttribute[] lines = list == null ? new MetadataAttribute[0] : list.getAttributes();
        String[][] values = new String[lines.length][];
        for (int row = 0; row < lines.length; row++) {
            values[row] = lines[row].getData().getElemString().trim().split("\\s+");
        }
        return values;
    }
}
