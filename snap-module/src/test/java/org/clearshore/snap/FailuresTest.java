package org.clearshore.snap;

import org.clearshore.ClearshoreException;
import org.clearshore.ClearshoreException.Kind;
import org.esa.snap.core.gpf.OperatorCancelException;
import org.esa.snap.core.gpf.OperatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

class FailuresTest {

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"PARAMETER", "PRODUCT", "AUXILIARY", "IO"})
    void theUsersFailuresKeepTheirWords(Kind kind) {
        ClearshoreException failure = new ClearshoreException(kind, "what, where, what to do", null);
        RuntimeException told = Failures.of(failure);
        assertEquals(OperatorException.class, told.getClass());
        assertEquals("what, where, what to do", told.getMessage());
        assertSame(failure, told.getCause());
        assertEquals(OperatorException.class, Failures.again(told).getClass());
        assertEquals("what, where, what to do", Failures.again(told).getMessage());
    }

    @Test
    void aDefectAsksForAReport() {
        RuntimeException told = Failures.of(new ClearshoreException(Kind.INTERNAL, "index 7 of 5", null));
        assertFalse(told instanceof OperatorException);
        assertTrue(told.getMessage().contains("please report") && told.getMessage().contains("index 7 of 5"));
        assertFalse(Failures.again(told) instanceof OperatorException);
    }

    @Test
    void aCancelIsACancel() {
        RuntimeException told = Failures.of(new ClearshoreException(Kind.CANCELLED, "stopped", null));
        assertTrue(told instanceof OperatorCancelException);
        assertTrue(Failures.again(told) instanceof OperatorCancelException);
    }
}
