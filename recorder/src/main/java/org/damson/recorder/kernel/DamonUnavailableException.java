package org.damson.recorder.kernel;

import org.damson.model.MissingCapabilityException;

/** This machine, or this user, cannot record DAMON now; the message is one line and says what would help. */
public final class DamonUnavailableException extends MissingCapabilityException {
    private static final long serialVersionUID = 1L;

    public DamonUnavailableException(String message) {
        super(message);
    }

    public DamonUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
