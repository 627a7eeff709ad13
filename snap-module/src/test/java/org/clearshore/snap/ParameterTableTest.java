package org.clearshore.snap;

import org.clearshore.NativeLibrary;
import org.clearshore.Tables;
import org.esa.snap.core.gpf.annotations.OperatorMetadata;
import org.esa.snap.core.gpf.annotations.Parameter;
import org.junit.jupiter.api.Test;

import java.io.File;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** The operator's parameters against the table of the native library, both ways. */
class ParameterTableTest {
    private static final Map<String, List<Class<?>>> TYPES = Map.of(
            "choice", List.of(int.class, String.class), "number", List.of(double.class, Double.class), "count", List.of(int.class),
            "switch", List.of(boolean.class), "file", List.of(File.class), "name", List.of(String.class));

    @Test
    void theAnnotationsSayWhatTheTableSays() {
        List<Field> fields = Arrays.stream(ClearshoreOp.class.getDeclaredFields())
                .filter(field -> field.isAnnotationPresent(Parameter.class)).collect(Collectors.toList());
        List<Tables.Parameter> rows = new ArrayList<>(NativeLibrary.tables().parameters);
        rows.removeIf(row -> row.scope.equals("program"));
        assertEquals(rows.stream().map(row -> row.name).collect(Collectors.toList()),
                fields.stream().map(Field::getName).collect(Collectors.toList()));
        for (int i = 0; i < rows.size(); i++) {
            compare(rows.get(i), fields.get(i));
        }
    }

    @Test
    void theOperatorHasTheLibrarysVersion() {
        assertEquals(NativeLibrary.tables().version,
                ClearshoreOp.class.getAnnotation(OperatorMetadata.class).version());
    }

    @Test
    void threadsComeFromSnapsSetting() {
        System.setProperty("snap.parallelism", "3");
        try {
            assertEquals(3, Parallelism.threads());
        } finally {
            System.clearProperty("snap.parallelism");
        }
        assertEquals(Runtime.getRuntime().availableProcessors(), Parallelism.threads());
    }

    private static void compare(Tables.Parameter row, Field field) {
        Parameter annotation = field.getAnnotation(Parameter.class);
        assertEquals(row.label, annotation.label(), row.name);
        assertEquals(row.description, annotation.description(), row.name);
        assertEquals(row.unit, annotation.unit(), row.name);
        assertEquals(row.defaultValue, annotation.defaultValue(), row.name);
        assertArrayEquals(row.values == null ? new String[0] : row.values.toArray(new String[0]),
                annotation.valueSet(), row.name);
        assertEquals(interval(row), annotation.interval(), row.name);
        assertEquals("", annotation.alias(), row.name);
        assertEquals(true, TYPES.get(row.kind).contains(field.getType()), row.name);
        // A number that may be left out has no primitive type; of texts only names may be.
        boolean isChoice = row.kind.equals("choice");
        assertEquals(row.defaultValue.isEmpty(), !field.getType().isPrimitive() && !isChoice, row.name);
    }

    private static String interval(Tables.Parameter row) {
        return row.min == null ? "" : "[" + number(row.min) + "," + number(row.max) + "]";
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
