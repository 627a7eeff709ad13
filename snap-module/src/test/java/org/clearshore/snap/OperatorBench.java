package org.clearshore.snap;

import com.bc.ceres.core.ProgressMonitor;
import org.clearshore.Grid;
import org.clearshore.NativeLibrary;
import org.clearshore.NativeScene;
import org.clearshore.SceneDescription;
import org.clearshore.snapapi.OperatorDriver;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;

import java.awt.Rectangle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Runs the operator on a product as SNAP does, at 20 m, all tiles of flags and classes, for the benchmarks. Prints after
 * each run the memory that the process has and the most that it had, MiB.
 *
 * <pre>java -cp ... org.clearshore.snap.OperatorBench PRODUCT.SAFE RUNS</pre>
 */
final class OperatorBench {
    private static final int TILE = 512;
    private static final int[] PIXEL_SIZES = {60, 10, 10, 10, 20, 20, 20, 10, 20, 60, 60, 20, 20};

    private OperatorBench() {
    }

    public static void main(String[] arguments) throws IOException {
        Path safe = Path.of(arguments[0]);
        NativeLibrary.tables();
        for (int run = 0; run < Integer.parseInt(arguments[1]); run++) {
            try (OperatorDriver driver = Drive.of(source(safe))) {
                driver.execute(ProgressMonitor.NULL);
                for (String band : new String[]{"clearshore_flags", "clearshore_class"}) {
                    takeTiles(driver, band);
                }
            }
            System.out.println(status("VmRSS") + " " + status("VmHWM"));
        }
    }

    private static void takeTiles(OperatorDriver driver, String band) {
        Product target = driver.target();
        for (int y = 0; y < target.getSceneRasterHeight(); y += TILE) {
            for (int x = 0; x < target.getSceneRasterWidth(); x += TILE) {
                driver.tile(band, new Rectangle(x, y, Math.min(TILE, target.getSceneRasterWidth() - x),
                        Math.min(TILE, target.getSceneRasterHeight() - y)));
            }
        }
    }

    /** The product as SNAP's reader describes it. Its bands have no pixels here: the operator reads the files. */
    private static Product source(Path safe) {
        SceneDescription scene;
        try (NativeScene opened = NativeScene.open(safe, null, Map.of("resolution", 10))) {
            scene = opened.description();
        }
        Grid grid = scene.grid;
        Product product = new Product(scene.name, "S2_MSI_Level-1C", grid.width, grid.height);
        product.setFileLocation(safe.resolve("MTD_MSIL1C.xml").toFile());
        product.setSceneGeoCoding(UtmGeoCoding.of(grid.epsg, grid.easting, grid.northing, grid.pixelSize));
        for (String name : L1cMetadata.BANDS) {
            int pixelSize = PIXEL_SIZES[L1cMetadata.BANDS.indexOf(name)];
            int side = grid.width * 10 / pixelSize;
            Band band = new Band(name, ProductData.TYPE_UINT16, side, side);
            band.setScalingFactor(1e-4);
            band.setGeoCoding(UtmGeoCoding.of(grid.epsg, grid.easting, grid.northing, pixelSize));
            product.addBand(band);
        }
        return product;
    }

    private static long status(String key) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(key + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst().orElseThrow();
    }
}
