package org.damson.recorder.stacks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Random;
import org.damson.model.text.MapsLine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By {@code elf(5)}. */
final class BuildIdsTest {
    private static final long OWN = ProcessHandle.current().pid();

    @TempDir
    Path dir;

    /** A header, a segment of code, one of notes: another's, then the build id. */
    private static byte[] elf(int idBytes) {
        ByteBuffer b = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(0x464c457f).put((byte) 2).put((byte) 1);
        b.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 2);
        b.putInt(64, 1);
        b.putInt(120, 4).putLong(128, 200).putLong(152, 28 + 16 + idBytes);
        b.position(200);
        b.putInt(5).putInt(7).putInt(3).put("Othr\0\0\0\0".getBytes()).put(new byte[8]);
        b.putInt(4).putInt(idBytes).putInt(3).put("GNU\0".getBytes());
        for (int i = 0; i < idBytes; i++) {
            b.put((byte) (0xa0 + i));
        }
        return b.array();
    }

    private String read(byte[] bytes) throws IOException {
        return BuildIds.read(Files.write(dir.resolve("file"), bytes));
    }

    @Test
    void aBuildIdStandsInTheNotes() throws IOException {
        assertEquals("a0a1a2a3a4a5a6a7", read(elf(8)));
        assertEquals("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3", read(elf(20)));
        assertEquals("", read(new byte[0]));
        assertEquals("", read("#!/bin/sh\n".getBytes()));
    }

    @Test
    void whateverIsInAFileIsRead() throws IOException {
        Random random = new Random(5);
        byte[] good = elf(20);
        for (int i = 0; i < 3000; i++) {
            byte[] bad = Arrays.copyOf(good, i % 3 == 0 ? random.nextInt(good.length) : good.length);
            for (int n = random.nextInt(6); n > 0 && bad.length > 0; n--) {
                bad[random.nextInt(Math.min(bad.length, 260))] = (byte) random.nextInt(256);
            }
            String id = read(bad);
            assertEquals(0, id.length() % 2);
        }
    }

    /** The kernel's list of what is mapped still has the name of a file that another one has taken the place of. */
    @Test
    void aFileIsReadOnlyIfItIsStillTheOneThatIsMapped() throws IOException {
        Path file = Files.write(dir.resolve("mapped"), elf(8));
        long inode = (long) Files.getAttribute(file, "unix:ino");
        MapsLine mapped = MapsLine.of("00400000-00401000 r-xp 00000000 fe:01 " + inode + "  " + file);
        assertEquals("a0a1a2a3a4a5a6a7", new BuildIds().of(OWN, mapped));
        BuildIds known = new BuildIds();
        assertEquals("a0a1a2a3a4a5a6a7", known.of(OWN, mapped));
        Files.move(Files.write(dir.resolve("other"), elf(12)), file, StandardCopyOption.REPLACE_EXISTING);
        assertEquals("", new BuildIds().of(OWN, mapped));
        assertEquals("a0a1a2a3a4a5a6a7", known.of(OWN, mapped));
        assertEquals("", known.of(OWN, MapsLine.of("00400000-00401000 r-xp 00000000 00:00 0  [vdso]")));
    }

    /** A program that was deleted, or has another in its place, still has its own build id. */
    @Test
    void aProgramThatWasReplacedWhileItRunsIsReadFromTheProcess() throws Exception {
        Path program = Files.copy(Path.of("/bin/sleep").toRealPath(), dir.resolve("program"));
        String expected = BuildIds.read(program);
        assertEquals(40, expected.length());
        Process running = new ProcessBuilder(program.toString(), "60").start();
        try {
            Files.move(Files.write(dir.resolve("other"), elf(12)), program, StandardCopyOption.REPLACE_EXISTING);
            MapsLine mapped = Files.readAllLines(Path.of("/proc/" + running.pid() + "/maps")).stream()
                    .map(MapsLine::of)
                    .filter(m -> m != null && m.isExecutable() && m.name().startsWith(program.toString()))
                    .findFirst()
                    .orElseThrow();
            assertEquals(program + " (deleted)", mapped.name());
            assertEquals(expected, new BuildIds().of(running.pid(), mapped));
        } finally {
            running.destroyForcibly().waitFor();
        }
    }
}
