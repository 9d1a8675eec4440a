package org.damson.symbols.elf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.damson.symbols.elf.UnwindWire.End;
import org.damson.symbols.elf.UnwindWire.Frames;
import org.damson.symbols.elf.UnwindWire.Placed;
import org.damson.symbols.elf.UnwindWire.Used;
import org.damson.symbols.elf.Wire.Outcome;

/**
 * The files that a process has mapped, by whose unwind tables copies of its stacks are walked. Only x86 of 64 bits. A frame is taken only
 * if the one before it has an entry in a table: where there is none libdw goes on by guessing.
 */
final class MappedFiles implements Closeable {
    private static final int PAGE_BYTES = 4096;

    /** Number of process and thread towards libdw, which looks at neither. */
    private static final int ONE = 1;

    /** DWARF numbers of the registers by their bits in perf's mask; -1: not known to DWARF's first 17. */
    private static final int[] DWARF = {
        0, 3, 2, 1, 4, 5, 6, 7, 16, -1, -1, -1, -1, -1, -1, -1, 8, 9, 10, 11, 12, 13, 14, 15
    };

    private static final int MAX_COVERED = 1 << 16;

    private static final int STACK_POINTER = 7;
    private static final int PROGRAM_COUNTER = 16;
    private static final int REGISTERS = 17;

    /**
     * Where a process has mapped code once more that libdw knows in one place only.
     *
     * @param end exclusive; more of the file need not be mapped
     * @param by how far it is from that place
     */
    private record Again(long start, long end, long by) {}

    private final Pointer dwfl;
    private final Set<String> reported = new HashSet<>();
    private final List<Again> again = new ArrayList<>();
    /** Addresses for which an entry was found, since walks go over the same ones again and again. */
    private final Set<Long> covered = new HashSet<>();

    private boolean isComplete;
    private boolean isAttached;

    // libdw calls these as long as it has the files.
    private final Libdwfl.NextThread nextThread = (d, argument, thread) -> 0;
    private final Libdwfl.GetThread getThread = (d, thread, argument, threadArgument) -> 1;
    private final Libdwfl.ReadMemory readMemory = (d, address, word, argument) -> read(address, word) ? 1 : 0;
    private final Libdwfl.SetRegisters setRegisters = (thread, argument) -> set(thread) ? 1 : 0;
    private final Libdwfl.TakeFrame takeFrame = (frame, argument) -> take(frame);
    private final Memory callbacks = new Memory(6L * Native.POINTER_SIZE);
    private final Memory word = new Memory(8);
    private final Memory flag = new Memory(8);
    private final LongByReference bias = new LongByReference();
    private final PointerByReference row = new PointerByReference();
    private final FrameRow frameRow = new FrameRow();

    // Of the walk.
    private final long[] registers = new long[REGISTERS];
    private final boolean[] isSet = new boolean[REGISTERS];
    private final long[] addresses = new long[UnwindWire.MAX_FRAMES];
    private ByteBuffer stack;
    private int depth;
    private End end;
    /** Why memory could not be read since the last frame, null if it could: libdw takes that for the stack's begin. */
    private End unread;

    MappedFiles(Memory dwflCallbacks) {
        dwfl = Libdw.dwfl_begin(dwflCallbacks);
        Pointer[] functions = {
            com.sun.jna.CallbackReference.getFunctionPointer(nextThread),
            com.sun.jna.CallbackReference.getFunctionPointer(getThread),
            com.sun.jna.CallbackReference.getFunctionPointer(readMemory),
            com.sun.jna.CallbackReference.getFunctionPointer(setRegisters)
        };
        callbacks.clear();
        callbacks.write(0, functions, 0, functions.length);
    }

    /** Adds a file; what is said of it is why it is not used, if it is not. */
    Used add(Placed placed, OpenFiles files) {
        OpenFiles.Chosen file = files.at(placed.file());
        if (file.used().outcome() != Outcome.READ || dwfl == null) {
            return file.used();
        }
        long[] segment = segmentOf(file.segments(), placed.fileOffset());
        if (segment == null) {
            return new Used(Outcome.NOT_ELF, "what is mapped of it is no code of its program headers");
        }
        long moved = placed.start() - placed.fileOffset() + segment[0] - segment[1];
        if (!reported.add(placed.file() + " " + moved)) {
            return file.used();
        }
        if (file.isFixed() && moved != 0) {
            long bytes = segment[0] + segment[2] - placed.fileOffset();
            again.add(new Again(placed.start(), placed.start() + bytes, moved));
            return file.used();
        }
        int descriptor = Confinement.duplicate(file.descriptor());
        if (descriptor < 0) {
            return new Used(Outcome.NO_FILE, "");
        }
        byte[] name = Texts.terminated(file.path());
        if (Libdwfl.dwfl_report_elf(dwfl, name, name, descriptor, moved, 1) == null) {
            String why = Libdw.error();
            Confinement.closeFile(descriptor);
            return new Used(Outcome.NOT_ELF, why);
        }
        return file.used();
    }

    /** The segment of code that has a page at this offset: pages at both ends may belong to two. */
    private static long[] segmentOf(long[][] segments, long fileOffset) {
        long[] best = null;
        for (long[] s : segments) {
            long from = s[0] & -PAGE_BYTES;
            boolean has = fileOffset >= from && fileOffset < s[0] + s[2] && (s[3] & Libelf.EXECUTABLE) != 0;
            if (has && (best == null || from > best[0])) {
                best = s;
            }
        }
        return best;
    }

