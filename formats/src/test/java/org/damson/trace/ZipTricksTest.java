package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.damson.model.TraceFormatException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Zips of which other programs would find something else in them than damson, or that are several things at once. */
final class ZipTricksTest {
    private static final int CENTRAL = 0x02014b50;

    @TempDir
    Path dir;

    private byte[] zip;
    private int end;
    private int first;
    private int second;
    private int count;

    @BeforeEach
    void pack() throws IOException {
        Path trace = dir.resolve("t.damson");
        SeededTrace.write(trace, WriterOptions.BATCH);
        Traces.bundle(trace, dir.resolve("t.damson.zip"));
        zip = Files.readAllBytes(dir.resolve("t.damson.zip"));
        ByteBuffer bytes = bytes(zip);
        end = new String(zip, StandardCharsets.ISO_8859_1).lastIndexOf("PK\u0005\u0006");
        first = bytes.getInt(end + 16);
        second = first + 46 + bytes.getShort(first + 28) + bytes.getShort(first + 30) + bytes.getShort(first + 32);
        assertEquals(CENTRAL, bytes.getInt(second));
        count = bytes.getShort(end + 10);
    }

    private static ByteBuffer bytes(byte[] array) {
        return ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void assertRefused(String why, byte[] changed) throws IOException {
        Path path = Files.write(dir.resolve("tricked.damson.zip"), changed);
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> Traces.open(path), why);
        assertTrue(e.getMessage().contains(why), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }

    private byte[] withShort(int at, int value, int... more) {
        byte[] changed = zip.clone();
        bytes(changed).putShort(at, (short) value);
        for (int i = 0; i < more.length; i += 2) {
            bytes(changed).putShort(more[i], (short) more[i + 1]);
        }
        return changed;
    }

    @Test
    void headersThatContradictTheDirectory() throws IOException {
        int local = bytes(zip).getInt(first + 42);
        assertRefused("another name", withShort(local + 30, 'M'));
        assertRefused("another name", withShort(local + 26, bytes(zip).getShort(local + 26) - 1));
        assertRefused("not by its own header", withShort(local + 8, 8));
        assertRefused("not by its own header", withShort(local + 6, 1));
        assertRefused("is encrypted", withShort(first + 8, 1));
        assertRefused("is compressed", withShort(first + 10, 8));
    }

    @Test
    void directoriesThatCountOtherwiseThanTheyList() throws IOException {
        assertRefused("more entries than it counts", withShort(end + 8, count - 1, end + 10, count - 1));
        assertRefused("in several", withShort(end + 8, count - 1));
        assertRefused("in several", withShort(end + 4, 1));
        assertRefused("damaged zip", withShort(end + 8, count + 1, end + 10, count + 1));
        assertRefused("zip64", withShort(end + 8, 0xffff, end + 10, 0xffff));
        byte[] large = zip.clone();
        bytes(large).putInt(first + 20, -1);
        assertRefused("zip64", large);
    }

    @Test
    void entriesThatShareBytes() throws IOException {
        // The second entry's own header lies within the first one's content.
        int from = bytes(zip).getInt(first + 42);
        int other = bytes(zip).getInt(second + 42);
        int header = 30 + bytes(zip).getShort(other + 26) + bytes(zip).getShort(other + 28);
        byte[] changed = zip.clone();
        int inside = from + 30 + bytes(zip).getShort(from + 26) + bytes(zip).getShort(from + 28);
        System.arraycopy(zip, other, changed, inside, header);
        bytes(changed).putInt(second + 42, inside);
        bytes(changed).putInt(second + 20, 1);
        assertRefused("overlap", changed);
    }

    @Test
    void entriesTwiceAndBytesBefore() throws IOException {
        ByteArrayOutputStream twice = new ByteArrayOutputStream();
        twice.write(zip, 0, end);
        twice.write(zip, first, second - first);
        byte[] tail = java.util.Arrays.copyOfRange(zip, end, zip.length);
        bytes(tail).putShort(8, (short) (count + 1)).putShort(10, (short) (count + 1));
        bytes(tail).putInt(12, end - first + second - first);
        twice.writeBytes(tail);
        assertRefused("twice", twice.toByteArray());
        ByteArrayOutputStream behind = new ByteArrayOutputStream();
        behind.writeBytes("#!/bin/sh\n".getBytes(StandardCharsets.US_ASCII));
        behind.writeBytes(zip);
        assertRefused("damaged zip", behind.toByteArray());
    }
}
