package org.damson.recorder.kernel;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The system calls Java lacks. Linux, 64 bits. */
public final class Libc {
    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_TRUNC = 0x200;
    static final int O_APPEND = 0x400;
    static final int O_NONBLOCK = 0x800;
    static final int O_DIRECTORY = 0x10000;
    static final int O_NOFOLLOW = 0x20000;
    static final int O_CLOEXEC = 0x80000;
    static final int POLLIN = 1;

    static final int ENOENT = 2;
    static final int ESRCH = 3;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    public static final int EACCES = 13;
    static final int EPERM = 1;
    public static final int EIO = 5;
    public static final int EBUSY = 16;
    static final int EEXIST = 17;
    static final int ENODEV = 19;
    static final int ENFILE = 23;
    static final int EMFILE = 24;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;

    private static final int EFD_NONBLOCK = O_NONBLOCK;
    private static final int EFD_CLOEXEC = O_CLOEXEC;

    static {
        Native.register(Libc.class, "c");
    }

    private Libc() {}

    private static native int open(String path, int flags, int mode);

    private static native long read(int descriptor, ByteBuffer into, long count);

    private static native long write(int descriptor, ByteBuffer from, long count);

    private static native int close(int descriptor);

    private static native int poll(ByteBuffer descriptors, long count, int timeoutMs);

    private static native int eventfd(int initial, int flags);

    private static native String strerror(int errno);

    private static native long send(int descriptor, ByteBuffer from, long count, int flags);

    private static native long recvmsg(int descriptor, ByteBuffer header, int flags);

    private static native int flock(int descriptor, int operation);

    private static native int mkdir(String path, int mode);

    private static native int rmdir(String path);

    private static native int unlink(String path);

    private static native long syscall(long number, long first, long second, long third, long fourth, long fifth);

    private static native Pointer mmap(Pointer at, long bytes, int protection, int flags, int descriptor, long offset);

    private static native int munmap(Pointer at, long bytes);

    private static native int ioctl(int descriptor, long request, long argument);

    /** Opens a file; the descriptor, or -errno. */
    static int openFile(String path, int flags, int mode) {
        while (true) {
            int descriptor = open(path, flags, mode);
            if (descriptor >= 0) {
                return descriptor;
            }
            int errno = Native.getLastError();
            if (errno != EINTR) {
                return -errno;
            }
        }
    }

    /** Reads to the start of a direct buffer; how many bytes, 0 at the end, or -errno. */
    static int readFile(int descriptor, ByteBuffer into, int count) {
        while (true) {
            long got = read(descriptor, into, (long) count);
            if (got >= 0) {
                return (int) got;
            }
            int errno = Native.getLastError();
            if (errno != EINTR) {
                return -errno;
            }
        }
    }

    /** Writes from the start of a direct buffer with one call; how many bytes, or -errno. */
    static int writeFile(int descriptor, ByteBuffer from, int count) {
        while (true) {
            long done = write(descriptor, from, (long) count);
            if (done >= 0) {
                return (int) done;
            }
            int errno = Native.getLastError();
            if (errno != EINTR) {
                return -errno;
            }
        }
    }

    /** 0, {@link #EAGAIN} if another process has the lock, or another errno. */
    static int lockExclusively(int descriptor) {
        int exclusiveNow = 2 | 4;
        return flock(descriptor, exclusiveNow) == 0 ? 0 : Native.getLastError();
    }

    /** 0 or errno. */
    static int makeDirectory(String path, int mode) {
        return mkdir(path, mode) == 0 ? 0 : Native.getLastError();
    }

    /** 0 or errno. */
    static int removeDirectory(String path) {
        return rmdir(path) == 0 ? 0 : Native.getLastError();
    }

    /** 0 or errno. */
    static int removeFile(String path) {
        return unlink(path) == 0 ? 0 : Native.getLastError();
    }

    /** Sends a packet from the start of a direct buffer; how many bytes, or -errno. */
    static int sendPacket(int socket, ByteBuffer from, int count) {
        int noSignal = 0x4000;
        while (true) {
            long done = send(socket, from, count, noSignal);
            if (done >= 0) {
                return (int) done;
            }
            int errno = Native.getLastError();
            if (errno != EINTR) {
                return -errno;
            }
        }
    }

