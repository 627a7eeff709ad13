package org.clearshore.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.clearshore.FeedDescription;
import org.clearshore.NativeLibrary;
import org.clearshore.NativeScene;
import org.clearshore.RunSummary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin's ONNX Runtime is found, and lives in one JVM with another one that somebody else brought. */
class BesideOthersTest {
    private static final List<String> BANDS = List.of("B02", "B03", "B04", "B8A", "B11", "B12");
    /** The network looks at the first of them. */
    private static final int SEEN = 4;
    private static final int PATCH = 64;
    private static final int SIDE = 100;
    private static final int CS_CLOUD = 1 << 1;
    /** Cloud from a reflectance of 0.3 in B02: the logits of clear and cloud are 0 and 40 B02 - 12. */
    private static final float[] WEIGHTS = {0, 0, 0, 0, 40, 0, 0, 0};
    private static final float[] BIAS = {0, -12};
    private static final short SEA = 1700;
    private static final short CLOUD = 6000;

    @Test
    void twoOfThemWorkInOneJvm(@TempDir Path folder) throws Exception {
        byte[] network = TinyNetwork.of(SEEN, PATCH, WEIGHTS, BIAS);
        Path manifest = manifest(folder, network);
        NativeLibrary.load(Path.of("target", "unpacked"));
        try (OrtEnvironment other = OrtEnvironment.getEnvironment(); OrtSession session = other.createSession(network)) {
            assertEquals(-4, logit(other, session, 0.2F), 1e-5);
            assertCloudIsFound(manifest);
            assertEquals(8, logit(other, session, 0.5F), 1e-5);
            assertCloudIsFound(manifest);
        }
    }

    /** What the other one says of cloud in a patch of one brightness. */
    private static float logit(OrtEnvironment environment, OrtSession session, float reflectance) throws OrtException {
        float[][][][] input = new float[1][SEEN][PATCH][PATCH];
        for (float[] row : input[0][0]) {
            Arrays.fill(row, reflectance);
        }
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, input);
             OrtSession.Result result = session.run(Map.of("input", tensor))) {
            float[][][][] output = (float[][][][]) result.get(0).getValue();
            return output[0][1][PATCH / 2][PATCH / 2];
        }
    }

    /** The upper half is cloud. */
    private static void assertCloudIsFound(Path manifest) {
        try (NativeScene scene = NativeScene.feed(description(), Map.of("cloudDetector", "cnn", "model", manifest.toString(),
                "cloudBuffer", 0, "computeMountainShadow", false, "computeCloudShadow", false))) {
            for (String band : BANDS) {
                short[] dn = new short[SIDE * SIDE];
                for (int pixel = 0; pixel < dn.length; pixel++) {
                    dn[pixel] = pixel < dn.length / 2 ? CLOUD : SEA;
                }
                scene.putDn(band, 0, 0, SIDE, SIDE, dn);
            }
            RunSummary summary = scene.run(null);
            assertEquals("tiny", summary.model.id);
            int[] flags = new int[SIDE * SIDE];
            scene.readFlags(0, 0, SIDE, SIDE, flags);
            for (int pixel = 0; pixel < flags.length; pixel++) {
                assertEquals(pixel < flags.length / 2, (flags[pixel] & CS_CLOUD) != 0, "pixel " + pixel);
            }
        }
    }

    private static FeedDescription description() {
        FeedDescription description = new FeedDescription();
        description.name = "synthetic";
        description.epsg = 32631;
        description.easting = 400_000;
        description.northing = 4_900_000;
        description.pixelSize = 20;
        description.width = SIDE;
        description.height = SIDE;
        description.meanSun = new double[] {40, 150};
        for (String name : BANDS) {
            FeedDescription.Band band = new FeedDescription.Band();
            band.name = name;
            band.width = SIDE;
            band.height = SIDE;
            band.kind = "dn";
            band.quantification = 10_000.0;
            band.offset = -1000;
            description.bands.add(band);
        }
        return description;
    }

    private static Path manifest(Path folder, byte[] network) throws Exception {
        Files.write(folder.resolve("tiny.onnx"), network);
        Path manifest = folder.resolve("tiny.toml");
        Files.writeString(manifest, String.join("\n", "id = 'tiny'", "title = 'Tiny'", "version = '1'", "kind = 'network'",
                "file = 'tiny.onnx'", "licence = 'CC0-1.0'", "source = 'this test'", "citation = 'none'",
                "bands = ['B02', 'B03', 'B04', 'B8A']", "resolution = 20", "classes = ['clear', 'cloud']",
                "[network]", "patch = " + PATCH, "overlap = 8", "output = 'logits'", "blended = 'probabilities'",
                "[network.input]", "unit = 'reflectance'", "no-data = 0.0", "[network.input.scaling]", "kind = 'none'",
                "[network.edges]", "kind = 'slide'", "[network.blending]", "kind = 'crop'"));
        return manifest;
    }
}
