package org.clearshore.snap;

import com.bc.ceres.core.ProgressMonitor;
import org.clearshore.ClearshoreException;
import org.clearshore.NativeLibrary;
import org.clearshore.NativeScene;
import org.clearshore.RunSummary;
import org.clearshore.Tables;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.gpf.Operator;
import org.esa.snap.core.gpf.OperatorCancelException;
import org.esa.snap.core.gpf.OperatorException;
import org.esa.snap.core.gpf.OperatorSpi;
import org.esa.snap.core.gpf.Tile;
import org.esa.snap.core.gpf.annotations.OperatorMetadata;
import org.esa.snap.core.gpf.annotations.Parameter;
import org.esa.snap.core.gpf.annotations.SourceProduct;
import org.esa.snap.core.gpf.annotations.TargetProduct;
import org.esa.snap.core.util.SystemUtils;

import java.awt.Rectangle;
import java.io.File;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Flags which pixels of a Sentinel-2 Level-1C scene a water-colour user may trust.
 *
 * <p>The whole scene is run in the native library when SNAP executes the operator; tiles are copies out of its result.
 */
@OperatorMetadata(
        alias = "Clearshore",
        label = "Clearshore",
        version = "0.1.0",
        category = "Optical/Preprocessing/Masking",
        description = "Flags which pixels of a Sentinel-2 Level-1C scene of coasts or inland waters may be trusted.",
        authors = "The Clearshore developers",
        copyright = "GPL-3.0-or-later")
public class ClearshoreOp extends Operator {
    /**
     * Most stages of any run: pixels are read, clouds are detected, the coast, clouds as objects, a learned model, haze, cloud
     * shadow, sun glint, flags are merged.
     */
    private static final int STAGES = 9;

    @SourceProduct(label = "Source product", description = "A Sentinel-2 Level-1C product, as it was read or resampled "
            + "to one pixel size.")
    private Product sourceProduct;

    @TargetProduct(description = "The flags; beside them the bands of a source product with one pixel size.")
    private Product targetProduct;

    @Parameter(label = "Original product",
            description = "The original Level-1C product (.SAFE folder, its zip archive or its MTD_MSIL1C.xml), for a "
                    + "source product that has lost it, such as one that was saved as BEAM-DIMAP. Pixels and angles "
                    + "are then read from it.")
    private File safePath;

    @Parameter(label = "Resolution", defaultValue = "20", valueSet = {"10", "20", "60"}, unit = "m",
            description = "Working and output pixel size.")
    private int resolution;

    @Parameter(label = "Resampling", defaultValue = "fast", valueSet = {"fast", "mean"},
            description = "How 10 m bands come to a coarser grid: 'fast' decodes at reduced resolution and corrects "
                    + "the wavelet's shift, 'mean' decodes fully and averages.")
    private String resampling;

    @Parameter(label = "Cloud detector", defaultValue = "physics",
            valueSet = {"physics", "s2cloudless", "ukis-csmask", "cnn", "s2cloudmask", "combined"},
            description = "Who decides on cloud: the tests of the physics, a learned model, or both together "
                    + "('combined'). Models are not part of Clearshore: 'clearshore models list' says which are known "
                    + "and where they are looked for.")
    private String cloudDetector;

    @Parameter(label = "Learned model",
            description = "Name of a learned model, or the path of its manifest; needed for 'cnn', and instead of the "
                    + "usual model of the other learned detectors.")
    private String model;

    @Parameter(label = "Cloud probability threshold", interval = "[0,1]",
            description = "Probability above which what the learned model calls cloud is cloud; without it the model's "
                    + "own.")
    private Double cloudProbabilityThreshold;

    @Parameter(label = "ONNX Runtime",
            description = "Library of ONNX Runtime, which learned networks need (libonnxruntime.so, onnxruntime.dll or "
                    + "libonnxruntime.dylib); without it the one of ORT_DYLIB_PATH, of the plugin 'Clearshore: "
                    + "ONNX Runtime', or beside the program.")
    private File onnxRuntime;

    @Parameter(label = "Cloud buffer", defaultValue = "60", interval = "[0,2000]", unit = "m",
            description = "Distance from cloud within which pixels get CS_CLOUD_BUFFER.")
    private double cloudBuffer;

    @Parameter(label = "Static water raster",
            description = "Raster of water occurrence in percent (0-100, 255 is ocean in GSWO and counts as 100); helps "
                    + "the water test in turbid, frozen or cloudy places. A GeoTIFF in longitude and latitude or UTM, "
                    + "in the program any raster that GDAL reads.")
    private File waterRaster;

