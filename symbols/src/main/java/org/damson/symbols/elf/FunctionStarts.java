package org.damson.symbols.elf;

import com.sun.jna.Pointer;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Where functions begin, by the unwind information ({@code .eh_frame}) of a file, which stripped files have too. Only entries whose
 * addresses are 32-bit distances count, which is what compilers write; what follows a damaged entry is unknown. Memory is that of
 * the addresses asked for.
 */
final class FunctionStarts {
    /** {@code DW_EH_PE_pcrel | DW_EH_PE_sdata4}. */
    private static final int DISTANCE = 0x1b;

    // In an entry, behind its length: the distance to the entry that it shares things with, start and size of the code.
    private static final int SHARED_AT = 4;
    private static final int START_AT = 8;
    private static final int SIZE_AT = 12;
    private static final int END_AT = 16;

    /** Bytes of what entries share up to how addresses are written; in files some 20. */
    private static final int MAX_SHARED = 256;

    private final long[] addresses;
    private final Long[] starts;

    /** @param addresses to be looked up, in any order */
    FunctionStarts(Pointer elf, long[] addresses) {
        this.addresses = Arrays.stream(addresses).sorted().distinct().toArray();
        starts = new Long[this.addresses.length];
        if (addresses.length > 0) {
            Libelf.unwindInformation(elf, this::read);
        }
    }

    /** The address at which the function begins that one of the addresses is in; null if it is not known. */
    Long of(long address) {
        int i = Arrays.binarySearch(addresses, address);
        return i < 0 ? null : starts[i];
    }

    private void read(ByteBuffer entries, long address) {
        for (int from = 0; from <= entries.limit() - END_AT; ) {
            long length = Integer.toUnsignedLong(entries.getInt(from));
            if (length == 0 || length > entries.limit() - from - SHARED_AT) {
                return;
            }
            int shared = entries.getInt(from + SHARED_AT);
            if (shared != 0 && length >= END_AT - SHARED_AT && hasDistances(entries, from + SHARED_AT - shared)) {
                add(
                        address + from + START_AT + entries.getInt(from + START_AT),
                        Integer.toUnsignedLong(entries.getInt(from + SIZE_AT)));
            }
            from += SHARED_AT + (int) length;
        }
    }

    /** Of entries for one address it is the nearest that counts. */
    private void add(long start, long size) {
        int at = Arrays.binarySearch(addresses, start);
        for (int i = at < 0 ? -at - 1 : at; i < addresses.length && addresses[i] - start < size; i++) {
            starts[i] = starts[i] == null ? start : Math.max(starts[i], start);
        }
    }

    /** Whether that is how addresses are written, by what entries share (a CIE). */
    private static boolean hasDistances(ByteBuffer entries, int shared) {
        if (shared < 0 || shared >= entries.limit()) {
            return false;
        }
        int most = Math.min(MAX_SHARED, entries.limit() - shared);
        ByteBuffer in = entries.slice(shared, most).order(entries.order());
        try {
            int length = in.getInt();
            int mark = in.getInt();
            if (length == 0 || mark != 0 || in.get() != 1) {
                return false;
            }
            StringBuilder has = new StringBuilder();
            for (byte b; (b = in.get()) != 0; ) {
                has.append((char) b);
            }
            skipNumber(in); // units of code and of data
            skipNumber(in);
            in.get(); // the register of the return address
            skipNumber(in); // length of what follows
            return has.indexOf("z") == 0 && isDistance(has.substring(1), in);
        } catch (BufferUnderflowException e) {
            return false; // it leads out of the section
        }
    }

    private static boolean isDistance(String has, ByteBuffer in) {
        for (char c : has.toCharArray()) {
            switch (c) {
                case 'R' -> {
                    return in.get() == DISTANCE;
                }
                case 'L' -> in.get();
                case 'P' -> {
                    int encoding = in.get() & 15;
                    if (encoding == 0x3 || encoding == 0xb) {
                        in.getInt();
                    } else if (encoding == 0x0 || encoding == 0x4 || encoding == 0xc) {
                        in.getLong();
                    } else {
                        return false;
                    }
                }
                case 'S', 'B' -> {}
                default -> {
                    return false;
                }
            }
        }
        return false;
    }

    /** Skips a number of LEB128. */
    private static void skipNumber(ByteBuffer in) {
        while (in.get() < 0) {}
    }
}
