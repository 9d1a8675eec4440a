package org.damson.symbols.elf;

import com.sun.jna.Callback;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;

/** The part of {@code libdwfl.h} that walks stacks; elfutils 0.158 and newer. C's {@code bool} is a byte, or 0 or 1 in an int. */
final class Libdwfl {
    /** Return values of a frame callback: continue, or stop. */
    static final int GO_ON = 0;

    static final int END = 1;

    /** Of {@code Dwfl_Thread_Callbacks}, in the order that they have there; two more are not needed. */
    interface NextThread extends Callback {
        int next(Pointer dwfl, Pointer argument, Pointer threadArgument);
    }

    interface GetThread extends Callback {
        int get(Pointer dwfl, int thread, Pointer argument, Pointer threadArgument);
    }

    interface ReadMemory extends Callback {
        int read(Pointer dwfl, long address, Pointer word, Pointer argument);
    }

    interface SetRegisters extends Callback {
        int set(Pointer thread, Pointer argument);
    }

    interface TakeFrame extends Callback {
        int take(Pointer frame, Pointer argument);
    }

    static {
        Native.register(Libdwfl.class, NativeLibrary.getInstance(Libdw.NAME));
    }

    private Libdwfl() {}

    static native Pointer dwfl_report_elf(
            Pointer dwfl, byte[] name, byte[] fileName, int descriptor, long bias, int isBias);

    static native byte dwfl_attach_state(Pointer dwfl, Pointer elf, int pid, Pointer callbacks, Pointer argument);

    static native int dwfl_getthread_frames(Pointer dwfl, int thread, TakeFrame callback, Pointer argument);

    static native byte dwfl_thread_state_registers(Pointer thread, int first, int count, Pointer values);

    static native void dwfl_thread_state_register_pc(Pointer thread, long pc);

    static native byte dwfl_frame_pc(Pointer frame, Pointer pc, Pointer isActivation);

    static native Pointer dwfl_addrmodule(Pointer dwfl, long address);

    static native Pointer dwfl_module_eh_cfi(Pointer module, LongByReference bias);

    static native Pointer dwfl_module_dwarf_cfi(Pointer module, LongByReference bias);

    static native int dwarf_cfi_addrframe(Pointer cfi, long address, PointerByReference frame);

    static native int dwarf_frame_info(Pointer frame, Pointer start, Pointer end, Pointer isSignal);

    static native int dwarf_frame_cfa(Pointer frame, PointerByReference operations, LongByReference count);

    static native int dwarf_frame_register(
            Pointer frame, int register, Pointer own, PointerByReference operations, LongByReference count);
}
