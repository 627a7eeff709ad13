package org.clearshore.snap;

import org.clearshore.snapapi.ReferenceCheck;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The built jar links in every SNAP from 10 on: it names nothing that SNAP lacks. */
class ReferenceIT {
    private static final int JAVA_11 = 55;
    /** Annotations on the JSON library, which the JVM does not look for. */
    private static final String ANNOTATIONS = "com/google/errorprone/annotations/";

    @Test
    void nothingIsNamedThatSnapLacks() throws Exception {
        List<String> problems = ReferenceCheck.problems(JAVA_11, Path.of(System.getProperty("clearshore.jar")));
        assertEquals(List.of(), problems.stream().filter(problem -> !problem.contains(ANNOTATIONS))
                .collect(Collectors.toList()));
    }
}
