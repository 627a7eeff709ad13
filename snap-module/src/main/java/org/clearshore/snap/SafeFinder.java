package org.clearshore.snap;

import org.clearshore.ClearshoreException;
import org.clearshore.NativeScene;
import org.clearshore.SceneDescription;
import org.esa.snap.core.dataio.ProductReader;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.gpf.OperatorException;
import org.esa.snap.core.gpf.internal.OperatorContext;
import org.esa.snap.core.gpf.internal.OperatorProductReader;

import java.awt.Point;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the original Level-1C product of a source, on whose pixels the source's values still rest. */
final class SafeFinder {
    /** Operators that leave the ground as it is: at most they resample or cut. Any other may have changed pixels. */
    private static final Set<String> HARMLESS = Set.of("Read", "S2Resampling", "Resample", "Subset");

    /** An original product that fits. */
    static final class Found {
        final Path path;
        /** Tile of a product with several granules; null where it is unknown. */
        final String granule;
        final SceneDescription scene;
        /** Where the source's grid begins in the tile's. */
        final Point offset;

        private Found(Path path, String granule, SceneDescription scene, Point offset) {
            this.path = path;
            this.granule = granule;
            this.scene = scene;
            this.offset = offset;
        }
    }

    /** Why a product does not fit. */
    private static final class Misfit extends Exception {
        private Misfit(String message) {
            super(message);
        }
    }

    private final L1cMetadata metadata;
    private final SourceGrid grid;
    private final Integer epsg;
    private final Map<String, ?> parameters;
    private final List<String> notes;

    /**
     * @param metadata   what the source says of the product that it is from
     * @param grid       the grid on which flags are wanted
     * @param epsg       its zone; null where it is unknown
     * @param parameters of the native scene
     * @param notes      takes why a product that was found is not used
     */
    SafeFinder(L1cMetadata metadata, SourceGrid grid, Integer epsg, Map<String, ?> parameters, List<String> notes) {
        this.metadata = metadata;
        this.grid = grid;
        this.epsg = epsg;
        this.parameters = parameters;
        this.notes = notes;
    }

    /** The product that the user names; it must fit. */
    Found named(Path safe) {
        try {
            return fit(safe);
        } catch (Misfit misfit) {
            throw new OperatorException("Parameter 'safePath': " + safe + " does not fit: " + misfit.getMessage()
                    + "\nGive the Level-1C product from which the source product was made, or leave 'safePath' out.");
        }
    }

    /** The product from which the source was read; null, with a note, where there is none or it does not fit. */
    Found behind(Product source) {
        Path place = place(source);
        if (place == null) {
            return null;
        }
        try {
            return fit(place);
        } catch (Misfit misfit) {
            notes.add(place + " is not used: " + misfit.getMessage().replaceAll("\\s*\n\\s*", "; "));
            return null;
        }
    }

    /** The product and those from which harmless operators made it, the last one first. */
    static List<Product> lineage(Product source) {
        List<Product> lineage = new ArrayList<>();
        for (Product product = source; product != null; product = parent(product)) {
            lineage.add(product);
        }
        return lineage;
    }

    private Path place(Product source) {
        List<Product> lineage = lineage(source);
        for (Product product : lineage) {
            File file = product.getFileLocation();
            if (file != null) {
                return file.toPath();
            }
        }
        OperatorContext maker = maker(lineage.get(lineage.size() - 1));
        notes.add(maker == null
                ? "the source product does not say from which file it is"
                : "operator " + maker.getOperatorSpi().getOperatorAlias() + " may have changed the pixels");
        return null;
    }

    private static Product parent(Product product) {
        OperatorContext maker = maker(product);
        if (maker == null || !HARMLESS.contains(maker.getOperatorSpi().getOperatorAlias())) {
            return null;
        }
        Product[] sources = maker.getSourceProducts();
        return sources.length == 1 ? sources[0] : null;
    }

    private static OperatorContext maker(Product product) {
        ProductReader reader = product.getProductReader();
        return reader instanceof OperatorProductReader ? ((OperatorProductReader) reader).getOperatorContext() : null;
    }

    private Found fit(Path path) throws Misfit {
        List<String> tiles = metadata.tiles();
        if (tiles.size() < 2) {
            return fit(path, tiles.isEmpty() ? null : tiles.get(0));
        }
        List<String> misfits = new ArrayList<>();
        for (String tile : tiles) {
            try {
                return fit(path, tile);
            } catch (Misfit misfit) {
                misfits.add(misfit.getMessage());
            }
        }
        throw new Misfit(String.join("; ", misfits));
    }

    private Found fit(Path path, String tile) throws Misfit {
        SceneDescription scene;
        try (NativeScene opened = NativeScene.open(path, tile, parameters)) {
            scene = opened.description();
        } catch (ClearshoreException failure) {
            throw new Misfit(failure.getMessage());
        }
        String name = metadata.productName();
        if (name != null && !name.equals(scene.name)) {
            throw new Misfit("it is " + scene.name + ", but the source product is from " + name);
        }
        if (tile != null && scene.tile != null && !tile.equals(scene.tile)) {
            throw new Misfit("it is tile " + scene.tile + ", but the source product is from " + tile);
        }
        if (epsg != null && epsg != scene.grid.epsg) {
            throw new Misfit("it lies in EPSG:" + scene.grid.epsg + ", but the source product in EPSG:" + epsg);
        }
        Point offset = grid.offsetIn(scene.grid);
        if (offset == null) {
            throw new Misfit("the source product's grid (" + grid + ") is not an aligned part of the tile's ("
                    + scene.grid + ")");
        }
        return new Found(path, tile, scene, offset);
    }
}