    /**
     * Receives a packet to the start of a direct buffer.
     *
     * @param descriptor its first element gets the descriptor that came with it, else -1
     * @return how many bytes, 0 when the other side has closed, or -errno
     */
    static int receivePacket(int socket, ByteBuffer into, int[] descriptor) {
        // struct msghdr, struct iovec and room for one struct cmsghdr with one descriptor, 64 bits
        ByteBuffer header = ByteBuffer.allocateDirect(56 + 16 + 24).order(java.nio.ByteOrder.nativeOrder());
        long at = Pointer.nativeValue(Native.getDirectBufferPointer(header));
        header.putLong(16, at + 56).putLong(24, 1).putLong(32, at + 72).putLong(40, 24);
        header.putLong(56, Pointer.nativeValue(Native.getDirectBufferPointer(into)))
                .putLong(64, into.capacity());
        int closeOnExec = 0x40000000;
        while (true) {
            long got = recvmsg(socket, header, closeOnExec);
            if (got >= 0) {
                int solSocket = 1;
                int scmRights = 1;
                boolean one = header.getLong(40) >= 20
                        && header.getLong(72) >= 20
                        && header.getInt(80) == solSocket
                        && header.getInt(84) == scmRights;
                descriptor[0] = one ? header.getInt(88) : -1;
                return (int) got;
            }
            int errno = Native.getLastError();
            if (errno != EINTR) {
                return -errno;
            }
        }
    }

    /**
     * Opens an event of perf's.
     *
     * @param attr {@code struct perf_event_attr} at the start of a direct buffer
     * @param pid thread, -1 for all
     * @param cpu processor, -1 for any
     * @return its descriptor, or -errno
     */
    static int openPerfEvent(ByteBuffer attr, int pid, int cpu) {
        long number = System.getProperty("os.arch").equals("aarch64") ? 241 : 298;
        long closeOnExec = 8;
        while (true) {
            long descriptor = syscall(number, addressOf(attr), pid, cpu, -1, closeOnExec);
            if (descriptor >= 0) {
                return (int) descriptor;
            }
            int errno = Native.getLastError();
            if (errno != EINTR) {
                return -errno;
            }
        }
    }

    /** Address of a direct buffer. */
    static long addressOf(ByteBuffer direct) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(direct));
    }

    /** Maps a descriptor's memory to be read and written, shared; null and the last errno if that is refused. */
    static Pointer mapShared(int descriptor, long bytes) {
        int readAndWrite = 3;
        int shared = 1;
        Pointer at = mmap(null, bytes, readAndWrite, shared, descriptor, 0);
        return Pointer.nativeValue(at) == -1 ? null : at;
    }

    static void unmap(Pointer at, long bytes) {
        munmap(at, bytes);
    }

    /** 0 or errno. */
    static int control(int descriptor, long request, long argument) {
        return ioctl(descriptor, request, argument) >= 0 ? 0 : Native.getLastError();
    }

    /** The errno of the last failed call. */
    static int lastError() {
        return Native.getLastError();
    }

    /** The text of an errno. */
    static String reason(int errno) {
        return strerror(errno);
    }

    /**
     * Reads up to {@code count} bytes to the start of a direct buffer.
     *
     * @return how many, 0 at the end, -1 if there is nothing now
     */
    static int read(int descriptor, ByteBuffer into, int count) throws IOException {
        while (true) {
            long got = read(descriptor, into, (long) count);
            if (got >= 0) {
                return (int) got;
            }
            int errno = Native.getLastError();
            if (errno == EAGAIN) {
                return -1;
            }
            if (errno != EINTR) {
                throw new IOException("reading the trace ring: " + strerror(errno));
            }
        }
    }

    /**
     * Waits until one of the descriptors in an array of {@code struct pollfd} is ready.
     *
     * @return how many are; 0 after {@code timeoutMs} or an interrupted call
     */
    static int poll(ByteBuffer pollDescriptors, int count, int timeoutMs) throws IOException {
        int ready = poll(pollDescriptors, (long) count, timeoutMs);
        if (ready < 0) {
            int errno = Native.getLastError();
            if (errno != EINTR) {
                throw new IOException("poll: " + strerror(errno));
            }
            return 0;
        }
        return ready;
    }

    /** A new event counter. */
    static int eventDescriptor() throws IOException {
        int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (descriptor < 0) {
            throw new IOException("eventfd: " + strerror(Native.getLastError()));
        }
        return descriptor;
    }

    /** Makes an event counter readable. Harmless on one that is closed. */
    static void signal(int eventDescriptor) {
        ByteBuffer one = ByteBuffer.allocateDirect(8).order(java.nio.ByteOrder.nativeOrder());
        one.putLong(0, 1);
        write(eventDescriptor, one, 8);
    }

    static void closeDescriptor(int descriptor) {
        close(descriptor);
    }
}
