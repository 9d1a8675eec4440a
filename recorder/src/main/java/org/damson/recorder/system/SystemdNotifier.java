package org.damson.recorder.system;

import com.sun.jna.Native;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Notifies systemd of the state of the service, as {@code sd_notify(3)} does. Java has no datagram sockets of the Unix kind.
 */
public final class SystemdNotifier implements Closeable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;
    /** Bytes of {@code sun_path}. */
    private static final int PATH_BYTES = 108;

    private static final class Libc {
        static {
            Native.register(Libc.class, "c");
        }

        static native int socket(int domain, int type, int protocol);

        static native long sendto(int socket, byte[] bytes, long count, int flags, byte[] address, int addressBytes);

        static native int close(int descriptor);

        static native String strerror(int errno);
    }

    private final byte[] address;
    private final long watchdogNs;
    private final int socket;

    private SystemdNotifier(byte[] address, long watchdogNs) throws IOException {
        this.address = address;
        this.watchdogNs = watchdogNs;
        socket = Libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (socket < 0) {
            throw new IOException("cannot notify systemd: " + Libc.strerror(Native.getLastError()));
        }
    }

    /**
     * The notifier that the service manager asked for.
     *
     * @param ownPid process id of this process
     * @return null if it did not
     */
    public static SystemdNotifier of(Map<String, String> environment, long ownPid) throws IOException {
        String path = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (!path.startsWith("/") && !path.startsWith("@")) {
            return null;
        }
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length >= PATH_BYTES) {
            throw new IOException("NOTIFY_SOCKET is longer than a socket address");
        }
        // struct sockaddr_un; '@' stands for the zero byte that begins an abstract address.
        byte[] address = new byte[2 + name.length + (path.startsWith("@") ? 0 : 1)];
        address[java.nio.ByteOrder.nativeOrder() == java.nio.ByteOrder.LITTLE_ENDIAN ? 0 : 1] = AF_UNIX;
        System.arraycopy(name, 0, address, 2, name.length);
        if (path.startsWith("@")) {
            address[2] = 0;
        }
        return new SystemdNotifier(address, watchdogNs(environment, ownPid));
    }

    private static long watchdogNs(Map<String, String> environment, long ownPid) {
        String pid = environment.get("WATCHDOG_PID");
        String us = environment.getOrDefault("WATCHDOG_USEC", "");
        if (pid != null && !pid.equals(Long.toString(ownPid)) || !us.matches("\\d{1,15}")) {
            return 0;
        }
        return Long.parseLong(us) * 1000;
    }

    /** Watchdog interval of systemd, nanoseconds; 0 = no watchdog. */
    public long watchdogNs() {
        return watchdogNs;
    }

    /** Sends assignments, one a line, as in {@code READY=1}. */
    public void send(String assignments) throws IOException {
        byte[] bytes = assignments.getBytes(StandardCharsets.UTF_8);
        byte[] to = Arrays.copyOf(address, address.length);
        if (Libc.sendto(socket, bytes, bytes.length, MSG_NOSIGNAL, to, to.length) < 0) {
            throw new IOException("cannot notify systemd: " + Libc.strerror(Native.getLastError()));
        }
    }

    @Override
    public void close() {
        Libc.close(socket);
    }
}
