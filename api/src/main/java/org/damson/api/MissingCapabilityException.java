package org.damson.api;

import java.io.IOException;

/** This machine or this user lacks something: a permission, a capability, or room. The message is one line. */
public final class MissingCapabilityException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The message is one line that says what is missing. */
    public MissingCapabilityException(String message, Throwable cause) {
        super(message, cause);
    }
}
