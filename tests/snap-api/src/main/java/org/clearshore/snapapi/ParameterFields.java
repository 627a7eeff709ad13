package org.clearshore.snapapi;

import java.io.File;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.esa.snap.core.gpf.Operator;
import org.esa.snap.core.gpf.OperatorException;
import org.esa.snap.core.gpf.annotations.Parameter;

/** The parameter fields of an operator: text in, checked values out. */
public final class ParameterFields {
    private static final Map<Class<?>, Class<?>> BOXES = Map.of(boolean.class, Boolean.class, byte.class, Byte.class,
            short.class, Short.class, int.class, Integer.class, long.class, Long.class, float.class, Float.class,
            double.class, Double.class, char.class, Character.class);

    private final Operator operator;
    private final Map<String, Field> fields = new LinkedHashMap<>();
    private final Map<String, Field> names = new HashMap<>();

    public ParameterFields(Operator operator) {
        this.operator = operator;
        OperatorFields.annotated(operator.getClass(), Parameter.class).forEach((field, parameter) -> {
            fields.put(field.getName(), field);
            names.put(field.getName(), field);
            if (!parameter.alias().isEmpty()) {
                names.put(parameter.alias(), field);
            }
        });
    }

    public boolean has(String name) {
        return names.containsKey(name);
    }

    /** Default values, and zero for a primitive field without one. */
    public void setDefaults() {
        fields.forEach((name, field) -> {
            String text = field.getAnnotation(Parameter.class).defaultValue();
            if (!text.isEmpty()) {
                set(name, text);
            } else if (field.getType().isPrimitive()) {
                assign(field, Array.get(Array.newInstance(field.getType(), 1), 0));
            }
        });
    }

    /** A name that is no parameter has no value. */
    public Object get(String name) {
        try {
            return has(name) ? names.get(name).get(operator) : null;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    public Map<String, Object> all() {
        Map<String, Object> values = new HashMap<>();
        fields.keySet().forEach(name -> values.put(name, get(name)));
        return values;
    }

    /** A name that is no parameter is ignored, and null takes the parameter away: its field keeps what it had. */
    public void set(String name, Object value) {
        Field field = names.get(name);
        if (field == null) {
            return;
        }
        if (value == null) {
            fields.remove(field.getName());
            names.values().removeIf(field::equals);
            return;
        }
        Object converted = value;
        if (value instanceof String && field.getType() != String.class) {
            try {
                converted = parse(((String) value).trim(), field.getType());
            } catch (IllegalArgumentException e) {
                throw failure(field, "is invalid.\n'" + e.getMessage() + "'");
            }
        }
        check(field, field.getAnnotation(Parameter.class), converted);
        assign(field, converted);
    }

    private void check(Field field, Parameter parameter, Object value) {
        Class<?> type = BOXES.getOrDefault(field.getType(), field.getType());
        if (value == null) {
            if (parameter.notNull() || field.getType().isPrimitive()) {
                throw failure(field, "must be given.");
            }
            return;
        }
        if (!type.isInstance(value)) {
            throw failure(field, "must be of type '" + type.getSimpleName() + "'.");
        }
        if (parameter.notEmpty() && value.toString().isBlank()) {
            throw failure(field, "must not be empty.");
        }
        if (!parameter.pattern().isEmpty() && !value.toString().matches(parameter.pattern())) {
            throw failure(field, "does not match '" + parameter.pattern() + "'.");
        }
        if (!parameter.interval().isEmpty() && value instanceof Number
                && !contains(parameter.interval(), ((Number) value).doubleValue())) {
            throw failure(field, "is out of range " + parameter.interval() + ".");
        }
        if (parameter.valueSet().length > 0 && !isArrayOrOneOf(parameter.valueSet(), value)) {
            throw failure(field, "is invalid: '" + value + "'");
        }
    }

    private static boolean isArrayOrOneOf(String[] valueSet, Object value) {
        return value.getClass().isArray()
                || Arrays.stream(valueSet).anyMatch(text -> value.equals(parse(text, value.getClass())));
    }

    /** {@code (} and {@code )} exclude the end, {@code *} is without end. */
    static boolean contains(String interval, double value) {
        String[] ends = interval.substring(1, interval.length() - 1).split(",");
        double low = ends[0].trim().equals("*") ? Double.NEGATIVE_INFINITY : Double.parseDouble(ends[0].trim());
        double high = ends[1].trim().equals("*") ? Double.POSITIVE_INFINITY : Double.parseDouble(ends[1].trim());
        return (interval.startsWith("[") ? value >= low : value > low)
                && (interval.endsWith("]") ? value <= high : value < high);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object parse(String text, Class<?> type) {
        Class<?> boxed = BOXES.getOrDefault(type, type);
        if (boxed == String.class) {
            return text;
        } else if (text.isEmpty()) {
            return null;
        } else if (boxed.isArray()) {
            String[] items = text.split(",");
            Object array = Array.newInstance(boxed.getComponentType(), items.length);
            for (int i = 0; i < items.length; i++) {
                Array.set(array, i, parse(items[i].trim(), boxed.getComponentType()));
            }
            return array;
        } else if (boxed == Boolean.class) {
            if (!text.matches("(?i)true|false")) {
                throw new IllegalArgumentException("neither true nor false: " + text);
            }
            return Boolean.valueOf(text);
        } else if (boxed == Byte.class) {
            return Byte.valueOf(text);
        } else if (boxed == Short.class) {
            return Short.valueOf(text);
        } else if (boxed == Integer.class) {
            return Integer.valueOf(text);
        } else if (boxed == Long.class) {
            return Long.valueOf(text);
        } else if (boxed == Float.class) {
            return Float.valueOf(text);
        } else if (boxed == Double.class) {
            return Double.valueOf(text);
        } else if (boxed == File.class) {
            return new File(text);
        } else if (boxed == Path.class) {
            return Paths.get(text);
        } else if (boxed.isEnum()) {
            return Enum.valueOf((Class) boxed, text);
        }
        throw new IllegalArgumentException("no converter for " + type.getName());
    }

    private void assign(Field field, Object value) {
        try {
            field.set(operator, value);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private OperatorException failure(Field field, String text) {
        String label = field.getAnnotation(Parameter.class).label();
        return new OperatorException("Operator '" + operator.getClass().getSimpleName() + "': Value for '"
                + (label.isEmpty() ? field.getName() : label) + "' " + text);
    }
}
