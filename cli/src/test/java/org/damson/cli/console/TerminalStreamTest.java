package org.damson.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TerminalStreamTest {
    private static final String HOSTILE = "a\u001b[2Jb\u009b1mc\u202ed\u2066e\u200ff\u061cg\u0007\r\u007fh";

    private static String shown(boolean colours, String text) throws IOException {
        return shown(colours, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String shown(boolean colours, byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new TerminalStream(out, colours).write(bytes);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void nothingReachesATerminalThatItWouldActOn() throws IOException {
        assertEquals("a?[2Jb?1mc?d?e?f?g???h", shown(false, HOSTILE));
        assertEquals("a?[2Jb?1mc?d?e?f?g???h", shown(true, HOSTILE));
        assertEquals("?[31mred", shown(false, "\u001b[31mred"));
        assertEquals("?]0;title?", shown(true, "\u001b]0;title\u0007"));
        assertEquals("?[?", shown(true, "\u001b[\u001b\u001b[0;"));
    }

    @Test
    void textAndColoursOfReportsPass() throws IOException {
        String text = "d\u00e4t\u00e4\t\u65e5\u672c \ud83d\ude00 \u2588\n";
        assertEquals(text, shown(false, text));
        assertEquals("\u001b[48;5;1m" + text + "\u001b[0m", shown(true, "\u001b[48;5;1m" + text + "\u001b[0m"));
    }

    @Test
    void bytesThatAreNoUtf8AreNotPassedOn() throws IOException {
        assertEquals("?a??b?", shown(false, new byte[] {(byte) 0xe4, 'a', (byte) 0x9b, (byte) 0xc0, 'b', (byte) 0xff}));
        // An overlong and an encoded surrogate.
        assertEquals("?", shown(false, new byte[] {(byte) 0xe0, (byte) 0x80, (byte) 0x9b}));
    }

    @Test
    void aPipeGetsTheBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Console console =
                new Console(out, out, new ByteArrayInputStream(new byte[0]), Map.of("TERM", "xterm"), false, false);
        console.rows().print(HOSTILE);
        console.out().print(HOSTILE);
        console.out().flush();
        assertEquals(HOSTILE + HOSTILE, out.toString(StandardCharsets.UTF_8));
    }
}
