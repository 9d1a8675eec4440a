package org.damson.symbols.elf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.ObjLongConsumer;
import java.util.regex.Pattern;

/** The part of elfutils' libelf that tells at which addresses the bytes of a file are. */
final class Libelf {
    /** A flag of a segment: it holds code. */
    static final int EXECUTABLE = 1;

    private static final int LOAD = 1;
    private static final int X86_64 = 62;

    /** {@code sizeof(GElf_Phdr)}, which is the same for files of 32 bits. */
    private static final int HEADER_BYTES = 56;

    /** {@code sizeof(GElf_Ehdr)}; {@code e_machine} is at 18. */
    private static final int FILE_HEADER_BYTES = 64;

    private static final int TYPE_AT = 16;
    private static final int MACHINE_AT = 18;
    private static final int EXECUTABLE_FILE = 2;

    /** {@code sizeof(GElf_Shdr)}, which is the same for files of 32 bits. */
    private static final int SECTION_BYTES = 64;

    /** Flags of a section that is in memory and holds code. */
    private static final long LOADED_CODE = 6;

    /** A type of section: it has no bytes in the file. */
    private static final int NO_BYTES = 8;

    private static final Pattern STUBS = Pattern.compile("\\.i?plt(\\..*)?");

    private static final int MAX_SECTIONS = 1 << 16;
    private static final long MAX_UNWIND_BYTES = 1 << 28;

    static {
        Native.register(Libelf.class, NativeLibrary.getInstance("libelf.so.1"));
    }

    private Libelf() {}

    private static native int elf_getphdrnum(Pointer elf, LongByReference count);

    private static native Pointer gelf_getehdr(Pointer elf, Pointer into);

    private static native Pointer gelf_getphdr(Pointer elf, int index, Pointer into);

    private static native Pointer elf_nextscn(Pointer elf, Pointer section);

    private static native Pointer gelf_getshdr(Pointer section, Pointer into);

    private static native int elf_getshdrstrndx(Pointer elf, LongByReference index);

    private static native Pointer elf_strptr(Pointer elf, long section, long offset);

    private static native Pointer elf_getdata_rawchunk(Pointer elf, long offset, long size, int type);

    /** Whether its code is of 64-bit x86. */
    static boolean isForX86(Pointer elf) {
        try (Memory header = new Memory(FILE_HEADER_BYTES)) {
            return gelf_getehdr(elf, header) != null && header.getShort(MACHINE_AT) == X86_64;
        }
    }

    /** Whether it is a program that can only be where it was linked for. */
    static boolean isFixed(Pointer elf) {
        try (Memory header = new Memory(FILE_HEADER_BYTES)) {
            return gelf_getehdr(elf, header) != null && header.getShort(TYPE_AT) == EXECUTABLE_FILE;
        }
    }

    /** Program headers that are loaded: {@code {offset, address, sizeInFile, flags}} each. */
    static long[][] segments(Pointer elf) {
        LongByReference count = new LongByReference();
        if (elf_getphdrnum(elf, count) != 0) {
            return new long[0][];
        }
        int n = (int) Math.max(0, Math.min(1 << 16, count.getValue()));
        long[][] segments = new long[n][];
        int loaded = 0;
        try (Memory header = new Memory(HEADER_BYTES)) {
            for (int i = 0; i < n; i++) {
                if (gelf_getphdr(elf, i, header) != null && header.getInt(0) == LOAD) {
                    segments[loaded++] =
                            new long[] {header.getLong(8), header.getLong(16), header.getLong(32), header.getInt(4)};
                }
            }
        }
        return Arrays.copyOf(segments, loaded);
    }

    /**
     * Where its code is: {@code {address, size, 1 if it is stubs of the PLT}} each, by its sections; where no section tells, by its segments, which may hold data too.
     *
     * @param segments of {@link #segments}
     */
    static long[][] code(Pointer elf, long[][] segments) {
        List<long[]> code = new ArrayList<>();
        sections(elf, (name, header) -> {
            if ((header.getLong(8) & LOADED_CODE) == LOADED_CODE) {
                long isStubs = STUBS.matcher(name).matches() ? 1 : 0;
                code.add(new long[] {header.getLong(16), header.getLong(32), isStubs});
            }
        });
        if (code.isEmpty()) {
            Arrays.stream(segments)
                    .filter(s -> (s[3] & EXECUTABLE) != 0)
                    .forEach(s -> code.add(new long[] {s[1], s[2], 0}));
        }
        return code.toArray(long[][]::new);
    }

    /** The unwind information ({@code .eh_frame}) of a file as long as it is open: gets its bytes and their address, if it has any. */
    static void unwindInformation(Pointer elf, ObjLongConsumer<ByteBuffer> to) {
        sections(elf, (name, header) -> {
            long size = header.getLong(32);
            if (!name.equals(".eh_frame") || header.getInt(4) == NO_BYTES || size <= 0 || size > MAX_UNWIND_BYTES) {
                return;
            }
            // An Elf_Data, which begins with where the bytes are; null if the file is shorter.
            Pointer data = elf_getdata_rawchunk(elf, header.getLong(24), size, 0);
            if (data != null) {
                to.accept(data.getPointer(0).getByteBuffer(0, size).order(ByteOrder.nativeOrder()), header.getLong(16));
            }
        });
    }

    private static void sections(Pointer elf, BiConsumer<String, Memory> each) {
        LongByReference names = new LongByReference();
        boolean hasNames = elf_getshdrstrndx(elf, names) == 0;
        try (Memory header = new Memory(SECTION_BYTES)) {
            Pointer section = elf_nextscn(elf, Pointer.NULL);
            for (int i = 0; section != null && i < MAX_SECTIONS; i++) {
                if (gelf_getshdr(section, header) != null) {
                    long at = Integer.toUnsignedLong(header.getInt(0));
                    Pointer name = hasNames ? elf_strptr(elf, names.getValue(), at) : null;
                    each.accept(name == null ? "" : Texts.of(name), header);
                }
                section = elf_nextscn(elf, section);
            }
        }
    }
}
