package org.clearshore.snap;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.clearshore.FeedDescription;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers of a scene: of the simulated one that {@code tests/snap-scene/prepare} makes, or of one made here. */
final class SceneData {
    /** The made scene's side on the 60 m grid. */
    private static final int SIDE = 40;

    /** Reflectance of water, meadow, cloud, soil and water, 1/10000, per band. */
    private static final int[][] COVERS = {
        {1200, 900, 600, 400, 300, 300, 300, 250, 220, 100, 10, 100, 80},
        {1100, 900, 800, 600, 1000, 2200, 2700, 2800, 3000, 1000, 10, 1800, 900},
        {5000, 5000, 5000, 5200, 5300, 5500, 5500, 5500, 5600, 3000, 200, 3500, 2500},
        {1300, 1200, 1300, 1500, 1700, 1900, 2000, 2100, 2200, 800, 10, 2700, 2200},
        {1250, 950, 650, 450, 320, 310, 300, 260, 230, 100, 10, 100, 80},
    };

    /** Unknown directions are null in JSON. */
    private static final Gson JSON = new GsonBuilder().registerTypeAdapter(float[].class,
            (JsonDeserializer<float[]>) (values, type, context) -> floats(values.getAsJsonArray())).create();

    /** A band's raw numbers. */
    static final class BandData {
        int nativeWidth;
        int nativeHeight;
        int offset;
        short[] working;
        short[] nativeDn;
        /** Which detector saw each native pixel; null where nobody knows. */
        byte[] detectors;
    }

    String name;
    String tile;
    int epsg;
    double easting;
    double northing;
    int pixelSize;
    int width;
    int height;
    int sunRows;
    float[] sunZenith;
    float[] sunAzimuth;
    double[] meanSun;
    /** Directions to the sensor without detectors, on the sun's grid. */
    float[] viewZenith;
    float[] viewAzimuth;
    /** As the native library takes them; none in a scene made here. */
    FeedDescription.View[] views = {};
    /** By SNAP's names. */
    final Map<String, BandData> bands = new LinkedHashMap<>();

    /** Reads what the example {@code planes} of {@code clearshore-io} wrote. */
    static SceneData read(Path folder) {
        try {
            JsonObject json = JsonParser.parseString(Files.readString(folder.resolve("planes.json"))).getAsJsonObject();
            SceneData data = new SceneData();
            data.name = json.get("name").getAsString();
            data.tile = json.get("tile").getAsString();
            JsonObject grid = json.getAsJsonObject("grid");
            data.epsg = grid.get("epsg").getAsInt();
            data.easting = grid.get("easting").getAsDouble();
            data.northing = grid.get("northing").getAsDouble();
            data.pixelSize = grid.get("pixelSize").getAsInt();
            data.width = grid.get("width").getAsInt();
            data.height = grid.get("height").getAsInt();
            JsonObject sun = json.getAsJsonObject("sun");
            data.sunRows = sun.get("rows").getAsInt();
            data.sunZenith = floats(sun.getAsJsonArray("zenith"));
            data.sunAzimuth = floats(sun.getAsJsonArray("azimuth"));
            data.viewZenith = data.sunZenith;
            data.viewAzimuth = data.sunAzimuth;
            data.views = JSON.fromJson(json.get("views"), FeedDescription.View[].class);
            JsonArray mean = json.getAsJsonArray("meanSun");
            data.meanSun = new double[]{mean.get(0).getAsDouble(), mean.get(1).getAsDouble()};
            for (JsonElement element : json.getAsJsonArray("bands")) {
                JsonObject band = element.getAsJsonObject();
                String file = band.get("name").getAsString() + ".u16";
                BandData read = new BandData();
                read.nativeWidth = band.get("nativeWidth").getAsInt();
                read.nativeHeight = band.get("nativeHeight").getAsInt();
                read.offset = band.get("offset").getAsInt();
                read.working = shorts(folder.resolve("working").resolve(file));
                read.nativeDn = shorts(folder.resolve("native").resolve(file));
                read.detectors = bytes(folder.resolve("native").resolve(file.replace(".u16", ".u8")));
                data.bands.put(file.replaceFirst("^B0", "B").replace(".u16", ""), read);
            }
            return data;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A scene of rectangles of water, land and cloud, with a corner without data. */
    static SceneData made(int pixelSize) {
        return made(pixelSize, SIDE);
    }

    /** The same with another side, in pixels of 60 m. Every pixel of 60 m has one number, which no mean changes. */
    static SceneData made(int pixelSize, int side) {
        SceneData data = new SceneData();
        data.name = "S2A_MSIL1C_20240601T101031_N0510_R022_T32TPR_20240601T120000";
        data.tile = "T32TPR";
        data.epsg = 32632;
        data.easting = 600_000;
        data.northing = 5_000_040;
        data.pixelSize = pixelSize;
        data.width = side * 60 / pixelSize;
        data.height = data.width;
        data.sunRows = 2;
        data.sunZenith = new float[]{30, 30.1f, 30.2f, 30.3f};
        data.sunAzimuth = new float[]{150, 150.1f, 150.2f, 150.3f};
        data.meanSun = new double[]{30.15, 150.15};
        data.viewZenith = new float[]{5, 5.1f, 5.2f, 5.3f};
        data.viewAzimuth = new float[]{100, 100.1f, 100.2f, 100.3f};
        int[] sizes = {60, 10, 10, 10, 20, 20, 20, 10, 20, 60, 60, 20, 20};
        for (String band : L1cMetadata.BANDS) {
            int index = L1cMetadata.BANDS.indexOf(band);
            BandData made = new BandData();
            made.nativeWidth = side * 60 / sizes[index];
            made.nativeHeight = made.nativeWidth;
            made.offset = -1000;
            made.nativeDn = pattern(made.nativeWidth, sizes[index], index);
            made.working = pattern(data.width, pixelSize, index);
            data.bands.put(band, made);
        }
        return data;
    }

    private static short[] pattern(int side, int pixelSize, int band) {
        short[] dn = new short[side * side];
        for (int i = 0; i < dn.length; i++) {
            int east = i % side * pixelSize / 60;
            int south = i / side * pixelSize / 60;
            int[] cover = COVERS[(east / 9 * 7 + south / 7 * 5) % COVERS.length];
            dn[i] = (short) (east + south < 5 ? 0 : 1000 + cover[band] + (east * 7 + south * 3) % 11 * 4);
        }
        return dn;
    }

    static short[] shorts(Path file) {
        short[] values = new short[(int) file.toFile().length() / Short.BYTES];
        buffer(file).asShortBuffer().get(values);
        return values;
    }

    static int[] ints(Path file) {
        int[] values = new int[(int) file.toFile().length() / Integer.BYTES];
        buffer(file).asIntBuffer().get(values);
        return values;
    }

    static float[] floats(Path file) {
        float[] values = new float[(int) file.toFile().length() / Float.BYTES];
        buffer(file).asFloatBuffer().get(values);
        return values;
    }

    static byte[] bytes(Path file) {
        return buffer(file).array();
    }

    private static ByteBuffer buffer(Path file) {
        try {
            return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static float[] floats(JsonArray array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).isJsonNull() ? Float.NaN : array.get(i).getAsFloat();
        }
        return values;
    }
}
