package org.esa.snap.core.gpf.internal;

import com.bc.ceres.core.ProgressMonitor;
import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.clearshore.snapapi.MemoryTile;
import org.clearshore.snapapi.OperatorFields;
import org.clearshore.snapapi.ParameterFields;
import org.clearshore.snapapi.Samples;
import org.clearshore.snapapi.TestOnly;
import org.esa.snap.core.dataio.ProductReader;
import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.ProductData;
import org.esa.snap.core.datamodel.RasterDataNode;
import org.esa.snap.core.gpf.GPF;
import org.esa.snap.core.gpf.Operator;
import org.esa.snap.core.gpf.OperatorCancelException;
import org.esa.snap.core.gpf.OperatorException;
import org.esa.snap.core.gpf.OperatorSpi;
import org.esa.snap.core.gpf.Tile;
import org.esa.snap.core.util.SystemUtils;

/** An operator's life: sources and parameters in, initialised once, executed once, tiles as often as asked. */
public class OperatorContext {
    private final Operator operator;
    private final OperatorFields fields;
    private final ParameterFields parameters;
    private final List<Product> sourceProductList = new ArrayList<>();
    private final Map<String, Product> sourceProductMap = new LinkedHashMap<>();
    private final Map<Band, ComputedSamples> computed = new HashMap<>();
    private final AtomicBoolean executed = new AtomicBoolean();
    private String id;
    private Product targetProduct;
    private OperatorSpi operatorSpi;
    private Logger logger = SystemUtils.LOG;
    private ProgressMonitor monitor = ProgressMonitor.NULL;
    private volatile boolean cancelled;
    private boolean disposed;
    private boolean initialising;
    private boolean requiresAllBands;
    private boolean failuresLost;

    public OperatorContext(Operator operator) {
        this.operator = operator;
        fields = new OperatorFields(operator);
        parameters = new ParameterFields(operator);
    }

    public String getId() {
        if (id == null) {
            id = getOperatorSpi().getOperatorAlias() + '$' + Long.toHexString(System.currentTimeMillis()).toUpperCase();
        }
        return id;
    }

    public void setId(String id) {
        this.id = id;
    }

    public Logger getLogger() {
        return logger;
    }

    public void setLogger(Logger logger) {
        this.logger = logger;
    }

    public Operator getOperator() {
        return operator;
    }

    /** The provider that made the operator, or an anonymous one. */
    public OperatorSpi getOperatorSpi() {
        if (operatorSpi == null) {
            operatorSpi = new OperatorSpi(operator.getClass()) {
            };
        }
        return operatorSpi;
    }

    public void setOperatorSpi(OperatorSpi operatorSpi) {
        this.operatorSpi = operatorSpi;
    }

    public Product getSourceProduct(String id) {
        return sourceProductMap.get(id);
    }

    public void setSourceProduct(String id, Product product) {
        if (product != null) {
            if (!sourceProductList.contains(product)) {
                sourceProductList.add(product);
            }
            sourceProductMap.put(id, product);
        }
    }

    public Product[] getSourceProducts() {
        return sourceProductList.toArray(new Product[0]);
    }

    public void setSourceProducts(Product[] products) {
        sourceProductList.clear();
        sourceProductMap.clear();
        for (int i = 1; i <= products.length; i++) {
            setSourceProduct(GPF.SOURCE_PRODUCT_FIELD_NAME + '.' + i, products[i - 1]);
            setSourceProduct(GPF.SOURCE_PRODUCT_FIELD_NAME + i, products[i - 1]);
        }
    }

    public void setSourceProducts(Map<String, Product> sourceProducts) {
        sourceProductList.clear();
        sourceProductMap.clear();
        sourceProducts.forEach(this::setSourceProduct);
    }

    public String getSourceProductId(Product product) {
        return sourceProductMap.entrySet().stream().filter(entry -> entry.getValue() == product)
                .map(Map.Entry::getKey).findFirst().orElse(null);
    }

    public Object getParameter(String name) {
        return parameters.get(name);
    }

    /** Text is converted to the field's type; a name that is no parameter is ignored. */
    public void setParameter(String name, Object value) {
        parameters.set(name, value);
    }

    public Map<String, Object> getParameterMap() {
        return parameters.all();
    }

    public void setParameterMap(Map<String, Object> parameterMap) {
        parameterMap.forEach(this::setParameter);
    }

    @TestOnly
    public void setParameterDefaultValues() {
        parameters.setDefaults();
    }

    @TestOnly
    public boolean hasParameter(String name) {
        return parameters.has(name);
    }

    /** Initialises the operator at the first call. */
    public Product getTargetProduct() throws OperatorException {
        if (targetProduct == null) {
            initialise();
        }
        return targetProduct;
    }

    public void setTargetProduct(Product targetProduct) {
        this.targetProduct = targetProduct;
    }

    public Object getTargetProperty(String name) {
        getTargetProduct();
        return fields.targetProperty(name);
    }

    public boolean isInitialized() {
        return targetProduct != null;
    }

