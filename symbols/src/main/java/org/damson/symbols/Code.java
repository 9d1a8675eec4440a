package org.damson.symbols;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.model.stacks.Frame;

/** Where unnamed code is, by what was recorded of it. */
enum Code {
    /** In an ELF file, whose offset is known. */
    FILE,
    /** In the kernel; the offset is from {@code _text}. */
    KERNEL,
    /** In a module of the kernel; the offset is from where it is loaded. */
    KERNEL_MODULE,
    /** Made by the program itself; the offset is the address. */
    MADE,
    /** Anything else: nothing could find it. */
    UNKNOWN;

    static final String VDSO = "[vdso]";
    static final String KALLSYMS = "[kernel.kallsyms]";

    /** As perf names memory without a file; text of perf names the map it looked into. */
    private static final Pattern WITHOUT_FILE =
            Pattern.compile("|//anon.*|\\[anon.*|/dev/zero.*|/anon_hugepage.*|\\[heap]|\\[stack.*", Pattern.DOTALL);

    /** The map that names it, which tells whose it is. */
    private static final Pattern MAP = Pattern.compile("/tmp/perf-(\\d{1,9})\\.map");

    static Code of(Frame f) {
        if (f.module().equals(KALLSYMS)) {
            return f.hasOffset() ? KERNEL : UNKNOWN;
        }
        if (!f.kernelModule().isEmpty()) {
            return f.hasOffset() ? KERNEL_MODULE : UNKNOWN;
        }
        if (WITHOUT_FILE.matcher(f.module()).matches() || pidOf(f) > 0) {
            return f.offset() > 0 ? MADE : UNKNOWN;
        }
        boolean isFile = f.module().startsWith("/") && !f.module().startsWith("/SYSV");
        return f.hasOffset() && (isFile || f.module().equals(VDSO)) ? FILE : UNKNOWN;
    }

    /** The process that made it, if the recording names that; else 0: whoever has it in a stack. */
    static int pidOf(Frame f) {
        Matcher map = MAP.matcher(f.module());
        return map.matches() ? Integer.parseInt(map.group(1)) : 0;
    }
}
