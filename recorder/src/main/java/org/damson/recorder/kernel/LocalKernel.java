package org.damson.recorder.kernel;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The kernel's files by plain system calls of this process. */
final class LocalKernel implements Kernel {
    private static final int CHUNK = 1 << 16;
    private static final int MAX_BYTES = 64 << 20;

    /** Thousands of small files are read for one snapshot. */
    private final ThreadLocal<ByteBuffer> buffers = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(CHUNK));

    @Override
    public String read(Path path) throws IOException {
        int descriptor = open("read", path, Libc.O_RDONLY, 0);
        try {
            ByteBuffer chunk = buffers.get();
            byte[] all = new byte[0];
            while (true) {
                int got = Libc.readFile(descriptor, chunk, CHUNK);
                if (got < 0) {
                    throw refused("read", path, -got);
                }
                if (got == 0) {
                    return new String(all, StandardCharsets.UTF_8);
                }
                if (all.length + got > MAX_BYTES) {
                    throw new IOException(path + " is larger than anything that damson reads");
                }
                int at = all.length;
                all = java.util.Arrays.copyOf(all, at + got);
                chunk.get(0, all, at, got);
            }
        } finally {
            Libc.closeDescriptor(descriptor);
        }
    }

    @Override
    public void write(Path path, String value) throws IOException {
        put("write '" + value.strip() + "' to", path, value, Libc.O_WRONLY | Libc.O_TRUNC, 0);
    }

    @Override
    public void append(Path path, String text) throws IOException {
        put("append to", path, text, Libc.O_WRONLY | Libc.O_APPEND | Libc.O_CREAT, 0600);
    }

    private static void put(String what, Path path, String text, int flags, int mode) throws IOException {
        int descriptor = open(what, path, flags, mode);
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            ByteBuffer buffer = ByteBuffer.allocateDirect(Math.max(1, bytes.length));
            buffer.put(0, bytes); // its position is part of what a native call is given
            int done = Libc.writeFile(descriptor, buffer, bytes.length);
            if (done < 0) {
                throw refused(what, path, -done);
            }
            if (done != bytes.length) {
                throw new IOException(path + " took only " + done + " of " + bytes.length + " bytes");
            }
        } finally {
            Libc.closeDescriptor(descriptor);
        }
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        String[] names = new File(directory.toString()).list();
        if (names == null) {
            // File does not say why; opening does.
            Libc.closeDescriptor(open("list", directory, Libc.O_RDONLY | Libc.O_DIRECTORY, 0));
            throw new IOException("cannot list " + directory);
        }
        return List.of(names);
    }

    @Override
    public void makeDirectory(Path directory) throws IOException {
        check("create", directory, Libc.makeDirectory(directory.toString(), 0700));
    }

    @Override
    public void removeDirectory(Path directory) throws IOException {
        check("remove", directory, Libc.removeDirectory(directory.toString()));
    }

    @Override
    public void remove(Path path) throws IOException {
        int errno = Libc.removeFile(path.toString());
        if (errno != Libc.ENOENT) {
            check("remove", path, errno);
        }
    }

    @Override
    public int openRing(Path path) throws IOException {
        return open("open", path, Libc.O_RDONLY | Libc.O_NONBLOCK, 0);
    }

    @Override
    public Closeable lock(Path path) throws IOException {
        int errno = Libc.makeDirectory(path.getParent().toString(), 0700);
        if (errno != Libc.EEXIST) {
            check("create", path.getParent(), errno);
        }
        int descriptor = open("lock", path, Libc.O_RDWR | Libc.O_CREAT, 0600);
        errno = Libc.lockExclusively(descriptor);
        if (errno == 0) {
            return () -> Libc.closeDescriptor(descriptor);
        }
        Libc.closeDescriptor(descriptor);
        if (errno == Libc.EAGAIN) {
            return null;
        }
        throw refused("lock", path, errno);
    }

    private static int open(String what, Path path, int flags, int mode) throws IOException {
        int descriptor = Libc.openFile(path.toString(), flags | Libc.O_CLOEXEC | Libc.O_NOFOLLOW, mode);
        if (descriptor < 0) {
            throw refused(what, path, -descriptor);
        }
        return descriptor;
    }

    private static void check(String what, Path path, int errno) throws IOException {
        if (errno != 0) {
            throw refused(what, path, errno);
        }
    }

    private static KernelException refused(String what, Path path, int errno) {
        return new KernelException(what, path, errno, Libc.reason(errno));
    }
}
