package org.esa.snap.core.datamodel;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.geom.AffineTransform;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.clearshore.snapapi.AffineGeoCoding;
import org.esa.snap.core.dataio.ProductReader;

/** A scene in memory: rasters of one or several sizes, their codings and masks, and metadata. */
public class Product extends ProductNode {
    public static final String METADATA_ROOT_NAME = "metadata";

    private final ProductNodeGroup<Band> bands = new ProductNodeGroup<>(this, "bands", true);
    private final ProductNodeGroup<TiePointGrid> tiePointGrids = new ProductNodeGroup<>(this, "tie_point_grids", true);
    private final ProductNodeGroup<Mask> masks = new ProductNodeGroup<>(this, "masks", true);
    private final ProductNodeGroup<FlagCoding> flagCodings = new ProductNodeGroup<>(this, "flag_codings", true);
    private final ProductNodeGroup<IndexCoding> indexCodings = new ProductNodeGroup<>(this, "index_codings", true);
    private final MetadataElement metadataRoot = new MetadataElement(METADATA_ROOT_NAME);
    private String productType;
    private Dimension sceneRasterSize;
    private ProductReader productReader;
    private File fileLocation;
    private ProductData.UTC startTime;
    private ProductData.UTC endTime;
    private GeoCoding sceneGeoCoding;
    private Dimension preferredTileSize;
    private String quicklookBandName;
    private int numResolutionsMax;

    public Product(String name, String type, int sceneRasterWidth, int sceneRasterHeight) {
        this(name, type, sceneRasterWidth, sceneRasterHeight, null);
    }

    public Product(String name, String type, int sceneRasterWidth, int sceneRasterHeight, ProductReader reader) {
        this(name, type, reader);
        sceneRasterSize = new Dimension(sceneRasterWidth, sceneRasterHeight);
    }

    /** Its scene takes the size of its largest band. */
    public Product(String name, String type) {
        this(name, type, null);
    }

    public Product(String name, String type, ProductReader reader) {
        super(name);
        productType = type;
        productReader = reader;
        metadataRoot.setOwner(this);
    }

    /** Identity where the geo-coding has no affine transform. */
    public static AffineTransform findImageToModelTransform(GeoCoding geoCoding) {
        return geoCoding instanceof AffineGeoCoding
                ? ((AffineGeoCoding) geoCoding).getImageToMap() : new AffineTransform();
    }

    public File getFileLocation() {
        return fileLocation;
    }

    public void setFileLocation(File fileLocation) {
        this.fileLocation = fileLocation;
    }

    public String getProductType() {
        return productType;
    }

    public void setProductType(String productType) {
        this.productType = productType;
    }

    @Override
    public ProductReader getProductReader() {
        return productReader;
    }

    public void setProductReader(ProductReader reader) {
        productReader = reader;
    }

    public void closeProductReader() throws IOException {
        if (productReader != null) {
            productReader.close();
            productReader = null;
        }
    }

    public void closeIO() throws IOException {
        closeProductReader();
    }

