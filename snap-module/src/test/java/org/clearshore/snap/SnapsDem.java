package org.clearshore.snap;

import org.esa.snap.core.datamodel.GeoPos;
import org.esa.snap.core.datamodel.PixelPos;
import org.esa.snap.core.dataop.dem.ElevationModel;
import org.esa.snap.core.dataop.dem.ElevationModelDescriptor;
import org.esa.snap.core.dataop.dem.ElevationModelRegistry;
import org.esa.snap.core.dataop.resamp.Resampling;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** SNAP's elevation model "SRTM 1Sec HGT" in a registry, with a server that gives flat cells. */
class SnapsDem implements ElevationModelDescriptor, ElevationModel, AutoCloseable {
    static final String NAME = "SRTM 1Sec HGT";
    private static final int NODES = 1201;

    final List<String> asked = new ArrayList<>();
    int disposed;
    private final Path folder;

    /** @param userFolder of SNAP, which from now on makes the folder of the model, as SNAP does */
    SnapsDem(Path userFolder) throws IOException {
        folder = Files.createDirectories(userFolder.resolve("auxdata").resolve("dem").resolve(NAME));
        ElevationModelRegistry.getInstance().addDescriptor(this);
    }

    @Override
    public void close() {
        ElevationModelRegistry.getInstance().removeDescriptor(this);
    }

    /** What the server does for a height at a place. */
    void serve(String cell) throws Exception {
        put(cell);
    }

    /** A cell of the height 0. */
    final void put(String cell) throws IOException {
        OutputStream file = Files.newOutputStream(folder.resolve(cell + ".SRTMGL1.hgt.zip"));
        try (ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.putNextEntry(new ZipEntry(cell + ".hgt"));
            byte[] heights = new byte[2 * NODES * NODES];
            // Land at 257 m: beside cells at sea level the sea would go on.
            Arrays.fill(heights, (byte) 1);
            zip.write(heights);
        }
    }

    @Override
    public double getElevation(GeoPos place) throws Exception {
        String cell = String.format(Locale.ROOT, "N%02.0fE%03.0f", Math.floor(place.lat), Math.floor(place.lon));
        asked.add(cell);
        serve(cell);
        return 0;
    }

    @Override
    public void dispose() {
        disposed++;
    }

    @Override
    public ElevationModel createDem(Resampling resampling) {
        return this;
    }

    @Override
    public String getName() {
        return NAME;
    }

    @Override
    public boolean canBeDownloaded() {
        return true;
    }

    @Override
    public File getDemInstallDir() {
        return folder.toFile();
    }

    @Override
    public ElevationModelDescriptor getDescriptor() {
        return this;
    }

    @Override
    public Resampling getResampling() {
        return Resampling.NEAREST_NEIGHBOUR;
    }

    @Override
    public float getNoDataValue() {
        return 0;
    }

    @Override
    public int getTileWidthInDegrees() {
        return 1;
    }

    @Override
    public int getTileWidth() {
        return NODES - 1;
    }

    @Override
    public int getNumXTiles() {
        return 360;
    }

    @Override
    public int getNumYTiles() {
        return 120;
    }

    @Override
    public int getRasterWidth() {
        return getNumXTiles() * getTileWidth();
    }

    @Override
    public int getRasterHeight() {
        return getNumYTiles() * getTileWidth();
    }

    @Override
    public PixelPos getIndex(GeoPos place) {
        throw new UnsupportedOperationException();
    }

    @Override
    public GeoPos getGeoPos(PixelPos pixel) {
        throw new UnsupportedOperationException();
    }

    @Override
    public double getSample(double x, double y) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean getSamples(int[] x, int[] y, double[][] samples) {
        throw new UnsupportedOperationException();
    }
}
