package org.clearshore.snapapi;

import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.gpf.Operator;
import org.esa.snap.core.gpf.OperatorException;
import org.esa.snap.core.gpf.annotations.SourceProduct;
import org.esa.snap.core.gpf.annotations.TargetProduct;
import org.esa.snap.core.gpf.annotations.TargetProperty;
import org.esa.snap.core.gpf.internal.OperatorContext;

/** The annotated product fields of an operator and of its superclasses. */
public final class OperatorFields {
    private final Operator operator;
    private final Map<String, Object> targetProperties = new HashMap<>();

    public OperatorFields(Operator operator) {
        this.operator = operator;
    }

    /** Whether the method is overridden below {@link Operator}. */
    public boolean overrides(String method, Class<?>... parameters) {
        try {
            return operator.getClass().getMethod(method, parameters).getDeclaringClass() != Operator.class;
        } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Fills the source fields, by field name or alias, and checks types and bands. */
    public void setSources(OperatorContext context) {
        forEach(SourceProduct.class, (field, source) -> {
            Product product = context.getSourceProduct(field.getName());
            product = product == null ? context.getSourceProduct(source.alias()) : product;
            product = product == null ? (Product) get(field) : product;
            if (product == null) {
                if (!source.optional()) {
                    throw failure("Mandatory source product (field '" + field.getName() + "') not set.");
                }
                return;
            }
            check(field, source, product);
            set(field, product);
            if (context.getSourceProductId(product) == null) {
                context.setSourceProduct(field.getName(), product);
            }
        });
    }

    /** The target product from its field or, where that is empty, into it. */
    public Product exchangeTarget(Product fromSetter) {
        Product[] target = {fromSetter};
        forEach(TargetProduct.class, (field, annotation) -> {
            if (get(field) != null) {
                target[0] = (Product) get(field);
            } else if (target[0] != null) {
                set(field, target[0]);
            }
        });
        if (target[0] == null) {
            throw failure("No target product set.");
        }
        return target[0];
    }

    public void collectTargetProperties() {
        forEach(TargetProperty.class, (field, property) -> {
            targetProperties.put(field.getName(), get(field));
            if (!property.alias().isEmpty()) {
                targetProperties.put(property.alias(), get(field));
            }
        });
    }

    /** A target property as it was after {@code initialize()}. */
    public Object targetProperty(String name) {
        return targetProperties.get(name);
    }

    /** The fields of the class and its superclasses that carry the annotation. */
    static <A extends Annotation> Map<Field, A> annotated(Class<?> operatorClass, Class<A> annotation) {
        Map<Field, A> found = new LinkedHashMap<>();
        List<Class<?>> classes = new ArrayList<>();
        for (Class<?> c = operatorClass; c != Operator.class && c != null; c = c.getSuperclass()) {
            classes.add(c);
        }
        for (Class<?> c : classes) {
            for (Field field : c.getDeclaredFields()) {
                if (field.isAnnotationPresent(annotation)) {
                    field.setAccessible(true);
                    found.put(field, field.getAnnotation(annotation));
                }
            }
        }
        return found;
    }

    private void check(Field field, SourceProduct source, Product product) {
        String type = source.type();
        if (!type.isEmpty() && !type.equalsIgnoreCase(product.getProductType())
                && !Pattern.matches(type, product.getProductType())) {
            throw failure("A source product (field '" + field.getName() + "') of type '" + product.getProductType()
                    + "' does not match type '" + type + "'");
        }
        for (String band : source.bands()) {
            if (!product.containsBand(band)) {
                throw failure("A source product (field '" + field.getName() + "') does not contain the band '"
                        + band + "'");
            }
        }
    }

    private <A extends Annotation> void forEach(Class<A> annotation, BiConsumer<Field, A> action) {
        annotated(operator.getClass(), annotation).forEach(action);
    }

    private Object get(Field field) {
        try {
            return field.get(operator);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private void set(Field field, Object value) {
        try {
            field.set(operator, value);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private OperatorException failure(String text) {
        return new OperatorException("Operator '" + operator.getClass().getSimpleName() + "': " + text);
    }
}
