package org.esa.snap.core.util;

import org.esa.snap.core.datamodel.Band;
import org.esa.snap.core.datamodel.FlagCoding;
import org.esa.snap.core.datamodel.IndexCoding;
import org.esa.snap.core.datamodel.Mask;
import org.esa.snap.core.datamodel.MetadataAttribute;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.datamodel.RasterDataNode;
import org.esa.snap.core.datamodel.TiePointGrid;
import org.esa.snap.core.datamodel.VirtualBand;

/** Copies parts of products. */
public class ProductUtils {
    public ProductUtils() {
    }

    /** Everything but the ordinary bands: these come by {@link #copyBand}, before or after. */
    public static void copyProductNodes(Product sourceProduct, Product targetProduct) {
        copyMetadata(sourceProduct, targetProduct);
        copyTiePointGrids(sourceProduct, targetProduct);
        copyFlagCodings(sourceProduct, targetProduct);
        copyFlagBands(sourceProduct, targetProduct, true);
        copyGeoCoding(sourceProduct, targetProduct);
        copyMasks(sourceProduct, targetProduct);
        copyIndexCodings(sourceProduct, targetProduct);
        copyQuicklookBandName(sourceProduct, targetProduct);
        copyTimeInformation(sourceProduct, targetProduct);
        targetProduct.setDescription(sourceProduct.getDescription());
    }

    public static void copyMetadata(Product source, Product target) {
        copyMetadata(source.getMetadataRoot(), target.getMetadataRoot());
    }

    public static void copyMetadata(MetadataElement source, MetadataElement target) {
        for (MetadataElement element : source.getElements()) {
            target.addElement(element.createDeepClone());
        }
        for (MetadataAttribute attribute : source.getAttributes()) {
            target.addAttribute(attribute.createDeepClone());
        }
    }

    /** Skips a name that the target has. */
    public static void copyTiePointGrids(Product sourceProduct, Product targetProduct) {
        for (TiePointGrid grid : sourceProduct.getTiePointGrids()) {
            if (!targetProduct.containsRasterDataNode(grid.getName())) {
                targetProduct.addTiePointGrid(grid.cloneTiePointGrid());
            }
        }
    }

    public static TiePointGrid copyTiePointGrid(String gridName, Product sourceProduct, Product targetProduct) {
        TiePointGrid source = gridName == null ? null : sourceProduct.getTiePointGrid(gridName);
        if (source == null) {
            return null;
        }
        TiePointGrid copy = source.cloneTiePointGrid();
        targetProduct.addTiePointGrid(copy);
        return copy;
    }

    public static void copyFlagCodings(Product source, Product target) {
        for (int i = 0; i < source.getFlagCodingGroup().getNodeCount(); i++) {
            copyFlagCoding(source.getFlagCodingGroup().get(i), target);
        }
    }

    /** The target's coding of the name, new or old. */
    public static FlagCoding copyFlagCoding(FlagCoding sourceFlagCoding, Product target) {
        FlagCoding coding = target.getFlagCodingGroup().get(sourceFlagCoding.getName());
        if (coding == null) {
            coding = new FlagCoding(sourceFlagCoding.getName());
            coding.setDescription(sourceFlagCoding.getDescription());
            target.getFlagCodingGroup().add(coding);
            copyMetadata(sourceFlagCoding, coding);
        }
        return coding;
    }

    public static void copyIndexCodings(Product source, Product target) {
        for (int i = 0; i < source.getIndexCodingGroup().getNodeCount(); i++) {
            copyIndexCoding(source.getIndexCodingGroup().get(i), target);
        }
    }

    /** The target's coding of the name, new or old. */
    public static IndexCoding copyIndexCoding(IndexCoding sourceIndexCoding, Product target) {
        IndexCoding coding = target.getIndexCodingGroup().get(sourceIndexCoding.getName());
        if (coding == null) {
            coding = new IndexCoding(sourceIndexCoding.getName());
            coding.setDescription(sourceIndexCoding.getDescription());
            target.getIndexCodingGroup().add(coding);
            copyMetadata(sourceIndexCoding, coding);
        }
        return coding;
    }

    /** Bands with a flag coding that the target lacks, and then the masks. */
    public static void copyFlagBands(Product sourceProduct, Product targetProduct, boolean copySourceImage) {
        if (sourceProduct.getFlagCodingGroup().getNodeCount() > 0) {
            for (Band band : sourceProduct.getBands()) {
                if (band.isFlagBand() && targetProduct.getBand(band.getName()) == null) {
                    copyBand(band.getName(), sourceProduct, targetProduct, copySourceImage);
                }
            }
            copyMasks(sourceProduct, targetProduct);
        }
    }

