package org.clearshore.snapapi;

import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.gpf.Operator;
import org.esa.snap.core.gpf.annotations.SourceProduct;
import org.esa.snap.core.gpf.annotations.TargetProduct;

/** Holds the product fields, so that they lie in a superclass. */
abstract class SourcedOp extends Operator {
    @SourceProduct(alias = "input", type = "raw|RAW_.*", bands = "first")
    Product source;

    @SourceProduct(alias = "helper", optional = true)
    Product helper;

    @TargetProduct
    Product targetProduct;
}
