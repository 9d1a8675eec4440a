package org.damson.model;

/**
 * What a user gave breaks a rule: an option, a scheme, a set-up, or a recording that does not have what was asked of it. The
 * message is one line that names the rule. Whoever knows the file or the option adds it; other exceptions are faults of
 * damson's own and are never told as the user's.
 */
public class InvalidInputException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public InvalidInputException(String message) {
        super(message);
    }

    public InvalidInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
