package org.damson.model;

import java.io.IOException;
import org.damson.model.text.Printable;

/** Input that breaks its format's rules. The message is one line: file, place, rule. */
public final class TraceFormatException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_CHARS = 1000;

    public TraceFormatException(String file, String place, String rule) {
        super(message(file, place, rule));
    }

    public TraceFormatException(String file, String place, String rule, Throwable cause) {
        super(message(file, place, rule), cause);
    }

    /** Text quoted from the input must not break the line, control the terminal or fill it. */
    private static String message(String file, String place, String rule) {
        String line = Printable.line(file + ": " + (place.isEmpty() ? "" : place + ": ") + rule);
        return line.length() <= MAX_CHARS ? line : line.substring(0, MAX_CHARS) + "...";
    }
}
