package org.damson.symbols.elf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;

/** elfutils' libdw, as {@code libdwfl.h} and {@code libdw.h} declare it; the same on every 64-bit Linux since 2009. */
final class Libdw {
    static final String NAME = "libdw.so.1";

    /** {@code sizeof(Dwarf_Die)}. */
    static final int DIE_BYTES = 32;

    /** {@code sizeof(Dwarf_Attribute)}. */
    static final int ATTRIBUTE_BYTES = 24;

    /** {@code sizeof(GElf_Sym)}; {@code st_size} is at 16. */
    static final int SYMBOL_BYTES = 24;

    static final int SYMBOL_SIZE_AT = 16;

    static final int TAG_INLINED = 0x1d;
    static final int TAG_SUBPROGRAM = 0x2e;
    static final int AT_LINKAGE_NAME = 0x6e;
    static final int AT_MIPS_LINKAGE_NAME = 0x2007;
    static final int AT_CALL_FILE = 0x58;
    static final int AT_CALL_LINE = 0x59;

    private static final NativeLibrary LIBRARY = NativeLibrary.getInstance(NAME);

    static {
        Native.register(Libdw.class, LIBRARY);
    }

    private Libdw() {}

    static native Pointer dwfl_begin(Pointer callbacks);

    static native void dwfl_end(Pointer dwfl);

    static native Pointer dwfl_report_offline(Pointer dwfl, byte[] name, byte[] fileName, int descriptor);

    static native int dwfl_report_end(Pointer dwfl, Pointer removed, Pointer argument);

    static native int dwfl_module_build_id(Pointer module, PointerByReference bits, LongByReference address);

    static native Pointer dwfl_module_getelf(Pointer module, LongByReference bias);

    static native int dwfl_module_getsymtab(Pointer module);

    static native Pointer dwfl_module_getsym_info(
            Pointer module,
            int index,
            Pointer symbol,
            LongByReference address,
            Pointer section,
            Pointer elf,
            Pointer bias);

    static native Pointer dwfl_module_getsrc(Pointer module, long address);

    static native Pointer dwfl_lineinfo(
            Pointer line, Pointer address, Pointer lineNumber, Pointer column, Pointer time, Pointer length);

    static native Pointer dwfl_module_addrdie(Pointer module, long address, LongByReference bias);

    static native int dwfl_errno();

    static native Pointer dwfl_errmsg(int error);

    static native int dwarf_getscopes(Pointer unit, long address, PointerByReference scopes);

    static native int dwarf_getscopes_die(Pointer die, PointerByReference scopes);

    static native int dwarf_tag(Pointer die);

    static native Pointer dwarf_diename(Pointer die);

    static native Pointer dwarf_attr(Pointer die, int name, Pointer result);

    static native Pointer dwarf_attr_integrate(Pointer die, int name, Pointer result);

    static native Pointer dwarf_formstring(Pointer attribute);

    static native int dwarf_formudata(Pointer attribute, LongByReference value);

    static native int dwarf_getsrcfiles(Pointer unit, PointerByReference files, LongByReference count);

    static native Pointer dwarf_filesrc(Pointer files, long index, Pointer time, Pointer length);

    /** A {@code struct Dwfl_Callbacks} for files that nobody has loaded, and what it points to. */
    static Memory callbacks(byte[] debugPath) {
        long pointer = Native.POINTER_SIZE;
        Memory all = new Memory(5 * pointer + debugPath.length + 1);
        all.clear();
        all.setPointer(0, LIBRARY.getFunction("dwfl_build_id_find_elf"));
        all.setPointer(pointer, LIBRARY.getFunction("dwfl_standard_find_debuginfo"));
        all.setPointer(2 * pointer, LIBRARY.getFunction("dwfl_offline_section_address"));
        all.setPointer(3 * pointer, all.share(4 * pointer));
        all.setPointer(4 * pointer, all.share(5 * pointer));
        all.write(5 * pointer, debugPath, 0, debugPath.length);
        return all;
    }

    /** libdw's last error. */
    static String error() {
        Pointer message = dwfl_errmsg(-1);
        return message == null ? "libdw cannot read it" : Texts.of(message);
    }
}
