package org.damson.symbols.elf;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import java.nio.charset.StandardCharsets;

/** Names as their authors wrote them: C++ through the C++ library that the system has, Rust by its rules. */
final class Demangler {
    /** Longer ones are made by nobody but who wants to see them expand without end. */
    private static final int MAX_MANGLED = 2048;

    private final Function cxa = library();

    private static Function library() {
        try {
            return NativeLibrary.getInstance("libstdc++.so.6").getFunction("__cxa_demangle");
        } catch (UnsatisfiedLinkError e) {
            return null; // then C++ names stay as they are
        }
    }

    /** The name; the symbol itself if it is none of these. A version ({@code @@GLIBC_2.34}) is left out. */
    String name(String symbol) {
        int at = symbol.indexOf('@', 1);
        String plain = at < 0 ? symbol : symbol.substring(0, at);
        if (plain.length() > MAX_MANGLED) {
            return plain;
        }
        if (plain.startsWith("_R")) {
            String rust = RustName.of(plain);
            return rust == null ? plain : rust;
        }
        if (!plain.startsWith("_Z")) {
            return plain;
        }
        String cpp = cpp(plain);
        return cpp == null ? plain : RustName.legacy(cpp);
    }

    private String cpp(String mangled) {
        if (cxa == null) {
            return null;
        }
        byte[] text = Texts.terminated(mangled.getBytes(StandardCharsets.UTF_8));
        try (Memory in = new Memory(text.length)) {
            in.write(0, text, 0, text.length);
            IntByReference status = new IntByReference();
            Pointer out = cxa.invokePointer(new Object[] {in, Pointer.NULL, Pointer.NULL, status});
            if (out == null) {
                return null;
            }
            String name = Texts.of(out);
            Native.free(Pointer.nativeValue(out));
            return status.getValue() == 0 ? name : null;
        }
    }
}
