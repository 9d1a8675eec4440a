package org.damson.model.text;

import java.util.regex.Pattern;

/** Text of unknown origin, made fit for one line of a terminal or a log. */
public final class Printable {
    private static final Pattern BREAKS = Pattern.compile("\\s*[\\n\\x0B\\f\\r\\u0085\\u2028\\u2029]\\s*");
    /**
     * C0, DEL, C1, what turns the direction of the text around it, and what nobody sees (tags, a space without width), by which two
     * names that differ look alike. Joiners stay, without which some scripts cannot be written.
     */
    private static final Pattern CONTROLS = Pattern.compile(
            "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2064\\u2066-\\u2069\\ud800-\\udfff\\ufeff\\ufffe\\uffff\\x{e0000}-\\x{e007f}]");

    private Printable() {}

    /** Whether a terminal shows the character and does nothing else, and any format of text can hold it. */
    public static boolean isInert(int codePoint) {
        return !CONTROLS.matcher(Character.toString(codePoint)).matches();
    }

    /**
     * The text, or both ends of a longer one: its first {@code most * 2 / 3} and its last {@code most / 3} characters.
     *
     * @param most 3 or more
     * @param between replaces the middle; it is not counted
     */
    public static String cut(String text, int most, String between) {
        if (text.length() <= most) {
            return text;
        }
        int head = most * 2 / 3;
        int tail = text.length() - most / 3;
        // Not through a character of two halves.
        head -= Character.isHighSurrogate(text.charAt(head - 1)) ? 1 : 0;
        tail += Character.isLowSurrogate(text.charAt(tail)) ? 1 : 0;
        return text.substring(0, head) + between + text.substring(tail);
    }

    /** The text on one line: line breaks become a space, other characters that would control a terminal become {@code ?}. */
    public static String line(String text) {
        return CONTROLS.matcher(BREAKS.matcher(text).replaceAll(" ")).replaceAll("?");
    }
}
