package org.clearshore.snapapi;

import java.util.Map;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.gpf.Operator;
import org.esa.snap.core.gpf.OperatorSpi;
import org.esa.snap.core.gpf.internal.OperatorProductReader;

/** Stands for an operator of SNAP that made a product. */
public final class UpstreamOperator extends Operator {
    private final Product product;
    private final Map<String, Object> parameters;

    private UpstreamOperator(Product product, Map<String, Object> parameters) {
        this.product = product;
        this.parameters = parameters;
    }

    /** Lets the product look as if the operator of the alias had made it from the sources. */
    public static Product made(String alias, Product product, Product... sources) {
        return made(alias, Map.of(), product, sources);
    }

    /** The same, with parameters that {@link #getParameter} gives. */
    public static Product made(String alias, Map<String, Object> parameters, Product product, Product... sources) {
        UpstreamOperator operator = new UpstreamOperator(product, parameters);
        operator.setSpi(new OperatorSpi(UpstreamOperator.class, alias) {
        });
        for (int i = 0; i < sources.length; i++) {
            operator.setSourceProduct(i == 0 ? "sourceProduct" : "sourceProduct." + (i + 1), sources[i]);
        }
        product.setProductReader(new OperatorProductReader(OperatorDriver.contextOf(operator)));
        operator.getTargetProduct();
        return product;
    }

    @Override
    public void initialize() {
        setTargetProduct(product);
    }

    @Override
    public Object getParameter(String name) {
        return parameters.get(name);
    }
}