    public boolean isExecuted() {
        return executed.get();
    }

    public void updateOperator() throws OperatorException {
        targetProduct = null;
        executed.set(false);
        initialise();
    }

    public boolean isCancelled() {
        return cancelled;
    }

    public void setCancelled(boolean cancelled) {
        this.cancelled = cancelled;
    }

    public void checkForCancellation() throws OperatorException {
        if (cancelled) {
            throw new OperatorCancelException("Operation canceled.");
        }
    }

    public boolean requiresAllBands() {
        return requiresAllBands;
    }

    public void setRequiresAllBands(boolean requiresAllBands) {
        this.requiresAllBands = requiresAllBands;
    }

    public boolean isComputeTileMethodImplemented() {
        return fields.overrides("computeTile", Band.class, Tile.class, ProgressMonitor.class);
    }

    public boolean isComputeTileStackMethodImplemented() {
        return fields.overrides("computeTileStack", Map.class, Rectangle.class, ProgressMonitor.class);
    }

    public Tile getSourceTile(RasterDataNode rasterDataNode, Rectangle region) {
        return MemoryTile.source(rasterDataNode, region);
    }

    /** The monitor that a first tile hands to {@code doExecute}: a printing one in gpt, a dialogue in SNAP Desktop. */
    @TestOnly
    public void setMonitor(ProgressMonitor monitor) {
        this.monitor = monitor;
    }

    /** SNAP Desktop loses what a first tile's {@code doExecute} throws, and asks for the tile all the same. */
    @TestOnly
    public void setFailuresLost(boolean failuresLost) {
        this.failuresLost = failuresLost;
    }

    /**
     * Executes the operators upstream, then this one, at the first call; other threads wait. After a failure the next
     * call executes again, as in SNAP.
     */
    public synchronized void executeOperator(ProgressMonitor pm) {
        if (executed.get()) {
            return;
        }
        for (Product source : getSourceProducts()) {
            ProductReader reader = source.getProductReader();
            OperatorContext upstream = reader instanceof OperatorProductReader
                    ? ((OperatorProductReader) reader).getOperatorContext() : this;
            if (upstream != this) {
                upstream.executeOperator(pm);
            }
        }
        operator.doExecute(pm);
        connectTargetBands();
        executed.set(true);
    }

    /** The tile of a band that the operator computes. */
    @TestOnly
    public Tile computeTile(Band band, Rectangle region) {
        if (!isExecuted()) {
            executeForTile();
        }
        if (operator.canComputeTile() && !requiresAllBands) {
            MemoryTile tile = MemoryTile.target(band, region);
            operator.computeTile(band, tile, ProgressMonitor.NULL);
            return tile;
        }
        Map<Band, Tile> tiles = new HashMap<>();
        for (Band target : targetProduct.getBands()) {
            if (isComputing(target)) {
                tiles.put(target, MemoryTile.target(target, region));
            } else if (requiresAllBands) {
                tiles.put(target, getSourceTile(target, region));
            }
        }
        Tile tile = tiles.get(band);
        operator.computeTileStack(tiles, new Rectangle(region), ProgressMonitor.NULL);
        return tile;
    }

    private void executeForTile() {
        try {
            operator.execute(monitor);
        } catch (RuntimeException failure) {
            if (!failuresLost) {
                throw failure;
            }
            logger.log(Level.FINE, "lost, as in SNAP Desktop", failure);
        }
    }

    /** Whether the band's samples come from this operator. */
    @TestOnly
    public boolean isComputing(Band band) {
        return computed.containsKey(band) && band.getSamples() == computed.get(band);
    }

    public boolean isDisposed() {
        return disposed;
    }

    /** Disposes the operator, once. The target product is left alone, as in SNAP 10. */
    public void dispose() {
        if (!disposed) {
            disposed = true;
            sourceProductMap.clear();
            sourceProductList.clear();
            computed.clear();
            operator.dispose();
        }
    }

    private void initialise() {
        if (initialising) {
            throw new IllegalStateException("getTargetProduct() must not be called from within initialize()");
        }
        try {
            initialising = true;
            fields.setSources(this);
            operator.initialize();
            targetProduct = fields.exchangeTarget(targetProduct);
            if (targetProduct.getProductReader() == null) {
                targetProduct.setProductReader(new OperatorProductReader(this));
            }
            fields.collectTargetProperties();
            connectTargetBands();
            targetProduct.setModified(false);
        } finally {
            initialising = false;
        }
    }

    /** Plain bands without samples of their own are computed. */
    private void connectTargetBands() {
        for (Band band : targetProduct.getBands()) {
            if (band.getClass() == Band.class && band.getSamples() == null) {
                ComputedSamples samples = new ComputedSamples(band);
                computed.put(band, samples);
                band.setSamples(samples);
            }
        }
    }

    private final class ComputedSamples implements Samples {
        private final Band band;

        ComputedSamples(Band band) {
            this.band = band;
        }

        @Override
        public ProductData read(Rectangle region) {
            return computeTile(band, region).getRawSamples();
        }
    }
}