    @Parameter(label = "Static bright raster",
            description = "Raster of ground that is always bright, in percent (1-100) of the clear views in which it was; "
                    + "0 and no data are not. What lies mostly on 50 percent or more is no cloud, unless it holds sure "
                    + "cirrus or stands apart from the ground. A GeoTIFF in longitude and latitude or UTM, in the "
                    + "program any raster that GDAL reads.")
    private File brightRaster;

    @Parameter(label = "Cloud shadow", defaultValue = "true", description = "Find the shadows of clouds.")
    private boolean computeCloudShadow;

    @Parameter(label = "Shadow buffer", defaultValue = "60", interval = "[0,2000]", unit = "m",
            description = "Distance from cloud shadow within which pixels get CS_SHADOW_BUFFER.")
    private double shadowBuffer;

    @Parameter(label = "Relief shadow", defaultValue = "true",
            description = "Find relief shadow over an elevation model; without one its flags are unknown.")
    private boolean computeMountainShadow;

    @Parameter(label = "Elevation model", defaultValue = "SRTM 1Sec HGT",
            valueSet = {"SRTM 1Sec HGT", "SRTM 3Sec", "Copernicus 30m Global DEM", "Copernicus 90m Global DEM"},
            description = "Elevation model whose cells are taken from where SNAP keeps them; within SNAP, missing "
                    + "ones are downloaded.")
    private String demName;

    @Parameter(label = "External elevation model",
            description = "Raster of heights in metres to use instead: a GeoTIFF in longitude and latitude or UTM, or an "
                    + ".hgt cell; in the program any raster that GDAL reads.")
    private File externalDEMFile;

    @Parameter(label = "Folder of the elevation model",
            description = "Folder of .hgt, zipped or GeoTIFF cells to use instead of SNAP's own.")
    private File demFolder;

    @Parameter(label = "Voids of the elevation model", defaultValue = "unknown", valueSet = {"unknown", "fill"},
            description = "Where the elevation model holds no height: 'unknown' leaves open what depends on it, 'fill' "
                    + "fills it from around it.")
    private String demVoidPolicy;

    @Parameter(label = "Refraction", defaultValue = "false",
            description = "Bend the rays to the sun by the standard atmosphere.")
    private boolean refraction;

    @Parameter(label = "View occlusion", defaultValue = "false",
            description = "Also find ground that relief hides from the sensor (evidence VIEW_OCCLUDED).")
    private boolean viewOcclusion;

    @Parameter(label = "Sun glint", defaultValue = "true",
            description = "Find sun glint over water, and take what it adds out of the tests for cloud, haze and foam.")
    private boolean computeGlint;

    @Parameter(label = "Wind speed", interval = "[0,20]", unit = "m/s",
            description = "Wind speed 10 m above the sea, instead of the forecast that came with the product. Without "
                    + "either it is 5 m/s.")
    private Double windSpeed;

    @Parameter(label = "Wind direction", interval = "[0,360]", unit = "deg",
            description = "Where the wind comes from, clockwise from true north, instead of the forecast's direction. "
                    + "With a windSpeed and no direction the waves are taken for alike in all directions.")
    private Double windDirection;

    @Parameter(label = "Glint threshold", defaultValue = "0.005", interval = "[1.0E-6,1]", unit = "1/sr",
            description = "Glint coefficient (radiance of glint for a solar irradiance of 1) from which pixels of water "
                    + "get CS_GLINT_RISK.")
    private double glintThreshold;

    @Parameter(label = "Copy source bands", defaultValue = "true",
            description = "Copy bands, tie-point grids, angles and masks of a source product with one pixel size; "
                    + "needed before C2RCC.")
    private boolean copySourceBands;

    @Parameter(label = "Write feature bands", defaultValue = "false",
            description = "Also write the bands cloud_probability, cloud_shadow_probability, cirrus_reflectance, "
                    + "hot, cos_incidence, sun_visibility, glint_reflectance, glint_excess and glint_angle.")
    private boolean copyFeatures;

    @Parameter(label = "Write evidence band", defaultValue = "false",
            description = "Also write clearshore_evidence, which says why each flag was set.")
    private boolean copyEvidence;

    private ScenePlan plan;
    private SceneRun run;
    private TileCopier copier;
    private TargetMetadata metadata;

