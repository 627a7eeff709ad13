package org.esa.snap.core.dataio;

/** Makes readers of one format. */
public interface ProductReaderPlugIn extends ProductIOPlugIn {
    ProductReader createReaderInstance();
}
