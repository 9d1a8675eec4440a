package org.damson.symbols.elf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;

/** Reads a row of unwind information ({@code Dwarf_Frame}) of x86 of 64 bits as a {@link CallerRule}. */
final class FrameRow {
    /** {@code sizeof(Dwarf_Op)}; its atom is at 0, its operands are at 8 and 16. */
    private static final int OPERATION_BYTES = 32;

    private static final int FIRST = 8;
    private static final int SECOND = 16;

    // DW_OP_*.
    private static final int PLUS_CONSTANT = 0x23;
    private static final int REGISTER_PLUS = 0x92;
    private static final int FRAME_ADDRESS = 0x9c;
    private static final int VALUE = 0x9f;

    // DWARF numbers.
    private static final int FRAME_POINTER = 6;
    private static final int STACK_POINTER = 7;
    private static final int RETURN_ADDRESS = 16;

    private final PointerByReference operations = new PointerByReference();
    private final LongByReference count = new LongByReference();
    private final Memory own = new Memory(3L * OPERATION_BYTES);
    private final Memory isSignal = new Memory(8);

    /** The rule of a row, which is freed. */
    CallerRule take(Pointer row) {
        try {
            return of(row);
        } finally {
            Native.free(Pointer.nativeValue(row));
        }
    }

    private CallerRule of(Pointer row) {
        isSignal.setByte(0, (byte) 0);
        boolean isUsual = Libdwfl.dwarf_frame_info(row, Pointer.NULL, Pointer.NULL, isSignal) == RETURN_ADDRESS
                && isSignal.getByte(0) == 0;
        if (!isUsual || !reads(row, RETURN_ADDRESS)) {
            return CallerRule.OTHER;
        }
        if (isUndefined()) {
            return CallerRule.end(UnwindWire.End.BEGIN);
        }
        Long returnOffset = offset(false);
        Long savedOffset = saved(row);
        boolean isAtFrameAddress = reads(row, STACK_POINTER) && Long.valueOf(0).equals(offset(true));
        if (returnOffset == null || savedOffset == null || !isAtFrameAddress || !readsFrameAddress(row)) {
            return CallerRule.OTHER;
        }
        Pointer rule = operations.getValue();
        long register = rule.getLong(FIRST);
        boolean isSimple = count.getValue() == 1
                && (rule.getByte(0) & 0xff) == REGISTER_PLUS
                && (register == FRAME_POINTER || register == STACK_POINTER);
        return isSimple
                ? CallerRule.simple(register == FRAME_POINTER, rule.getLong(SECOND), returnOffset, savedOffset)
                : CallerRule.OTHER;
    }

    private boolean readsFrameAddress(Pointer row) {
        return Libdwfl.dwarf_frame_cfa(row, operations, count) == 0 && operations.getValue() != null;
    }

    /** The row's rule for the caller's rbp; null for any other rule. */
    private Long saved(Pointer row) {
        if (!reads(row, FRAME_POINTER)) {
            return null;
        }
        if (operations.getValue() == null) {
            return CallerRule.KEPT;
        }
        return isUndefined() ? Long.valueOf(CallerRule.LOST) : offset(false);
    }

    private boolean reads(Pointer row, int register) {
        return Libdwfl.dwarf_frame_register(row, register, own, operations, count) == 0;
    }

    private boolean isUndefined() {
        return count.getValue() == 0 && own.equals(operations.getValue());
    }

    /**
     * The offset from the canonical frame address that was read; null if it is not one.
     *
     * @param isValue whether it is to be a value, else where one is in memory
     */
    private Long offset(boolean isValue) {
        int n = (int) count.getValue() - (isValue ? 1 : 0);
        Pointer at = operations.getValue();
        if (n < 1 || n > 2 || at == null || atom(at, 0) != FRAME_ADDRESS || isValue && atom(at, n) != VALUE) {
            return null;
        }
        if (n == 1) {
            return 0L;
        }
        return atom(at, 1) == PLUS_CONSTANT ? Long.valueOf(at.getLong(OPERATION_BYTES + FIRST)) : null;
    }

    private static int atom(Pointer at, int index) {
        return at.getByte((long) index * OPERATION_BYTES) & 0xff;
    }
}
