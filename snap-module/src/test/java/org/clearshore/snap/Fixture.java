package org.clearshore.snap;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The simulated scene that {@code tests/snap-scene/prepare} makes: product, masks of the program, numbers of bands. */
final class Fixture {
    private static final String PROPERTY = "clearshore.snap.scene";

    final Path safe;
    /** Folder of the elevation model under the scene. */
    final Path dem;
    private final Path folder;

    private Fixture(Path folder) {
        this.folder = folder;
        try (Stream<Path> files = Files.list(folder.resolve("product"))) {
            safe = files.filter(file -> file.toString().endsWith(".SAFE")).findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        dem = safe.resolveSibling(safe.getFileName().toString().replace(".SAFE", "_dem"));
    }

    /** The scene; the test is skipped where nobody made it. */
    static Fixture get() {
        Path folder = Path.of(System.getProperty(PROPERTY, "../target/snap-scene")).toAbsolutePath().normalize();
        Assumptions.assumeTrue(Files.exists(folder.resolve("done")),
                "no scene at " + folder + ": run tests/snap-scene/prepare");
        return new Fixture(folder);
    }

    SceneData data(int resolution, String resampling) {
        return SceneData.read(folder(resolution, resampling));
    }

    /** A raster of the program's mask. */
    Path mask(int resolution, String resampling, String raster) {
        return folder(resolution, resampling).resolve(raster + ".raw");
    }

    /** The same of the product without B7: a source whose bands were resampled tells clouds from bright ground no better. */
    Path maskOfResampled(int resolution, String resampling, String raster) {
        return folder(resolution, resampling).resolve("without_B07").resolve(raster + ".raw");
    }

    /** The same of the product without an elevation model. */
    Path maskWithoutDem(int resolution, String resampling, String raster) {
        return folder(resolution, resampling).resolve("without_dem").resolve(raster + ".raw");
    }

    private Path folder(int resolution, String resampling) {
        return folder.resolve(resolution + "_" + resampling);
    }
}
