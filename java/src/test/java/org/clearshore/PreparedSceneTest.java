package org.clearshore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A product and the program's own masks of it, as {@code tests/snap-scene/prepare} makes them. */
class PreparedSceneTest {
    private static final Path SCENE = Path.of(System.getProperty("clearshore.scene", "../target/snap-scene"));

    @BeforeAll
    static void load() {
        assumeTrue(Files.exists(SCENE.resolve("done")), SCENE + " is absent: make it by tests/snap-scene/prepare");
        NativeLibrary.load(Scenes.FOLDER);
    }

    @ParameterizedTest
    @CsvSource({"10, fast", "20, fast", "20, mean", "60, fast", "60, mean"})
    void aProductGetsTheFlagsThatTheProgramGivesIt(int resolution, String resampling) throws IOException {
        Path expected = SCENE.resolve(resolution + "_" + resampling);
        Map<String, Object> parameters = Map.of("resolution", resolution, "resampling", resampling,
                "demFolder", dem(), "copyEvidence", true, "copyFeatures", true);
        try (NativeScene scene = NativeScene.open(product(), null, parameters)) {
            RunSummary summary = scene.run(null);
            assertEquals("product", summary.source);
            assertEquals(dem().toString(), summary.dem);
            assertEquals(List.of("S45E168.hgt"), summary.demMissing, "the cell toward the sun");
            SceneDescription description = scene.description();
            assertEquals("T58GGR", description.tile);
            assertEquals("05.11", description.processingBaseline);
            assertEquals(product().toString(), description.location);
            Grid grid = description.grid;
            assertEquals(6000, grid.width * grid.pixelSize);
            ByteBuffer flags = raster(expected, "clearshore_flags");
            assertArrayEquals(ints(flags), Scenes.flags(scene));
            int[] evidence = new int[grid.width * grid.height];
            scene.readEvidence(0, 0, grid.width, grid.height, evidence);
            assertArrayEquals(ints(raster(expected, "clearshore_evidence")), evidence);
            byte[] classes = new byte[grid.width * grid.height];
            scene.readClasses(0, 0, grid.width, grid.height, classes);
            assertArrayEquals(raster(expected, "clearshore_class").array(), classes);
            for (Tables.Feature feature : NativeLibrary.tables().features) {
                float[] values = new float[grid.width * grid.height];
                scene.readFeature(feature.name, 0, 0, grid.width, grid.height, values);
                ByteBuffer bytes = raster(expected, feature.name);
                for (float value : values) {
                    assertEquals(bytes.getFloat(), value);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"20", "60"})
    void theSameNumbersGivenAsTilesGetTheSameFlags(int resolution) throws IOException {
        Path expected = SCENE.resolve(resolution + "_mean");
        JsonObject planes = JsonParser.parseString(Files.readString(expected.resolve("planes.json"))).getAsJsonObject();
        Map<String, Object> parameters = Map.of("resolution", resolution, "demFolder", dem());
        try (NativeScene scene = NativeScene.feed(description(planes), parameters)) {
            List<String> used = scene.description().usedBands;
            for (JsonElement element : planes.getAsJsonArray("bands")) {
                JsonObject band = element.getAsJsonObject();
                if (used.contains(band.get("name").getAsString())) {
                    give(scene, band, expected);
                }
            }
            Giver giver = new Giver(scene, planes, expected);
            assertEquals("tiles", scene.run(giver).source);
            // At 20 m the scene has B8A as it is.
            assertEquals(resolution == 20 ? Set.of("B07", "B08") : Set.of("B07", "B08", "B8A"), giver.asked);
            assertArrayEquals(ints(raster(expected, "clearshore_flags")), Scenes.flags(scene));
        }
    }

    /** Answers what the run asks for, out of whole planes. */
    private static final class Giver implements RunListener {
        private final NativeScene scene;
        private final JsonObject planes;
        private final Path folder;
        private final Set<String> asked = new HashSet<>();

        Giver(NativeScene scene, JsonObject planes, Path folder) {
            this.scene = scene;
            this.planes = planes;
            this.folder = folder;
        }

        @Override
        public boolean progress(String stage, long done, long total) {
            return true;
        }

        @Override
        public void give(String band, int[] rectangles) {
            asked.add(band);
            for (JsonElement element : planes.getAsJsonArray("bands")) {
                JsonObject plane = element.getAsJsonObject();
                if (plane.get("name").getAsString().equals(band)) {
                    for (int i = 0; i < rectangles.length; i += 4) {
                        give(plane, rectangles[i], rectangles[i + 1], rectangles[i + 2], rectangles[i + 3]);
                    }
                }
            }
        }

        private void give(JsonObject band, int x, int y, int width, int height) {
            String name = band.get("name").getAsString();
            try {
                ByteBuffer bytes = read(folder.resolve("native/" + name + ".u16"));
                short[] dn = new short[width * height];
                for (int row = 0; row < height; row++) {
                    bytes.position(2 * ((y + row) * band.get("nativeWidth").getAsInt() + x));
                    bytes.asShortBuffer().get(dn, row * width, width);
                }
                scene.putDn(name, x, y, width, height, dn);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Path product() throws IOException {
        try (DirectoryStream<Path> products = Files.newDirectoryStream(SCENE.resolve("product"), "*.SAFE")) {
            return products.iterator().next();
        }
    }

    /** The elevation model under the product. */
    private static Path dem() throws IOException {
        Path product = product();
        return product.resolveSibling(product.getFileName().toString().replace(".SAFE", "_dem"));
    }

    private static FeedDescription description(JsonObject planes) {
        JsonObject grid = planes.getAsJsonObject("grid");
        FeedDescription description = new FeedDescription();
        description.name = planes.get("name").getAsString();
        description.easting = grid.get("easting").getAsDouble();
        description.northing = grid.get("northing").getAsDouble();
        description.pixelSize = grid.get("pixelSize").getAsDouble();
        description.width = grid.get("width").getAsInt();
        description.height = grid.get("height").getAsInt();
        description.corners = Json.read(grid.get("corners").toString(), double[][].class);
        description.meanSun = Json.read(planes.get("meanSun").toString(), double[].class);
        description.views = List.of(Json.read(planes.get("views").toString(), FeedDescription.View[].class));
        description.givesOnRequest = true;
        description.sun = Json.read(planes.get("sun").toString(), FeedDescription.Angles.class);
        for (JsonElement element : planes.getAsJsonArray("bands")) {
            JsonObject band = element.getAsJsonObject();
            FeedDescription.Band fed = Scenes.band(band.get("name").getAsString(), 0, "dn");
            fed.width = band.get("nativeWidth").getAsInt();
            fed.height = band.get("nativeHeight").getAsInt();
            description.bands.add(fed);
        }
        return description;
    }

    /** In strips of 60 rows, the last one first. */
    private static void give(NativeScene scene, JsonObject band, Path folder) throws IOException {
        String name = band.get("name").getAsString();
        int width = band.get("nativeWidth").getAsInt();
        ByteBuffer bytes = read(folder.resolve("native/" + name + ".u16"));
        for (int y = band.get("nativeHeight").getAsInt() / 60 * 60; y >= 0; y -= 60) {
            int height = Math.min(60, band.get("nativeHeight").getAsInt() - y);
            short[] dn = new short[width * height];
            bytes.position(2 * y * width);
            bytes.asShortBuffer().get(dn);
            scene.putDn(name, 0, y, width, height, dn);
        }
    }

    private static ByteBuffer raster(Path folder, String name) throws IOException {
        return read(folder.resolve(name + ".raw"));
    }

    private static ByteBuffer read(Path file) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int[] ints(ByteBuffer bytes) {
        int[] values = new int[bytes.remaining() / Integer.BYTES];
        bytes.asIntBuffer().get(values);
        return values;
    }
}
