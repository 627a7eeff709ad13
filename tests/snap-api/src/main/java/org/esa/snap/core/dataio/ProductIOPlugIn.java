package org.esa.snap.core.dataio;

/** Describes a format. */
public interface ProductIOPlugIn {
    String[] getFormatNames();
}
