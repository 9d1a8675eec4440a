package org.damson.model;

import org.damson.model.text.Printable;

/**
 * What a user gave breaks a rule: an option, a scheme, a set-up, or a recording that does not have what was asked of it. The
 * message is one line that names the rule, whatever of the input it quotes. Whoever knows the file or the option adds it; other
 * exceptions are faults of damson's own and are never reported as the user's.
 */
public class InvalidInputException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public InvalidInputException(String message) {
        super(Printable.line(String.valueOf(message)));
    }

    public InvalidInputException(String message, Throwable cause) {
        super(Printable.line(String.valueOf(message)), cause);
    }
}
