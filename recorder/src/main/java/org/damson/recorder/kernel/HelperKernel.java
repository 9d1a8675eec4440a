package org.damson.recorder.kernel;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The kernel's files through {@code damson-privileged}, which started this process without privilege and does what is on
 * its list of files. One request at a time, one packet each; {@code native/src/privileged_protocol.c} has the format.
 */
final class HelperKernel implements Kernel {
    /** Names the socket's descriptor in the environment. */
    static final String VARIABLE = "DAMSON_PRIVILEGED";

    private static final int PACKET = 1 << 16;

    private final int socket;
    private final ByteBuffer packet = ByteBuffer.allocateDirect(PACKET).order(ByteOrder.nativeOrder());
    private final int[] descriptor = {-1};

    HelperKernel(int socket) {
        this.socket = socket;
    }

    private byte[] ask(char operation, String what, Path path, String value) throws IOException {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        int length = 3 + name.length + text.length;
        if (length >= PACKET) {
            throw new IOException("cannot " + what + " " + path + ": too much for one packet");
        }
        synchronized (packet) {
            packet.put(0, (byte) operation).putShort(1, (short) name.length);
            packet.put(3, name).put(3 + name.length, text);
            int done = Libc.sendPacket(socket, packet, length);
            int got = done < 0 ? done : Libc.receivePacket(socket, packet, descriptor);
            if (got < Integer.BYTES) {
                throw new IOException("damson-privileged has gone" + (got < 0 ? ": " + Libc.reason(-got) : ""));
            }
            int errno = packet.getInt(0);
            if (errno != 0) {
                throw new KernelException(what, path, errno, Libc.reason(errno));
            }
            byte[] data = new byte[got - Integer.BYTES];
            packet.get(Integer.BYTES, data);
            return data;
        }
    }

    @Override
    public String read(Path path) throws IOException {
        return new String(ask('R', "read", path, ""), StandardCharsets.UTF_8);
    }

    @Override
    public void write(Path path, String value) throws IOException {
        ask('W', "write '" + value.strip() + "' to", path, value);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        String names = new String(ask('L', "list", directory, ""), StandardCharsets.UTF_8);
        return names.isEmpty() ? List.of() : List.of(names.split("\n"));
    }

    @Override
    public void makeDirectory(Path directory) throws IOException {
        ask('M', "create", directory, "");
    }

    @Override
    public void removeDirectory(Path directory) throws IOException {
        ask('D', "remove", directory, "");
    }

    @Override
    public int openRing(Path path) throws IOException {
        synchronized (packet) {
            ask('O', "open", path, "");
            if (descriptor[0] < 0) {
                throw new IOException("damson-privileged sent no descriptor for " + path);
            }
            return descriptor[0];
        }
    }

    @Override
    public Closeable lock(Path path) throws IOException {
        try {
            ask('K', "lock", path, "");
        } catch (KernelException e) {
            if (e.errno() == Libc.EAGAIN) {
                return null;
            }
            throw e;
        }
        return () -> ask('U', "unlock", path, "");
    }

    @Override
    public void append(Path path, String text) throws IOException {
        ask('A', "append to", path, text);
    }

    @Override
    public void remove(Path path) throws IOException {
        ask('X', "remove", path, "");
    }
}
