package org.esa.snap.core.gpf;

import java.util.Map;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.gpf.annotations.OperatorMetadata;

/** Makes one kind of operator; found through {@code META-INF/services}. */
public abstract class OperatorSpi {
    private final Class<? extends Operator> operatorClass;
    private final String operatorAlias;

    protected OperatorSpi(Class<? extends Operator> operatorClass) {
        this(operatorClass, getOperatorAlias(operatorClass));
    }

    protected OperatorSpi(Class<? extends Operator> operatorClass, String operatorAlias) {
        this.operatorClass = operatorClass;
        this.operatorAlias = operatorAlias;
    }

    /** With the parameters' default values. */
    public Operator createOperator() throws OperatorException {
        try {
            Operator operator = operatorClass.getDeclaredConstructor().newInstance();
            operator.setSpi(this);
            operator.setParameterDefaultValues();
            return operator;
        } catch (ReflectiveOperationException e) {
            throw new OperatorException(e);
        }
    }

    public Operator createOperator(Map<String, Object> parameters, Map<String, Product> sourceProducts)
            throws OperatorException {
        Operator operator = createOperator();
        operator.context.setSourceProducts(sourceProducts);
        operator.context.setParameterMap(parameters);
        return operator;
    }

    public final Class<? extends Operator> getOperatorClass() {
        return operatorClass;
    }

    public final String getOperatorAlias() {
        return operatorAlias;
    }

    /** The alias of the class's metadata, or the class's simple name. */
    public static String getOperatorAlias(Class<? extends Operator> operatorClass) {
        OperatorMetadata metadata = operatorClass.getAnnotation(OperatorMetadata.class);
        return metadata != null && !metadata.alias().isEmpty() ? metadata.alias() : operatorClass.getSimpleName();
    }
}
