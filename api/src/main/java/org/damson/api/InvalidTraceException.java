package org.damson.api;

import java.io.IOException;

/** An input is not a trace or a recording, is damaged, or lacks the requested data. The message is one line. */
public final class InvalidTraceException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The message is one line that names the file, the place and the rule. */
    public InvalidTraceException(String message, Throwable cause) {
        super(message, cause);
    }
}
