package org.damson.symbols.elf;

import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;

/** Texts of C, of which only so much is taken as a name may have. */
final class Texts {
    private Texts() {}

    /** The text that begins there; empty for null. What is not UTF-8 becomes U+FFFD. */
    static String of(Pointer text) {
        if (text == null) {
            return "";
        }
        int length = 0;
        while (length < Wire.MAX_TEXT && text.getByte(length) != 0) {
            length++;
        }
        return new String(text.getByteArray(0, length), StandardCharsets.UTF_8);
    }

    /** With the NUL that C wants at the end. */
    static byte[] terminated(byte[] text) {
        return java.util.Arrays.copyOf(text, text.length + 1);
    }
}