    /** Masks that the target lacks and can draw: copy the bands that they name first. */
    public static void copyMasks(Product sourceProduct, Product targetProduct) {
        for (Mask mask : sourceProduct.getMaskGroup().toArray(new Mask[0])) {
            if (!targetProduct.getMaskGroup().contains(mask.getName())
                    && mask.getImageType().canTransferMask(mask, targetProduct)) {
                mask.getImageType().transferMask(mask, targetProduct);
            }
        }
    }

    public static void copyQuicklookBandName(Product source, Product target) {
        if (target.getQuicklookBandName() == null && source.getQuicklookBandName() != null
                && target.containsBand(source.getQuicklookBandName())) {
            target.setQuicklookBandName(source.getQuicklookBandName());
        }
    }

    public static void copyTimeInformation(Product source, Product target) {
        target.setStartTime(source.getStartTime());
        target.setEndTime(source.getEndTime());
    }

    /** The scene's geo-coding, as it is: right only on the same grid. */
    public static void copyGeoCoding(Product sourceProduct, Product targetProduct) {
        targetProduct.setSceneGeoCoding(sourceProduct.getSceneGeoCoding());
    }

    /** The raster's geo-coding for the whole target. */
    public static void copyGeoCoding(RasterDataNode sourceRaster, Product targetProduct) {
        targetProduct.setSceneGeoCoding(sourceRaster.getGeoCoding());
    }

    /** Vector data are not kept here. */
    public static void copyVectorData(Product sourceProduct, Product targetProduct) {
    }

    public static void copyPreferredTileSize(Product sourceProduct, Product targetProduct) {
        if (sourceProduct.getPreferredTileSize() != null) {
            targetProduct.setPreferredTileSize(sourceProduct.getPreferredTileSize());
        }
    }

    public static Band copyBand(String sourceBandName, Product sourceProduct, Product targetProduct,
                                boolean copySourceImage) {
        return copyBand(sourceBandName, sourceProduct, sourceBandName, targetProduct, copySourceImage);
    }

    /** A band of the source's size and properties; with its image, it passes the source's samples through. */
    public static Band copyBand(String sourceBandName, Product sourceProduct, String targetBandName,
                                Product targetProduct, boolean copySourceImage) {
        Band source = sourceBandName == null ? null : sourceProduct.getBand(sourceBandName);
        if (source == null) {
            return null;
        }
        Band target = new Band(targetBandName, source.getDataType(), source.getRasterWidth(),
                source.getRasterHeight());
        targetProduct.addBand(target);
        copyRasterDataNodeProperties(source, target);
        if (copySourceImage) {
            target.setSamples(source::readSamples);
        }
        return target;
    }

    /** A virtual band of the source's size and properties. */
    public static VirtualBand copyVirtualBand(Product target, VirtualBand srcBand, String name) {
        VirtualBand copy = new VirtualBand(name, srcBand.getDataType(), srcBand.getRasterWidth(),
                srcBand.getRasterHeight(), srcBand.getExpression());
        copyRasterDataNodeProperties(srcBand, copy);
        target.addBand(copy);
        return copy;
    }

    public static void copyRasterDataNodeProperties(RasterDataNode sourceRaster, RasterDataNode targetRaster) {
        targetRaster.setDescription(sourceRaster.getDescription());
        targetRaster.setUnit(sourceRaster.getUnit());
        targetRaster.setScalingFactor(sourceRaster.getScalingFactor());
        targetRaster.setScalingOffset(sourceRaster.getScalingOffset());
        targetRaster.setLog10Scaled(sourceRaster.isLog10Scaled());
        targetRaster.setNoDataValueUsed(sourceRaster.isNoDataValueUsed());
        targetRaster.setNoDataValue(sourceRaster.getNoDataValue());
        targetRaster.setValidPixelExpression(sourceRaster.getValidPixelExpression());
        if (sourceRaster instanceof Band && targetRaster instanceof Band) {
            copyBandProperties((Band) sourceRaster, (Band) targetRaster);
        }
    }

    public static void copySpectralBandProperties(Band sourceBand, Band targetBand) {
        targetBand.setSpectralBandIndex(sourceBand.getSpectralBandIndex());
        targetBand.setSpectralWavelength(sourceBand.getSpectralWavelength());
        targetBand.setSpectralBandwidth(sourceBand.getSpectralBandwidth());
        targetBand.setSolarFlux(sourceBand.getSolarFlux());
    }

    private static void copyBandProperties(Band source, Band target) {
        copySpectralBandProperties(source, target);
        Product product = target.getProduct();
        if (product != null && source.isFlagBand()) {
            target.setSampleCoding(copyFlagCoding(source.getFlagCoding(), product));
        }
        if (product != null && source.isIndexBand()) {
            target.setSampleCoding(copyIndexCoding(source.getIndexCoding(), product));
            target.setImageInfo(source.getImageInfo());
        }
    }
}
