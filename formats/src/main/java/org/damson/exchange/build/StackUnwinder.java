package org.damson.exchange.build;

import java.io.IOException;
import java.util.List;

/** Finds the callers of a program in copies of its stack, by the unwind information of the files that it had mapped. */
public interface StackUnwinder {
    /**
     * Code of a file, as a process had it mapped.
     *
     * @param file as the recording names it
     * @param buildId hexadecimal; empty if the recording does not say
     * @param start first address
     * @param fileOffset where in the file the bytes at {@code start} are
     */
    record Module(String file, String buildId, long start, long fileOffset) {}

    /**
     * What a sample has of a thread of a 64-bit x86 program.
     *
     * @param mask which registers, by {@code enum perf_event_x86_regs}
     * @param registers their values, in the order of the bits
     * @param stack bytes from the stack pointer up
     */
    record Copy(long mask, long[] registers, byte[] stack) {}

    /**
     * A walk from the innermost frame out.
     *
     * @param addresses where the program was, then where calls return to; empty if there is nothing to go by
     * @param end why it ends; empty: at the thread's begin
     */
    record Walk(long[] addresses, String end) {}

    /**
     * Says that copies may come in which this code is mapped: the sooner the cheaper.
     *
     * @param pid a process that has it mapped
     */
    void expect(int pid, String file, String buildId);

    /**
     * Walks.
     *
     * @param modules code that the process has mapped; the same list is quicker than an equal one
     */
    Walk unwind(List<Module> modules, Copy copy) throws IOException;

    /** Lines for people: which files could not be used, and why. */
    List<String> notes();

    /** CPU time that was spent on walks outside of this process so far, ns. */
    default long cpuNs() {
        return 0;
    }

    /** How often files were opened so far, which costs more than many walks. */
    default int starts() {
        return 0;
    }
}
