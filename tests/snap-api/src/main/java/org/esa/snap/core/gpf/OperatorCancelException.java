package org.esa.snap.core.gpf;

/** What an operator throws when the user cancelled it. */
public class OperatorCancelException extends OperatorException {
    public OperatorCancelException(String message) {
        super(message);
    }
}
