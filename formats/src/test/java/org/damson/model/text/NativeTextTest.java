package org.damson.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeTextTest {
    @Test
    void anyBytesComeBackAndNoTwoAreTheSameText() {
        Random random = new Random(11);
        byte[] pieces = "a\u00e4\u20ac\ud83d\ude00\udce4".getBytes(StandardCharsets.UTF_8);
        Map<String, String> seen = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(8)];
            for (int j = 0; j < bytes.length; j++) {
                bytes[j] = random.nextBoolean() ? (byte) random.nextInt() : pieces[random.nextInt(pieces.length)];
            }
            String text = NativeText.decode(bytes);
            assertArrayEquals(bytes, NativeText.encode(text));
            String hex = java.util.HexFormat.of().formatHex(bytes);
            assertEquals(hex, seen.getOrDefault(text, hex));
            seen.put(text, hex);
        }
    }

    @Test
    void textInUtf8IsItself() {
        for (String text : new String[] {"", "plain", "d\u00e4t\u00e4 \u65e5\u672c \ud83d\ude00"}) {
            assertEquals(text, NativeText.decode(text.getBytes(StandardCharsets.UTF_8)));
            assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), NativeText.encode(text));
            assertEquals(text, NativeText.readable(text));
        }
    }

    @Test
    void whatIsNoUtf8IsShownAsItsBytes() {
        byte[] latin = {'d', (byte) 0xe4, 't', (byte) 0xc3, (byte) 0xa4, (byte) 0xc3};
        assertEquals("d\\xE4t\u00e4\\xC3", NativeText.readable(NativeText.decode(latin)));
        // An encoded surrogate is not UTF-8 either: three bytes, each on its own.
        byte[] surrogate = {(byte) 0xed, (byte) 0xb3, (byte) 0xa4};
        assertEquals("\\xED\\xB3\\xA4", NativeText.readable(NativeText.decode(surrogate)));
        assertEquals("\ufffd", NativeText.readable("\ud83d"));
    }

    @Test
    void filesHaveNamesOfAnyBytes(@TempDir Path dir) throws Exception {
        String name = NativeText.decode(new byte[] {'b', (byte) 0xe4, '%', ' ', '?', (byte) 0xff, 't'});
        Path file = NativeText.path(dir + "/" + name);
        Files.writeString(file, "content");
        String script = "cat \"$0/$(printf 'b\\344%% ?\\377t')\"";
        Process cat = new ProcessBuilder("sh", "-c", script, dir.toString()).start();
        assertEquals("content", new String(cat.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(file, dir.resolve(file.getFileName()));
        assertEquals(
                Path.of("").toAbsolutePath().resolve("x").getParent(),
                NativeText.path(name).getParent());
        assertEquals(Path.of("a"), NativeText.path("a"));
        assertEquals(dir + "/" + name, NativeText.of(file));
        assertEquals(file, NativeText.path(NativeText.of(file)));
        Path directory = Files.createDirectory(NativeText.path(dir + "/" + name + "d"));
        assertEquals(dir + "/" + name + "d", NativeText.of(directory));
        assertEquals("a/\u00e4", NativeText.of(Path.of("a/\u00e4")));
        Path inside =
                Files.createDirectory(NativeText.path(dir + "/d\udce4%20 ?")).resolve("x\ufffdy");
        assertEquals(dir + "/d\udce4%20 ?/x\ufffdy", NativeText.of(inside));
        assertEquals(dir + "/d\udce4%20 ?", NativeText.of(inside.getParent()));
        assertEquals("a/b", NativeText.of(Path.of("a/b")));
    }

    @Test
    void anEmptyNameIsNoFilesAndNotTheCurrentDirectorys() {
        assertThrows(InvalidPathException.class, () -> NativeText.path(""));
    }

    @Test
    void argumentsThatAreNotTheProcesssStay() {
        String[] other = {"not", "ours"};
        assertSame(other, NativeText.arguments(other));
    }
}
