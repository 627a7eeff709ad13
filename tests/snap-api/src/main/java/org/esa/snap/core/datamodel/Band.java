package org.esa.snap.core.datamodel;

/** A measured or computed raster. */
public class Band extends AbstractBand {
    private SampleCoding sampleCoding;
    private int spectralBandIndex = -1;
    private float spectralWavelength;
    private float spectralBandwidth;
    private float solarFlux;

    public Band(String name, int dataType, int rasterWidth, int rasterHeight) {
        super(name, dataType, rasterWidth, rasterHeight);
    }

    public FlagCoding getFlagCoding() {
        return sampleCoding instanceof FlagCoding ? (FlagCoding) sampleCoding : null;
    }

    public boolean isFlagBand() {
        return getFlagCoding() != null;
    }

    public IndexCoding getIndexCoding() {
        return sampleCoding instanceof IndexCoding ? (IndexCoding) sampleCoding : null;
    }

    public boolean isIndexBand() {
        return getIndexCoding() != null;
    }

    public SampleCoding getSampleCoding() {
        return sampleCoding;
    }

    public void setSampleCoding(SampleCoding sampleCoding) {
        if (sampleCoding != null && !hasIntPixels()) {
            throw new IllegalArgumentException(getName() + ": band does not contain integer pixels");
        }
        this.sampleCoding = sampleCoding;
    }

    public int getSpectralBandIndex() {
        return spectralBandIndex;
    }

    public void setSpectralBandIndex(int spectralBandIndex) {
        this.spectralBandIndex = spectralBandIndex;
    }

    /** Nanometres; 0 where there is none. */
    public float getSpectralWavelength() {
        return spectralWavelength;
    }

    public void setSpectralWavelength(float spectralWavelength) {
        this.spectralWavelength = spectralWavelength;
    }

    /** Nanometres. */
    public float getSpectralBandwidth() {
        return spectralBandwidth;
    }

    public void setSpectralBandwidth(float spectralBandwidth) {
        this.spectralBandwidth = spectralBandwidth;
    }

    public float getSolarFlux() {
        return solarFlux;
    }

    public void setSolarFlux(float solarFlux) {
        this.solarFlux = solarFlux;
    }
}
