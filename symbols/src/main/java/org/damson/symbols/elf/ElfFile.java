package org.damson.symbols.elf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * An ELF file whose code is looked up by offset in the file: functions by its symbols and those of its separate debug file, lines
 * and inlined functions by DWARF. Not for files of unknown origin, but in a process of its own.
 */
final class ElfFile implements Closeable {
    private static final int PADDED = 20;

    /** How long lines and inlined functions are looked up: libdw goes through a unit of DWARF for each place. */
    private static final long DWARF_NS = 8_000_000_000L;

    private final Pointer dwfl;
    private final Pointer module;
    private final Pointer elf;
    private final Demangler demangler;
    private final long[][] segments;
    private final long[][] code;
    private final long bias;
    private final boolean isForX86;
    private final boolean isFixed;
    private SymbolTable symbols;
    private long untilNs;

    /**
     * Takes over the descriptor.
     *
     * @param callbacks of {@link Libdw#callbacks}
     * @param demangler of names; null if none are asked for
     * @return null if libdw cannot read it: {@link Libdw#error} says why
     */
    static ElfFile open(byte[] path, int descriptor, Pointer callbacks, Demangler demangler) {
        Pointer dwfl = Libdw.dwfl_begin(callbacks);
        if (dwfl == null) {
            Confinement.closeFile(descriptor);
            return null;
        }
        byte[] name = Texts.terminated(path);
        Pointer module = Libdw.dwfl_report_offline(dwfl, name, name, descriptor);
        if (module != null) {
            Libdw.dwfl_report_end(dwfl, Pointer.NULL, Pointer.NULL);
        }
        LongByReference bias = new LongByReference();
        Pointer elf = module == null ? null : Libdw.dwfl_module_getelf(module, bias);
        if (elf == null) {
            Libdw.dwfl_end(dwfl);
            if (module == null) {
                Confinement.closeFile(descriptor);
            }
            return null;
        }
        return new ElfFile(dwfl, module, demangler, elf, bias.getValue());
    }

    private ElfFile(Pointer dwfl, Pointer module, Demangler demangler, Pointer elf, long bias) {
        this.dwfl = dwfl;
        this.module = module;
        this.elf = elf;
        this.demangler = demangler;
        segments = Libelf.segments(elf);
        code = Libelf.code(elf, segments);
        isForX86 = Libelf.isForX86(elf);
        isFixed = Libelf.isFixed(elf);
        this.bias = bias;
        for (long[] range : code) {
            range[0] += bias;
        }
    }

    /** As of {@link Libelf#segments}. */
    long[][] segments() {
        return segments;
    }

    boolean isForX86() {
        return isForX86;
    }

    boolean isFixed() {
        return isFixed;
    }

    /** Its build id; empty if it has none. */
    byte[] buildId() {
        PointerByReference bits = new PointerByReference();
        int length = Libdw.dwfl_module_build_id(module, bits, new LongByReference());
        return length <= 0 || length > 64 ? new byte[0] : bits.getValue().getByteArray(0, length);
    }

    /**
     * The functions that places are in, of each from the innermost out; empty where none is known.
     *
     * @param offsets in the file
     * @param calls whether a place is where a call returns to
     */
    List<List<Wire.Named>> names(long[] offsets, boolean[] calls) {
        long[] wanted = new long[2 * offsets.length];
        int n = 0;
        for (long offset : offsets) {
            Long address = address(offset);
            if (address != null) {
                wanted[n++] = address;
                wanted[n++] = address - 1;
            }
        }
        symbols = new SymbolTable(module, code, Arrays.copyOf(wanted, n));
        untilNs = System.nanoTime() + DWARF_NS;
        List<List<Wire.Named>> names = new ArrayList<>();
        for (int i = 0; i < offsets.length; i++) {
            names.add(names(offsets[i], calls[i]));
        }
        return names;
    }

    /**
     * Where the functions begin that places without a name are in, by unwind information. Stubs of the PLT are no functions.
     *
     * @param names of the places
     * @return offsets in the file; -1 where it is not known, or a name is
     */
    long[] starts(long[] offsets, boolean[] calls, List<List<Wire.Named>> names) {
        Long[] addresses = new Long[offsets.length];
        for (int i = 0; i < offsets.length; i++) {
            addresses[i] = names.get(i).isEmpty() ? address(offsets[i]) : null;
        }
        FunctionStarts known = new FunctionStarts(
                elf,
                Arrays.stream(addresses)
                        .filter(Objects::nonNull)
                        .flatMapToLong(a -> LongStream.of(a - 1 - bias, a - bias))
                        .toArray());
        long[] starts = new long[offsets.length];
        for (int i = 0; i < offsets.length; i++) {
            Long called = addresses[i] != null && calls[i] ? startOf(addresses[i] - 1, known) : null;
            Long start = addresses[i] != null && called == null ? startOf(addresses[i], known) : called;
            starts[i] = start == null ? -1 : Math.max(-1, offsets[i] - (addresses[i] - start));
        }
        return starts;
    }

    private Long startOf(long address, FunctionStarts known) {
        boolean isFunction =
                Arrays.stream(code).anyMatch(c -> c[2] == 0 && Long.compareUnsigned(address - c[0], c[1]) < 0);
        Long start = isFunction ? known.of(address - bias) : null;
        return start == null ? null : start + bias;
    }

    /** Whether lines and inlined functions were looked up of all places. */
    boolean isWhole() {
        return System.nanoTime() < untilNs;
    }

