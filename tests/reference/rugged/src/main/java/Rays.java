import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.hipparchus.geometry.euclidean.threed.Vector3D;
import org.orekit.bodies.GeodeticPoint;
import org.orekit.frames.FramesFactory;
import org.orekit.rugged.errors.RuggedException;
import org.orekit.rugged.errors.RuggedInternalError;
import org.orekit.rugged.intersection.duvenhage.DuvenhageAlgorithm;
import org.orekit.rugged.raster.UpdatableTile;
import org.orekit.rugged.utils.ExtendedEllipsoid;
import org.orekit.rugged.utils.NormalizedGeodeticPoint;
import org.orekit.utils.Constants;

/**
 * Which places of a DEM see the sun, by Rugged's Duvenhage algorithm with verified hits.
 *
 * <p>{@code Rays JOB OUT}. JOB holds little-endian doubles: west, north (degrees, of the first node), column step, row
 * step (degrees), rows, columns, number of suns, number of places; heights (metres, rows from north to south); azimuth and
 * elevation of each sun; longitude and latitude of each place, degrees. OUT gets a byte for each place under each sun: 0 it
 * sees it, 1 it does not, 255 Rugged could not say.
 */
public final class Rays {
    /** A hit whose altitude differs by more from the DEM's is false, metres. */
    private static final double LARGEST_ERROR = 0.02;
    /** How far past a false hit the search goes on, metres. */
    private static final double STEP_PAST = 0.25;
    /** A hit counts when it is farther from the place, metres. */
    private static final double LEAST_DISTANCE = 2.0;
    /** How far above the highest node a search begins, metres. */
    private static final double ABOVE_ALL = 20.0;
    private static final int MOST_HITS = 100_000;
    private static final byte LIT = 0;
    private static final byte SHADOW = 1;
    private static final byte UNDEFINED = -1;

    private final double west;
    private final double south;
    private final double columnStep;
    private final double rowStep;
    private final int rows;
    private final int columns;
    private final double[] heights;
    private final double[] suns;
    private final double[] places;
    private final double highest;

    private Rays(final DoubleBuffer job) {
        west = Math.toRadians(job.get());
        final double north = Math.toRadians(job.get());
        columnStep = Math.toRadians(job.get());
        rowStep = Math.toRadians(job.get());
        rows = (int) job.get();
        columns = (int) job.get();
        south = north - (rows - 1) * rowStep;
        suns = new double[2 * (int) job.get()];
        places = new double[2 * (int) job.get()];
        heights = new double[rows * columns];
        job.get(heights).get(suns).get(places);
        highest = java.util.Arrays.stream(heights).max().orElseThrow();
    }

    public static void main(final String[] arguments) throws IOException {
        final byte[] bytes = Files.readAllBytes(Path.of(arguments[0]));
        final Rays rays = new Rays(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer());
        final int each = rays.places.length / 2;
        final byte[] answers = new byte[rays.suns.length / 2 * each];
        final long start = System.nanoTime();
        IntStream.range(0, rays.suns.length / 2).parallel().forEach(sun -> {
            final Search search = rays.new Search(rays.suns[2 * sun], rays.suns[2 * sun + 1]);
            for (int place = 0; place < each; place++) {
                answers[sun * each + place] = search.from(rays.places[2 * place], rays.places[2 * place + 1]);
            }
        });
        System.out.printf("{\"rays\": %d, \"seconds\": %.6f}%n", answers.length, (System.nanoTime() - start) * 1e-9);
        Files.write(Path.of(arguments[1]), answers);
    }

    private void fill(final double latitude, final double longitude, final UpdatableTile tile) {
        if (latitude < south || latitude > south + (rows - 1) * rowStep
                || longitude < west || longitude > west + (columns - 1) * columnStep) {
            throw new IllegalArgumentException("beyond the DEM");
        }
        tile.setGeometry(south, west, rowStep, columnStep, rows, columns);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                tile.setElevation(row, column, heights[(rows - 1 - row) * columns + column]);
            }
        }
    }

    /** Searches under one sun. */
    private final class Search {
        private final ExtendedEllipsoid earth = new ExtendedEllipsoid(
                Constants.WGS84_EARTH_EQUATORIAL_RADIUS, Constants.WGS84_EARTH_FLATTENING, FramesFactory.getGCRF());
        private final DuvenhageAlgorithm algorithm = new DuvenhageAlgorithm(Rays.this::fill, 2, false, false);
        private final double azimuth;
        private final double elevation;

        Search(final double azimuth, final double elevation) {
            this.azimuth = Math.toRadians(azimuth);
            this.elevation = Math.toRadians(elevation);
        }

        private NormalizedGeodeticPoint hit(final Vector3D start, final Vector3D down) {
            final NormalizedGeodeticPoint close = algorithm.intersection(earth, start, down);
            try {
                return algorithm.refineIntersection(earth, start, down, close);
            } catch (RuggedInternalError error) {
                // Rugged can't refine some hits on rough ground; the verification judges the rough one.
                return close;
            }
        }

        byte from(final double longitude, final double latitude) {
            try {
                final double phi = Math.toRadians(latitude);
                final double lambda = Math.toRadians(longitude);
                final double height = algorithm.getElevation(phi, lambda);
                final GeodeticPoint place = new GeodeticPoint(phi, lambda, height);
                final Vector3D position = earth.transform(place);
                final Vector3D toSun = new Vector3D(
                        Math.cos(elevation) * Math.sin(azimuth), place.getEast(),
                        Math.cos(elevation) * Math.cos(azimuth), place.getNorth(),
                        Math.sin(elevation), place.getZenith());
                double distance = (highest + ABOVE_ALL - height) / Math.sin(elevation);
                for (int hits = 0; hits < MOST_HITS; hits++) {
                    final Vector3D start = new Vector3D(1.0, position, distance, toSun);
                    final Vector3D down = toSun.negate();
                    final NormalizedGeodeticPoint hit = hit(start, down);
                    final double found = earth.transform((GeodeticPoint) hit).subtract(position).dotProduct(toSun);
                    if (found <= LEAST_DISTANCE) {
                        return LIT;
                    }
                    final double ground = algorithm.getElevation(hit.getLatitude(), hit.getLongitude());
                    if (Math.abs(hit.getAltitude() - ground) <= LARGEST_ERROR) {
                        return SHADOW;
                    }
                    distance = Math.min(found, distance) - STEP_PAST;
                    if (distance <= LEAST_DISTANCE) {
                        return LIT;
                    }
                }
                return UNDEFINED;
            } catch (RuggedException | RuggedInternalError | IllegalArgumentException exception) {
                return UNDEFINED;
            }
        }
    }
}
