package org.esa.snap.core.gpf;

/** Names of the framework. */
public class GPF {
    public static final String SOURCE_PRODUCT_FIELD_NAME = "sourceProduct";
    public static final String TARGET_PRODUCT_FIELD_NAME = "targetProduct";

    protected GPF() {
    }
}
