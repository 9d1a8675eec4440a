package org.damson.model;

import java.util.regex.Pattern;

/** Text of unknown origin, made fit for one line of a terminal or a log. */
public final class Printable {
    private static final Pattern BREAKS = Pattern.compile("\\s*[\\n\\x0B\\f\\r\\u0085\\u2028\\u2029]\\s*");
    private static final Pattern CONTROLS = Pattern.compile("\\p{Cntrl}|[\\u0080-\\u009f]");

    private Printable() {}

    /** The text on one line: line breaks become a space, what else would drive a terminal becomes {@code ?}. */
    public static String line(String text) {
        return CONTROLS.matcher(BREAKS.matcher(text).replaceAll(" ")).replaceAll("?");
    }
}
