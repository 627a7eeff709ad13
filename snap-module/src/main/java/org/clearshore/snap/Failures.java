package org.clearshore.snap;

import org.clearshore.ClearshoreException;
import org.esa.snap.core.gpf.OperatorCancelException;
import org.esa.snap.core.gpf.OperatorException;

/** Turns the native library's failures into those that SNAP understands. */
final class Failures {
    private Failures() {
    }

    /** What SNAP is to be told: by kind, with the whole text. */
    static RuntimeException of(ClearshoreException failure) {
        switch (failure.kind()) {
            case CANCELLED:
                return new OperatorCancelException(failure.getMessage());
            case INTERNAL:
                return new RuntimeException("Clearshore failed; please report this: " + failure.getMessage(), failure);
            default:
                return new OperatorException(failure.getMessage(), failure);
        }
    }

    /** A remembered failure, to be thrown on another thread. */
    static RuntimeException again(RuntimeException failure) {
        if (failure instanceof OperatorCancelException) {
            return new OperatorCancelException(failure.getMessage());
        }
        if (failure instanceof OperatorException) {
            return new OperatorException(failure.getMessage(), failure);
        }
        return new RuntimeException(failure.getMessage(), failure);
    }
}