    /** Closes the reader and lets go of everything. */
    @Override
    public void dispose() {
        try {
            closeIO();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        bands.dispose();
        tiePointGrids.dispose();
        masks.dispose();
        flagCodings.dispose();
        indexCodings.dispose();
        sceneGeoCoding = null;
        super.dispose();
    }

    public GeoCoding getSceneGeoCoding() {
        return sceneGeoCoding;
    }

    public void setSceneGeoCoding(GeoCoding sceneGeoCoding) {
        this.sceneGeoCoding = sceneGeoCoding;
    }

    public final int getSceneRasterWidth() {
        return getSceneRasterSize().width;
    }

    public final int getSceneRasterHeight() {
        return getSceneRasterSize().height;
    }

    public final Dimension getSceneRasterSize() {
        if (sceneRasterSize == null) {
            sceneRasterSize = Arrays.stream(getBands())
                    .max(Comparator.comparingLong(band -> (long) band.getRasterWidth() * band.getRasterHeight()))
                    .orElseThrow(() -> new IllegalStateException(
                            "scene raster size not set and no reference band found to derive it from"))
                    .getRasterSize();
        }
        return sceneRasterSize;
    }

    /** Whether its rasters differ in size. */
    public boolean isMultiSize() {
        return getRasterDataNodes().stream().map(RasterDataNode::getRasterSize).distinct().count() > 1;
    }

    public ProductData.UTC getStartTime() {
        return startTime;
    }

    public void setStartTime(ProductData.UTC startTime) {
        this.startTime = startTime;
    }

    public ProductData.UTC getEndTime() {
        return endTime;
    }

    public void setEndTime(ProductData.UTC endTime) {
        this.endTime = endTime;
    }

    public MetadataElement getMetadataRoot() {
        return metadataRoot;
    }

    public ProductNodeGroup<TiePointGrid> getTiePointGridGroup() {
        return tiePointGrids;
    }

    public void addTiePointGrid(TiePointGrid tiePointGrid) {
        requireNewName(tiePointGrid);
        tiePointGrids.add(tiePointGrid);
    }

    public int getNumTiePointGrids() {
        return tiePointGrids.getNodeCount();
    }

    public TiePointGrid getTiePointGridAt(int index) {
        return tiePointGrids.get(index);
    }

    public String[] getTiePointGridNames() {
        return tiePointGrids.getNodeNames();
    }

    public TiePointGrid[] getTiePointGrids() {
        return tiePointGrids.toArray(new TiePointGrid[0]);
    }

    public TiePointGrid getTiePointGrid(String name) {
        return tiePointGrids.get(name);
    }

    public boolean containsTiePointGrid(String name) {
        return tiePointGrids.contains(name);
    }

    public ProductNodeGroup<Band> getBandGroup() {
        return bands;
    }

    public void addBand(Band band) {
        requireNewName(band);
        bands.add(band);
    }

    public Band addBand(String bandName, int dataType) {
        Band band = new Band(bandName, dataType, getSceneRasterWidth(), getSceneRasterHeight());
        addBand(band);
        return band;
    }

    public boolean removeBand(Band band) {
        return bands.remove(band);
    }

    public int getNumBands() {
        return bands.getNodeCount();
    }

    public Band getBandAt(int index) {
        return bands.get(index);
    }

    public String[] getBandNames() {
        return bands.getNodeNames();
    }

    public Band[] getBands() {
        return bands.toArray(new Band[0]);
    }

    /** The band of the name, whatever its case, or null. */
    public Band getBand(String name) {
        return bands.get(name);
    }

    public int getBandIndex(String name) {
        return bands.indexOf(name);
    }

    public boolean containsBand(String name) {
        return bands.contains(name);
    }

    public boolean containsRasterDataNode(String name) {
        return getRasterDataNode(name) != null;
    }

    /** The band, tie-point grid or mask of the name, whatever its case, or null. */
    public RasterDataNode getRasterDataNode(String name) {
        RasterDataNode raster = bands.get(name);
        raster = raster == null ? tiePointGrids.get(name) : raster;
        return raster == null ? masks.get(name) : raster;
    }

    public synchronized List<RasterDataNode> getRasterDataNodes() {
        List<RasterDataNode> rasters = new ArrayList<>(Arrays.asList(getBands()));
        rasters.addAll(Arrays.asList(masks.toArray(new Mask[0])));
        rasters.addAll(Arrays.asList(getTiePointGrids()));
        return rasters;
    }

    public String getQuicklookBandName() {
        return quicklookBandName;
    }

    public void setQuicklookBandName(String quicklookBandName) {
        this.quicklookBandName = quicklookBandName;
    }

    public ProductNodeGroup<Mask> getMaskGroup() {
        return masks;
    }

    public ProductNodeGroup<FlagCoding> getFlagCodingGroup() {
        return flagCodings;
    }

    public ProductNodeGroup<IndexCoding> getIndexCodingGroup() {
        return indexCodings;
    }

    public int getNumResolutionsMax() {
        return numResolutionsMax;
    }

    public void setNumResolutionsMax(int numResolutionsMax) {
        this.numResolutionsMax = numResolutionsMax;
    }

    public Dimension getPreferredTileSize() {
        return preferredTileSize;
    }

    public void setPreferredTileSize(Dimension preferredTileSize) {
        this.preferredTileSize = preferredTileSize;
    }

    public void setPreferredTileSize(int tileWidth, int tileHeight) {
        setPreferredTileSize(new Dimension(tileWidth, tileHeight));
    }

    /** Grouping is only for display and not kept here. */
    public void setAutoGrouping(String pattern) {
    }

    /**
     * Adds a mask as large as the rasters of its expression. Refuses an expression that names what the product lacks:
     * SNAP would log a warning and add a mask that can't be drawn.
     */
    public Mask addMask(String maskName, String expression, String description, Color color, double transparency) {
        List<String> unknown = MaskExpression.unknownNames(expression, this);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("mask " + maskName + ": the product has no " + unknown);
        }
        Set<RasterDataNode> rasters = MaskExpression.rasters(expression, this);
        if (rasters.stream().map(RasterDataNode::getRasterSize).distinct().count() > 1) {
            throw new IllegalArgumentException("Expression must not reference rasters of different sizes");
        }
        Dimension size = rasters.isEmpty() ? getSceneRasterSize() : rasters.iterator().next().getRasterSize();
        Mask mask = Mask.BandMathsType.create(maskName, description, size.width, size.height, expression, color,
                transparency);
        addMask(mask);
        return mask;
    }

    public void addMask(Mask mask) {
        requireNewName(mask);
        masks.add(mask);
    }

    @Override
    public void setModified(boolean modified) {
        super.setModified(modified);
        if (!modified) {
            bands.setModified(false);
            masks.setModified(false);
            metadataRoot.setModified(false);
        }
    }

    private void requireNewName(RasterDataNode raster) {
        if (containsRasterDataNode(raster.getName())) {
            throw new IllegalArgumentException("The Product '" + getName()
                    + "' already contains a raster with the name '" + raster.getName() + "'.");
        }
    }
}
