package org.damson.model.stacks;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.text.NativeText;
import org.damson.model.text.Printable;

/**
 * A frame of a call stack. Texts are as recorded and not trusted.
 *
 * @param function empty if there is no symbol for it; {@code module+0xSTART} if nothing but the start of its function is known
 * @param module file or kernel that the code is of; empty if it is not known
 * @param buildId hexadecimal; empty if it is not known
 * @param offset in the function; without a symbol in the module; the address where that is not known, as in text that
 *     perf printed
 * @param source {@code file:line}; empty if it is not known
 */
public record Frame(String function, String module, String buildId, long offset, String source) {
    /** Stands for a frame that the trace does not have. */
    public static final Frame MISSING = new Frame("[missing frame]", "", "", 0);

    /** Stands for the whole stack of a sample that has none. */
    public static final Frame NO_STACK = new Frame("[no call stack]", "", "", 0);

    /** No file is as long as this: what is at least as great is an address. */
    private static final long MIN_ADDRESS = 1L << 40;

    /** A file of a kernel module, or its name in brackets, which other memory has too. */
    private static final Pattern KERNEL_MODULE = Pattern.compile("(?:.*/)?([\\w-]+)\\.ko(?:\\.(?:xz|zst|gz))?"
            + "|\\[(?!(?:vdso|vsyscall|vvar\\w*|heap|stack|anon|uprobes|sigpage|vectors|unknown)])(\\w+)]");

    private static final String OFFSET_MARK = "+0x";

    private static final Pattern START = Pattern.compile("0|[1-9a-f][0-9a-f]{0,9}");

    private static final Pattern LINE = Pattern.compile("[1-9][0-9]{0,8}");

    private static final int FUNCTION = Table.FRAMES.indexOf("function");
    private static final int MODULE = Table.FRAMES.indexOf("module");
    private static final int BUILD_ID = Table.FRAMES.indexOf("build_id");
    private static final int OFFSET = Table.FRAMES.indexOf("offset");
    private static final int SOURCE = Table.FRAMES.indexOf("source");

    /** Without a line of source. */
    public Frame(String function, String module, String buildId, long offset) {
        this(function, module, buildId, offset, "");
    }

    /** A row of {@link Table#FRAMES}. */
    public static Frame of(Batch frames, int row) {
        return new Frame(
                frames.text(FUNCTION, row),
                frames.text(MODULE, row),
                frames.text(BUILD_ID, row),
                frames.get(OFFSET, row),
                frames.text(SOURCE, row));
    }

    /** Whether the function's name is known, not only where it begins. */
    public boolean hasFunction() {
        return !function.isBlank() && !isStart();
    }

    private boolean isStart() {
        String before = file() + OFFSET_MARK;
        if (module.isBlank() || !function.startsWith(before)) {
            return false;
        }
        String start = function.substring(before.length());
        return START.matcher(start).matches() && Long.parseLong(start, 16) <= offset && offset < MIN_ADDRESS;
    }

    /**
     * The same place without a name, of whose function the start is known.
     *
     * @param start offset in the module
     */
    public Frame startingAt(long start) {
        return new Frame(file() + OFFSET_MARK + Long.toHexString(start), module, buildId, offset, source);
    }

    /**
     * The function; without one the module's file name and where the function begins in it, else the offset or address. Fit for one line
     * of any format of text: every report and export names code so.
     */
    public String name() {
        return harmless(function.isBlank() ? unnamed() : function);
    }

    /** The place in the code: {@link #name}, the offset in the function, its file, and the line of source if that is known. */
    public String place() {
        String file = hasFunction() && !module.isBlank() ? " in " + harmless(file()) : "";
        String line = source.isBlank() ? "" : ", " + harmless(source.substring(source.lastIndexOf('/') + 1));
        return (hasFunction() ? name() + OFFSET_MARK + Long.toHexString(offset) : harmless(unnamed())) + file + line;
    }

    private String unnamed() {
        return file() + (hasOffset() ? OFFSET_MARK : " at 0x") + Long.toHexString(offset);
    }

    /** Whether {@link #offset} is an offset in the module, by which its function can be looked up. */
    public boolean hasOffset() {
        return !hasFunction() && !module.isBlank() && offset >= 0 && offset < MIN_ADDRESS;
    }

    /** Whether it is code of the kernel, of a kernel module or of a BPF program. */
    public boolean isKernel() {
        return module.startsWith("[kernel")
                || module.startsWith("[guest.kernel")
                || module.startsWith("bpf_prog_")
                || !kernelModule().isEmpty()
                || module.isEmpty() && !hasFunction() && offset < 0;
    }

    /** The kernel module that the code is of, as {@code /proc/modules} calls it; empty if it is of none. */
    public String kernelModule() {
        Matcher m = KERNEL_MODULE.matcher(module);
        if (!m.matches()) {
            return "";
        }
        return m.group(1) == null ? m.group(2) : m.group(1).replace('-', '_');
    }

    /** Path of the module on one line; empty if it is not known. */
    public String path() {
        return harmless(module);
    }

    /** The file of source on one line; empty if it is not known. */
    public String sourceFile() {
        return harmless(sourceLine() == 0 ? source : source.substring(0, source.lastIndexOf(':')));
    }

    /** The line in the file of source; 0 if it is not known. */
    public int sourceLine() {
        String digits = source.substring(source.lastIndexOf(':') + 1);
        boolean isLine =
                digits.length() < source.length() && LINE.matcher(digits).matches();
        return isLine ? Integer.parseInt(digits) : 0;
    }

    private String file() {
        String name = module.substring(module.lastIndexOf('/') + 1);
        return name.isBlank() ? "[unknown]" : name;
    }

    /** A text of unknown origin on one line, without what would control a terminal or break a format. */
    public static String harmless(String text) {
        return Printable.line(NativeText.readable(text));
    }
}
