package org.esa.snap.core.gpf;

/** What an operator throws for the user to read. */
public class OperatorException extends RuntimeException {
    public OperatorException(String message) {
        super(message);
    }

    public OperatorException(String message, Throwable cause) {
        super(message, cause);
    }

    public OperatorException(Throwable cause) {
        super(cause.getMessage(), cause);
    }
}
