package org.clearshore.snap;

import org.clearshore.Grid;
import org.clearshore.WindGrid;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.datamodel.TiePointGrid;

/**
 * Wind of the forecast that came with a Level-1C product, as SNAP's reader keeps it in tie points.
 *
 * <p>The tie points are taken to lie where SNAP has them. Its reader puts those of a forecast 12.2 km apart from the
 * tile's corner, whatever their longitudes and latitudes are.
 */
final class TiePointWind {
    /** Names of the speeds toward the east and the north 10 m above the ground, m/s. */
    private static final String EASTWARD = "10u";
    private static final String NORTHWARD = "10v";

    private TiePointWind() {
    }

    /**
     * The wind of a source, or of the product from which it was cut without its tie points; null where none has any.
     *
     * @param scene the grid from whose corner distances count
     */
    static WindGrid of(Product source, Grid scene) {
        for (Product product : SafeFinder.lineage(source)) {
            TiePointGrid eastward = product.getTiePointGrid(EASTWARD);
            TiePointGrid northward = product.getTiePointGrid(NORTHWARD);
            if (eastward != null && northward != null && product.getSceneGeoCoding() != null
                    && isSameLattice(eastward, northward)) {
                WindGrid wind = lattice(eastward, SourceGrid.of(product), scene);
                wind.eastward = speeds(eastward);
                wind.northward = speeds(northward);
                return wind.eastward == null || wind.northward == null ? null : wind;
            }
        }
        return null;
    }

    /** Where tie points lie: SNAP counts in pixels of their product, whose first has its centre at 0.5. */
    private static WindGrid lattice(TiePointGrid grid, SourceGrid product, Grid scene) {
        WindGrid wind = new WindGrid();
        wind.rows = grid.getGridHeight();
        wind.columns = grid.getGridWidth();
        wind.firstRow = scene.northing - product.northing + grid.getOffsetY() * product.pixelSize;
        wind.firstColumn = product.easting - scene.easting + grid.getOffsetX() * product.pixelSize;
        wind.rowStep = grid.getSubSamplingY() * product.pixelSize;
        wind.columnStep = grid.getSubSamplingX() * product.pixelSize;
        return wind;
    }

    private static boolean isSameLattice(TiePointGrid one, TiePointGrid other) {
        return one.getGridWidth() == other.getGridWidth() && one.getGridHeight() == other.getGridHeight()
                && one.getOffsetX() == other.getOffsetX() && one.getOffsetY() == other.getOffsetY()
                && one.getSubSamplingX() == other.getSubSamplingX()
                && one.getSubSamplingY() == other.getSubSamplingY();
    }

    /** Null where SNAP could not read them; its log has the reason. */
    private static float[] speeds(TiePointGrid grid) {
        ProductData data = grid.getGridData();
        return data == null ? null : ((float[]) data.getElems()).clone();
    }
}
