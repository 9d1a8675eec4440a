package org.damson.model;

import java.io.IOException;

/** Input that breaks its format's rules. The message is one line: file, place, rule. */
public final class TraceFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    public TraceFormatException(String file, String place, String rule) {
        super(message(file, place, rule));
    }

    public TraceFormatException(String file, String place, String rule, Throwable cause) {
        super(message(file, place, rule), cause);
    }

    /** What a rule quotes of a damaged file must not break the line, nor reach a terminal as control characters. */
    private static String message(String file, String place, String rule) {
        return (file + ": " + (place.isEmpty() ? "" : place + ": ") + rule).replaceAll("\\p{Cntrl}", "?");
    }
}
