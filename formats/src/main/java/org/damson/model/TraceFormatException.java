package org.damson.model;

import java.io.IOException;

/** Input that breaks its format's rules. The message is one line: file, place, rule. */
public final class TraceFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    public TraceFormatException(String file, String place, String rule) {
        super(file + ": " + (place.isEmpty() ? "" : place + ": ") + rule);
    }

    public TraceFormatException(String file, String place, String rule, Throwable cause) {
        super(file + ": " + (place.isEmpty() ? "" : place + ": ") + rule, cause);
    }
}
