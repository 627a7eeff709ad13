package org.clearshore.snap;

import org.clearshore.NativeScene;
import org.clearshore.Tables;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.gpf.OperatorException;
import org.esa.snap.core.gpf.Tile;

import java.awt.Point;
import java.awt.Rectangle;

/** Copies rectangles of a finished scene into SNAP's tiles. */
final class TileCopier {
    private final Tables tables;
    private final Point offset;

    /** @param offset where the target's first pixel lies in the scene */
    TileCopier(Tables tables, Point offset) {
        this.tables = tables;
        this.offset = offset;
    }

    void copy(NativeScene scene, String band, Tile tile) {
        Rectangle r = tile.getRectangle();
        int x = r.x + offset.x;
        int y = r.y + offset.y;
        ProductData samples = tile.getRawSamples();
        Object array = samples.getElems();
        if (band.equals(tables.flagBand)) {
            scene.readFlags(x, y, r.width, r.height, (int[]) array);
        } else if (band.equals(tables.classBand)) {
            scene.readClasses(x, y, r.width, r.height, (byte[]) array);
        } else if (band.equals(tables.evidenceBand)) {
            scene.readEvidence(x, y, r.width, r.height, (int[]) array);
        } else if (tables.features.stream().anyMatch(feature -> feature.name.equals(band))) {
            scene.readFeature(band, x, y, r.width, r.height, (float[]) array);
        } else {
            throw new OperatorException("Clearshore was asked for band '" + band + "', which it does not make.");
        }
        tile.setRawSamples(samples);
    }
}
