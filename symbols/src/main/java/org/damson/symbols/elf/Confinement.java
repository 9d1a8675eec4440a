package org.damson.symbols.elf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Gives up, for good, what a process that reads files of unknown origin has no need of. Linux, 64 bits. */
final class Confinement {
    private static final int RLIMIT_CPU = 0;
    private static final int RLIMIT_FSIZE = 1;
    private static final int RLIMIT_CORE = 4;
    private static final int RLIMIT_AS = 9;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_NO_NEW_PRIVS = 38;

    private static final int O_NONBLOCK = 0x800;
    private static final int O_NOCTTY = 0x100;
    private static final int O_CLOEXEC = 0x80000;

    /** Addresses that reading files may take beyond what the process has now. */
    private static final long MORE_BYTES = 2L << 30;

    private static final long CPU_SECONDS = 300;
    private static final int NOBODY = 65534;
    private static final int[] REQUESTS_TO_END = {1, 2, 15}; // SIGHUP, SIGINT, SIGTERM
    private static final Pointer IGNORE = Pointer.createConstant(1);

    static {
        Native.register(Confinement.class, "c");
    }

    private Confinement() {}

    private static native int open(byte[] path, int flags, int mode);

    private static native int dup(int descriptor);

    private static native int close(int descriptor);

    private static native int setrlimit(int resource, Pointer limit);

    private static native int prctl(int option, NativeLong a, NativeLong b, NativeLong c, NativeLong d);

    private static native int setgroups(NativeLong count, Pointer groups);

    private static native int setresgid(int real, int effective, int saved);

    private static native int setresuid(int real, int effective, int saved);

    private static native int geteuid();

    private static native Pointer signal(int number, Pointer handler);

    /** Opens a file for reading; negative if that fails. Neither waits for a pipe nor takes a terminal. */
    static int openFile(byte[] path) {
        return open(Texts.terminated(path), O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
    }

    /** Another descriptor of the same file; negative if there is no more room. */
    static int duplicate(int descriptor) {
        return dup(descriptor);
    }

    static void closeFile(int descriptor) {
        close(descriptor);
    }

    /** Signals that a terminal or a service manager sends to all processes of a job are for the one that asks. */
    static void ignoreRequestsToEnd() {
        for (int number : REQUESTS_TO_END) {
            signal(number, IGNORE);
        }
    }

    /**
     * No privileges, no new ones, no written files, no core; memory and CPU time are bounded. Who is root becomes nobody.
     *
     * @throws IOException if the system refuses any of it
     */
    static void enter() throws IOException {
        limit(RLIMIT_CORE, 0);
        limit(RLIMIT_FSIZE, 0);
        limit(RLIMIT_CPU, CPU_SECONDS);
        limit(RLIMIT_AS, addressBytes() + MORE_BYTES);
        NativeLong no = new NativeLong(0);
        check(prctl(PR_SET_NO_NEW_PRIVS, new NativeLong(1), no, no, no), "no_new_privs");
        if (geteuid() == 0) {
            check(setgroups(no, Pointer.NULL), "setgroups");
            check(setresgid(NOBODY, NOBODY, NOBODY), "setresgid");
            check(setresuid(NOBODY, NOBODY, NOBODY), "setresuid");
        }
        check(prctl(PR_SET_DUMPABLE, no, no, no, no), "dumpable");
    }

    private static long addressBytes() throws IOException {
        String pages = Files.readString(Path.of("/proc/self/statm")).split(" ")[0];
        return Long.parseLong(pages) * 4096;
    }

    private static void limit(int resource, long most) throws IOException {
        try (Memory limit = new Memory(16)) {
            limit.setLong(0, most);
            limit.setLong(8, most);
            check(setrlimit(resource, limit), "limit " + resource);
        }
    }

    private static void check(int result, String what) throws IOException {
        if (result != 0) {
            throw new IOException(what + ": errno " + Native.getLastError());
        }
    }
}
