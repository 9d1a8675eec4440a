package org.damson.exchange.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.model.Mapping;
import org.damson.model.TraceFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MapsFileTest {
    @TempDir
    Path dir;

    private List<Mapping> read(String text) throws IOException {
        return MapsFile.read(Files.write(dir.resolve("maps"), text.getBytes(StandardCharsets.ISO_8859_1)), 7);
    }

    @Test
    void namesArriveWithBlanksAndInWhateverBytes() throws IOException {
        assertEquals(
                List.of(
                        new Mapping(7, 0x1000, 0x2000, "r-xp", "/opt/a b/lib\u00e4.so (deleted)"),
                        new Mapping(7, 0x2000, 0x3000, "rw-p", ""),
                        new Mapping(7, 0x3000, 0x4000, "rw-s", "/tmp/\\xE4"),
                        new Mapping(7, 0x4000, 0x5000, "r--p", "/opt/\u00c5ngstr\u00f6m"),
                        new Mapping(7, 0xffffffffff600000L, 0xffffffffff601000L, "--xp", "[vsyscall]")),
                read("1000-2000 r-xp 00000000 08:01 12                   /opt/a b/lib\u00c3\u00a4.so (deleted)\n"
                        + "2000-3000 rw-p 00000000 00:00 0 \n"
                        + "Size:                  4 kB\nVmFlags: rd wr mr\n"
                        + "3000-4000 rw-s 00000000 08:01 13   /tmp/\u00e4\n"
                        + "4000-5000 r--p 00001000 08:01 14   /opt/\u00c3\u0085ngstr\u00c3\u00b6m\n"
                        + "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n"));
    }

    @Test
    void readsThoseOfThisProcess() throws IOException {
        List<Mapping> own = MapsFile.read(Path.of("/proc/self/maps"), 7);
        assertTrue(own.stream().anyMatch(m -> m.name().equals("[stack]")), own::toString);
        assertTrue(own.stream().anyMatch(m -> m.name().endsWith("/libjvm.so")), own::toString);
    }

    @Test
    void whatIsNoneIsRefusedWithItsLine() throws IOException {
        assertEquals(
                dir.resolve("maps") + ": line 2: not a line of /proc/PID/maps: start-end rwxp ...",
                refused("1000-2000 r-xp 00000000 08:01 12 /a\nsomething else\n"));
        assertEquals(
                dir.resolve("maps") + ": line 1: the mapping ends before it starts",
                refused("2000-2000 r-xp 00000000 08:01 12 /a\n"));
        assertEquals(dir.resolve("maps") + ": no mapping: not a copy of /proc/PID/maps", refused(""));
    }

    private String refused(String text) {
        return assertThrows(TraceFormatException.class, () -> read(text)).getMessage();
    }
}