    private List<Wire.Named> names(long offset, boolean isCall) {
        Long address = address(offset);
        if (address == null) {
            return List.of();
        }
        if (!isCall) {
            return names(address, address);
        }
        // The call is what counts: behind it another function, or another line, may begin.
        List<Wire.Named> called = names(address - 1, address);
        return called.isEmpty() ? names(address, address) : called;
    }

    private Long address(long offset) {
        for (long[] s : segments) {
            if (offset >= s[0] && offset - s[0] < s[2]) {
                return offset - s[0] + s[1] + bias;
            }
        }
        return null;
    }

    private List<Wire.Named> names(long address, long reported) {
        if (!symbols.isCode(address)) {
            return List.of(); // a walk that went astray came there
        }
        SymbolTable.Function symbol = symbols.at(address);
        String function = symbol == null ? "" : demangler.name(symbol.name());
        List<Wire.Named> names = new ArrayList<>();
        String source = "";
        if (System.nanoTime() < untilNs) {
            source = lineOf(address);
            LongByReference unitBias = new LongByReference();
            Pointer unit = Libdw.dwfl_module_addrdie(module, address, unitBias);
            if (unit != null) {
                Outer outer = inlined(unit, address - unitBias.getValue(), source, names);
                source = outer.source;
                function = function.isEmpty() ? outer.function : function;
            }
        }
        if (!function.isEmpty()) {
            long from = symbol == null ? 0 : symbol.offset() + reported - address;
            names.add(new Wire.Named(function, from, source, false));
        }
        return names;
    }

    /** What is around inlined functions: the place of the call, and the function by DWARF. */
    private record Outer(String function, String source) {}

    private Outer inlined(Pointer unit, long address, String innermost, List<Wire.Named> names) {
        PointerByReference found = new PointerByReference();
        if (Libdw.dwarf_getscopes(unit, address, found) <= 0) {
            return new Outer("", innermost);
        }
        Pointer scopes = found.getValue();
        // These are scopes of names; the code's own are those around the innermost.
        int n = Libdw.dwarf_getscopes_die(scopes, found);
        Native.free(Pointer.nativeValue(scopes));
        if (n <= 0) {
            return new Outer("", innermost);
        }
        Pointer around = found.getValue();
        String function = "";
        String source = innermost;
        for (int i = 0; i < n && function.isEmpty(); i++) {
            Pointer die = around.share((long) i * Libdw.DIE_BYTES);
            int tag = Libdw.dwarf_tag(die);
            if (tag == Libdw.TAG_SUBPROGRAM) {
                function = nameOf(die);
            } else if (tag == Libdw.TAG_INLINED && names.size() < Wire.MAX_FRAMES - 1) {
                String name = nameOf(die);
                names.add(new Wire.Named(name.isEmpty() ? "[inlined]" : name, 0, source, true));
                source = callOf(unit, die);
            }
        }
        Native.free(Pointer.nativeValue(around));
        return new Outer(function, source);
    }

    private String nameOf(Pointer die) {
        try (Memory attribute = new Memory(Libdw.ATTRIBUTE_BYTES)) {
            for (int name : new int[] {Libdw.AT_LINKAGE_NAME, Libdw.AT_MIPS_LINKAGE_NAME}) {
                Pointer found = Libdw.dwarf_attr_integrate(die, name, attribute);
                String linkage = found == null ? "" : Texts.of(Libdw.dwarf_formstring(found));
                if (!linkage.isEmpty()) {
                    return demangler.name(linkage);
                }
            }
        }
        return Texts.of(Libdw.dwarf_diename(die));
    }

    private static String callOf(Pointer unit, Pointer die) {
        long file = number(die, Libdw.AT_CALL_FILE);
        long line = number(die, Libdw.AT_CALL_LINE);
        PointerByReference files = new PointerByReference();
        if (file < 0 || Libdw.dwarf_getsrcfiles(unit, files, new LongByReference()) != 0) {
            return "";
        }
        return place(Texts.of(Libdw.dwarf_filesrc(files.getValue(), file, Pointer.NULL, Pointer.NULL)), line);
    }

    private static long number(Pointer die, int name) {
        try (Memory attribute = new Memory(Libdw.ATTRIBUTE_BYTES)) {
            Pointer found = Libdw.dwarf_attr(die, name, attribute);
            LongByReference value = new LongByReference();
            return found != null && Libdw.dwarf_formudata(found, value) == 0 ? value.getValue() : -1;
        }
    }

    private String lineOf(long address) {
        Pointer line = Libdw.dwfl_module_getsrc(module, address);
        if (line == null) {
            return "";
        }
        try (Memory number = new Memory(4)) {
            number.clear();
            Pointer file = Libdw.dwfl_lineinfo(line, Pointer.NULL, number, Pointer.NULL, Pointer.NULL, Pointer.NULL);
            return place(Texts.of(file), number.getInt(0));
        }
    }

    private static String place(String file, long line) {
        return file.isEmpty() ? "" : line > 0 ? file + ":" + line : file;
    }

    /** Whether it has that build id; any if that is empty. perf fills up short ones with zeros to {@code PADDED} bytes. */
    boolean isOf(byte[] wanted) {
        byte[] id = buildId();
        byte[] padded = wanted.length == PADDED && id.length > 0 && id.length < PADDED ? Arrays.copyOf(id, PADDED) : id;
        return wanted.length == 0 || Arrays.equals(wanted, padded);
    }

    @Override
    public void close() {
        Libdw.dwfl_end(dwfl);
    }
}
