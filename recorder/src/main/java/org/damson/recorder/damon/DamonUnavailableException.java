package org.damson.recorder.damon;

import org.damson.model.MissingCapabilityException;

/** This machine, or this user, cannot record DAMON now; the message is one line and says what would help. */
public final class DamonUnavailableException extends MissingCapabilityException {
    private static final long serialVersionUID = 1L;

    DamonUnavailableException(String message) {
        super(message);
    }

    DamonUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
