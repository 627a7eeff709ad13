package org.esa.snap.core.gpf;

/** Names of the framework. */
public class GPF {
    public static final String SNAP_GPF_ALLOW_AUXDATA_DOWNLOAD = "snap.gpf.allowAuxdataDownload";

    public static final String SOURCE_PRODUCT_FIELD_NAME = "sourceProduct";
    public static final String TARGET_PRODUCT_FIELD_NAME = "targetProduct";

    protected GPF() {
    }
}
