package org.damson.recorder.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SystemdNotifierTest {
    @TempDir
    Path dir;

    private static final class Libc {
        static {
            Native.register(Libc.class, "c");
        }

        static native int socket(int domain, int type, int protocol);

        static native int bind(int socket, byte[] address, int addressBytes);

        static native long recv(int socket, byte[] into, long count, int flags);

        static native int close(int descriptor);
    }

    /** A socket as systemd has it. */
    private static int listen(String path, boolean inFileSystem) {
        int socket = Libc.socket(1, 2, 0);
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        byte[] address = new byte[2 + name.length + (inFileSystem ? 1 : 0)];
        address[0] = 1;
        System.arraycopy(name, 0, address, 2, name.length);
        if (!inFileSystem) {
            address[2] = 0;
        }
        assertEquals(0, Libc.bind(socket, address, address.length));
        return socket;
    }

    private static String received(int socket) {
        byte[] bytes = new byte[1000];
        int n = (int) Libc.recv(socket, bytes, bytes.length, 0);
        assertTrue(n > 0);
        return new String(Arrays.copyOf(bytes, n), StandardCharsets.UTF_8);
    }

    @Test
    void messagesArriveAtASocketInTheFileSystem() throws IOException {
        String path = dir.resolve("notify").toString();
        int socket = listen(path, true);
        try (SystemdNotifier n = SystemdNotifier.of(Map.of("NOTIFY_SOCKET", path), 1)) {
            n.send("READY=1\nSTATUS=größer");
            assertEquals("READY=1\nSTATUS=größer", received(socket));
            n.send("WATCHDOG=1");
            assertEquals("WATCHDOG=1", received(socket));
        } finally {
            Libc.close(socket);
        }
    }

    @Test
    void messagesArriveAtAnAbstractSocket() throws IOException {
        String name = "@damson-test-" + ProcessHandle.current().pid();
        int socket = listen(name, false);
        try (SystemdNotifier n = SystemdNotifier.of(Map.of("NOTIFY_SOCKET", name), 1)) {
            n.send("READY=1");
            assertEquals("READY=1", received(socket));
        } finally {
            Libc.close(socket);
        }
    }

    @Test
    void withoutAServiceManagerThereIsNoNotifier() throws IOException {
        assertNull(SystemdNotifier.of(Map.of(), 1));
        assertNull(SystemdNotifier.of(Map.of("NOTIFY_SOCKET", "vsock:2:1"), 1));
    }

    @Test
    void aManagerThatIsGoneIsAnError() throws IOException {
        try (SystemdNotifier n =
                SystemdNotifier.of(Map.of("NOTIFY_SOCKET", dir.resolve("nobody").toString()), 1)) {
            assertThrows(IOException.class, () -> n.send("READY=1"));
        }
    }

    @Test
    void watchdogIsForTheProcessItNames() throws IOException {
        Map<String, String> e = Map.of("NOTIFY_SOCKET", "/x", "WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "7");
        try (SystemdNotifier n = SystemdNotifier.of(e, 7)) {
            assertEquals(30_000_000_000L, n.watchdogNs());
        }
        try (SystemdNotifier n = SystemdNotifier.of(e, 8)) {
            assertEquals(0, n.watchdogNs());
        }
    }
}
