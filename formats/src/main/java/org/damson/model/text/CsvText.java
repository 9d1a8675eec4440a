package org.damson.model.text;

import java.util.regex.Pattern;

/**
 * Texts as cells of CSV (RFC 4180). A spreadsheet computes a cell that begins with {@code =}, {@code +}, {@code -}, {@code @}, a
 * tab or a carriage return, quoted or not, and names in a trace come from strangers: such a text gets an apostrophe in
 * front, and so does one that begins with an apostrophe, so that taking one away gives the text back. Numbers, also in
 * texts, stay as they are.
 */
public final class CsvText {
    private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?");

    private CsvText() {}

    /** The text as one cell. */
    public static String cell(String text) {
        String inert = isComputed(text) ? '\'' + text : text;
        boolean plain = inert.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? inert : '"' + inert.replace("\"", "\"\"") + '"';
    }

    private static boolean isComputed(String text) {
        return !text.isEmpty()
                && "=+-@\t\r'".indexOf(text.charAt(0)) >= 0
                && !NUMBER.matcher(text).matches();
    }
}
