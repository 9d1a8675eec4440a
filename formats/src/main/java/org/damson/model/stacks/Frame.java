package org.damson.model.stacks;

import org.damson.model.text.NativeText;
import org.damson.model.text.Printable;

/**
 * A frame of a call stack. Texts are as recorded, of unknown origin.
 *
 * @param function empty if there is no symbol for it
 * @param module file or kernel that the code is of; empty if it is not known
 * @param buildId hexadecimal; empty if it is not known
 * @param offset in the function; without a function in the module; the address where that is not known, as in text that
 *     perf printed
 */
public record Frame(String function, String module, String buildId, long offset) {
    /** Stands for a frame that the trace does not have. */
    static final Frame MISSING = new Frame("[missing frame]", "", "", 0);

    /** Stands for the whole stack of a sample that has none. */
    static final Frame NO_STACK = new Frame("[no call stack]", "", "", 0);

    /** No file is as long as this: what is at least as great is an address. */
    private static final long MIN_ADDRESS = 1L << 40;

    public boolean hasFunction() {
        return !function.isBlank();
    }

    /** The function; without one the module's file name and the offset or address in it. Fit for one line of any format of text. */
    public String name() {
        return harmless(
                hasFunction() ? function : file() + (hasOffset() ? "+0x" : " at 0x") + Long.toHexString(offset));
    }

    /** Whether {@link #offset} is one in the module, for who has the module and looks the function up. */
    public boolean hasOffset() {
        return !hasFunction() && !module.isBlank() && offset >= 0 && offset < MIN_ADDRESS;
    }

    /** Path of the module on one line; empty if it is not known. */
    public String path() {
        return harmless(module);
    }

    private String file() {
        String name = module.substring(module.lastIndexOf('/') + 1);
        return name.isBlank() ? "[unknown]" : name;
    }

    /** A text of unknown origin on one line, without what would drive a terminal or break a format. */
    public static String harmless(String text) {
        return Printable.line(NativeText.readable(text));
    }
}
