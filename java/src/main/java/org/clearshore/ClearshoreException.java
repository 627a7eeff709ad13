package org.clearshore;

/**
 * What went wrong, where, what was found, what was expected, and what to do. The kind says who must act.
 */
public final class ClearshoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Who must act. */
    public enum Kind {
        /** The user gives another parameter value. */
        PARAMETER,
        /** The user gives another product. */
        PRODUCT,
        /** The user or an administrator provides an auxiliary file. */
        AUXILIARY,
        /** The system: disk full, no permission. */
        IO,
        /** The developers: a broken invariant or a caught panic. */
        INTERNAL,
        /** Nobody: the run was cancelled. */
        CANCELLED
    }

    private final Kind kind;

    public ClearshoreException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** Called by the native library. */
    static ClearshoreException of(String kind, String message) {
        return new ClearshoreException(Kind.valueOf(kind), message, null);
    }

    public Kind kind() {
        return kind;
    }
}