    @Override
    public void initialize() throws OperatorException {
        if (run != null) {
            run.close();
        }
        try {
            NativeLibrary.load(SystemUtils.getAuxDataPath().resolve("clearshore"));
            Tables tables = NativeLibrary.tables();
            plan = new ScenePlan(sourceProduct, safePath, resolution, nativeParameters());
            plan.notes.forEach(note -> getLogger().info("Clearshore: " + note));
            FlagBands bands = new FlagBands(tables, copyEvidence, copyFeatures);
            targetProduct = copySourceBands && plan.reference == null
                    ? TargetShape.besideSource(sourceProduct, bands)
                    : TargetShape.alone(sourceProduct, plan, bands);
            metadata = new TargetMetadata(targetProduct, tables, plan, allParameters());
            copier = new TileCopier(tables, plan.offset());
            run = new SceneRun();
        } catch (ClearshoreException failure) {
            throw Failures.of(failure);
        }
    }

    /** Runs the scene. Later calls do nothing, or fail as the first did. */
    @Override
    public void doExecute(ProgressMonitor monitor) throws OperatorException {
        run.result(() -> runScene(monitor));
    }

    @Override
    public void computeTileStack(Map<Band, Tile> targetTiles, Rectangle targetRectangle, ProgressMonitor monitor)
            throws OperatorException {
        NativeScene scene = run.result(() -> runScene(ProgressMonitor.NULL));
        try {
            targetTiles.forEach((band, tile) -> copier.copy(scene, band.getName(), tile));
        } catch (ClearshoreException failure) {
            throw Failures.of(failure);
        }
    }

    @Override
    public void dispose() {
        if (run != null) {
            run.close();
        }
        super.dispose();
    }

    private void runScene(ProgressMonitor monitor) {
        boolean snapsDem = computeMountainShadow && externalDEMFile == null && demFolder == null;
        int stages = STAGES + (computeMountainShadow ? 1 : 0) + (viewOcclusion ? 1 : 0) + (snapsDem ? 1 : 0);
        try (RunProgress progress = new RunProgress(monitor, this::isCancelled, stages)) {
            NativeScene scene = run.hold(() -> plan.begin(this::getSourceTile));
            List<String> notes = snapsDem ? DemDownload.fetch(scene, demName, progress) : List.of();
            plan.giveWind(scene);
            plan.feed(scene, this::getSourceTile, progress);
            RunSummary summary = scene.run(plan.listener(scene, this::getSourceTile, progress));
            summary.warnings.addAll(0, notes);
            summary.warnings.forEach(warning -> getLogger().warning("Clearshore: " + warning));
            metadata.complete(summary);
        }
    }

    private boolean isCancelled() {
        try {
            checkForCancellation();
            return false;
        } catch (OperatorCancelException cancelled) {
            return true;
        }
    }

    private Map<String, Object> nativeParameters() {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("resolution", resolution);
        parameters.put("resampling", resampling);
        parameters.put("cloudDetector", cloudDetector);
        parameters.put("model", model);
        parameters.put("cloudProbabilityThreshold", cloudProbabilityThreshold);
        parameters.put("onnxRuntime", onnxRuntime);
        parameters.put("cloudBuffer", cloudBuffer);
        parameters.put("waterRaster", waterRaster);
        parameters.put("brightRaster", brightRaster);
        parameters.put("computeCloudShadow", computeCloudShadow);
        parameters.put("shadowBuffer", shadowBuffer);
        parameters.put("computeMountainShadow", computeMountainShadow);
        parameters.put("demName", demName);
        parameters.put("externalDEMFile", externalDEMFile);
        parameters.put("demFolder", demFolder != null ? demFolder : snapsDemFolder());
        parameters.put("demVoidPolicy", demVoidPolicy);
        parameters.put("refraction", refraction);
        parameters.put("viewOcclusion", viewOcclusion);
        parameters.put("computeGlint", computeGlint);
        parameters.put("windSpeed", windSpeed);
        parameters.put("windDirection", windDirection);
        parameters.put("glintThreshold", glintThreshold);
        parameters.put("copyFeatures", copyFeatures);
        parameters.put("copyEvidence", copyEvidence);
        parameters.put("threads", Parallelism.threads());
        return parameters;
    }

    /** Where SNAP keeps the cells of the elevation model; it may be missing or empty. */
    private File snapsDemFolder() {
        return SystemUtils.getAuxDataPath().resolve("dem").resolve(demName).toFile();
    }

    private Map<String, Object> allParameters() {
        Map<String, Object> parameters = nativeParameters();
        parameters.put("safePath", safePath);
        parameters.put("copySourceBands", copySourceBands);
        return parameters;
    }

    /** How SNAP finds the operator. */
    public static class Spi extends OperatorSpi {
        public Spi() {
            super(ClearshoreOp.class);
        }
    }
}