    /** Walks a copy of a stack. */
    Frames walk(UnwindWire.Registers given, byte[] copy) {
        take(given);
        stack = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
        depth = 0;
        end = null;
        unread = null;
        if (!isSet[STACK_POINTER] || !isSet[PROGRAM_COUNTER]) {
            return new Frames(End.NO_REGISTERS, new long[0]);
        }
        if (!attach()) {
            return new Frames(End.NO_FILE, new long[] {registers[PROGRAM_COUNTER]});
        }
        int result = Libdwfl.dwfl_getthread_frames(dwfl, ONE, takeFrame, Pointer.NULL);
        if (end == null) {
            end = unread != null ? unread : result == 0 ? End.BEGIN : End.LOST;
        }
        return new Frames(end, Arrays.copyOf(addresses, depth));
    }

    private void take(UnwindWire.Registers given) {
        Arrays.fill(isSet, false);
        int next = 0;
        for (int bit = 0; bit < Long.SIZE; bit++) {
            if ((given.mask() >>> bit & 1) != 0) {
                int number = bit < DWARF.length ? DWARF[bit] : -1;
                if (number >= 0) {
                    registers[number] = given.values()[next];
                    isSet[number] = true;
                }
                next++;
            }
        }
    }

    /** At the first walk, when all files are there; false if there are none. */
    private boolean attach() {
        if (!isComplete && dwfl != null) {
            isComplete = true;
            Libdw.dwfl_report_end(dwfl, Pointer.NULL, Pointer.NULL);
            isAttached = !reported.isEmpty()
                    && Libdwfl.dwfl_attach_state(dwfl, Pointer.NULL, ONE, callbacks, Pointer.NULL) != 0;
        }
        return isAttached;
    }

    private boolean read(long address, Pointer into) {
        long at = address - registers[STACK_POINTER];
        if (at >= 0 && at <= stack.limit() - Long.BYTES) {
            into.setLong(0, stack.getLong((int) at));
            // The return address is read last of all registers: what else is missing does not end a walk.
            unread = null;
            return true;
        }
        unread = End.beyondCopy(at);
        return false;
    }

    private boolean set(Pointer thread) {
        for (int r = 0; r < REGISTERS; r++) {
            word.setLong(0, registers[r]);
            if (isSet[r] && Libdwfl.dwfl_thread_state_registers(thread, r, 1, word) == 0) {
                return false;
            }
        }
        Libdwfl.dwfl_thread_state_register_pc(thread, registers[PROGRAM_COUNTER]);
        return true;
    }

    private int take(Pointer frame) {
        // To tell what kind of frame it is, libdw already looks for the next.
        unread = null;
        flag.setByte(0, (byte) 0);
        if (Libdwfl.dwfl_frame_pc(frame, word, flag) == 0) {
            end = End.LOST;
            return Libdwfl.END;
        }
        long address = word.getLong(0);
        if (address == 0 && depth > 0) {
            end = End.BEGIN;
            return Libdwfl.END;
        }
        addresses[depth++] = address;
        boolean isExact = depth == 1 || flag.getByte(0) != 0;
        end = depth == addresses.length ? End.TOO_DEEP : missingAt(isExact ? address : address - 1);
        return end == null ? Libdwfl.GO_ON : Libdwfl.END;
    }

    /** Why there is no going on from an address; null if there is an entry for it. */
    private End missingAt(long address) {
        if (covered.contains(address)) {
            return null;
        }
        Pointer module = Libdwfl.dwfl_addrmodule(dwfl, address);
        if (module == null) {
            return known(address) == address ? End.NO_FILE : End.NO_TABLE;
        }
        Pointer found = rowOf(module, address);
        if (found == null) {
            return End.NO_TABLE;
        }
        Native.free(Pointer.nativeValue(found));
        if (covered.size() < MAX_COVERED) {
            covered.add(address);
        }
        return null;
    }

    /** How to get from a frame to its caller, at an address in the code that is running or before the one that a call returns to. */
    CallerRule rule(long address) {
        long at = attach() ? known(address) : address;
        Pointer module = isAttached ? Libdwfl.dwfl_addrmodule(dwfl, at) : null;
        if (module == null) {
            return CallerRule.end(End.NO_FILE);
        }
        Pointer found = rowOf(module, at);
        return found == null ? CallerRule.end(End.NO_TABLE) : frameRow.take(found);
    }

    /** Where libdw knows the code of an address: rules are the same wherever code is. */
    private long known(long address) {
        for (Again a : again) {
            boolean isIn = Long.compareUnsigned(a.start, address) <= 0 && Long.compareUnsigned(address, a.end) < 0;
            if (isIn && Libdwfl.dwfl_addrmodule(dwfl, address) == null) {
                return address - a.by;
            }
        }
        return address;
    }

    /** The entry for an address, in the order in which libdw looks for one; null if there is none. To be freed. */
    private Pointer rowOf(Pointer module, long address) {
        Pointer found = rowIn(Libdwfl.dwfl_module_eh_cfi(module, bias), address);
        return found != null ? found : rowIn(Libdwfl.dwfl_module_dwarf_cfi(module, bias), address);
    }

    private Pointer rowIn(Pointer table, long address) {
        boolean isThere = table != null && Libdwfl.dwarf_cfi_addrframe(table, address - bias.getValue(), row) == 0;
        return isThere ? row.getValue() : null;
    }

    @Override
    public void close() {
        if (dwfl != null) {
            Libdw.dwfl_end(dwfl);
        }
    }
}
