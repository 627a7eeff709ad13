package org.clearshore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.clearshore.ClearshoreException.Kind;
import org.junit.jupiter.api.function.Executable;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Scenes made of numbers: sea in the west, land in the east, a round cloud between them. */
final class Scenes {
    static final int SIDE = 300;
    static final List<String> BANDS = List.of("B02", "B03", "B04", "B8A", "B10", "B11", "B12");
    /** DN of sea, land and cloud, in the order of {@link #BANDS}. */
    private static final int[][] DN = {
        {1700, 1900, 6000}, {1500, 1900, 6000}, {1300, 1800, 6000}, {1150, 3800, 6200},
        {1010, 1010, 1200}, {1060, 3000, 4500}, {1040, 2000, 3500},
    };
    /** Where the tests unpack the library. */
    static final Path FOLDER = Path.of("target", "unpacked");

    static {
        NativeLibrary.load(FOLDER);
    }

    private Scenes() {
    }

    static FeedDescription description(int side) {
        FeedDescription description = new FeedDescription();
        description.name = "synthetic";
        description.epsg = 32631;
        description.easting = 400_000;
        description.northing = 4_900_000;
        description.pixelSize = 20;
        description.width = side;
        description.height = side;
        description.meanSun = new double[] {40, 150};
        for (String name : BANDS) {
            description.bands.add(band(name, side, "dn"));
        }
        return description;
    }

    static FeedDescription.Band band(String name, int side, String kind) {
        FeedDescription.Band band = new FeedDescription.Band();
        band.name = name;
        band.width = side;
        band.height = side;
        band.kind = kind;
        band.quantification = 10_000.0;
        band.offset = -1000;
        return band;
    }

    static short[] dn(String band, int side) {
        int[] values = DN[BANDS.indexOf(band)];
        short[] plane = new short[side * side];
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                int right = column - side / 2;
                int down = row - side / 2;
                boolean cloud = right * right + down * down < side * side / 25;
                int noise = (int) ((row * 7919L + column * 104_729L) % 97);
                plane[row * side + column] = (short) (noise + values[cloud ? 2 : right < 0 ? 0 : 1]);
            }
        }
        return plane;
    }

    /** A scene whose pixels are given. */
    static NativeScene given(int side, Map<String, ?> parameters) {
        NativeScene scene = NativeScene.feed(description(side), parameters);
        for (String band : BANDS) {
            scene.putDn(band, 0, 0, side, side, dn(band, side));
        }
        return scene;
    }

    static NativeScene given() {
        return given(SIDE, Map.of());
    }

    static int[] flags(NativeScene scene) {
        Grid grid = scene.description().grid;
        int[] flags = new int[grid.width * grid.height];
        scene.readFlags(0, 0, grid.width, grid.height, flags);
        return flags;
    }

    static ClearshoreException fails(Kind kind, Executable call) {
        ClearshoreException exception = assertThrows(ClearshoreException.class, call);
        assertEquals(kind, exception.kind(), exception.getMessage());
        return exception;
    }
}
