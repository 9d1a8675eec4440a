package org.damson.recorder;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The tests of the build cannot change this machine's DAMON or what recorders of this machine keep in /run, whoever runs them. Maven
 * runs them through testing/shield/run; a root that starts them otherwise sees these fail, and should stop.
 */
class ShieldTest {
    @Test
    void noTestCanOpenAKernelSettingForWriting() throws IOException {
        List<Path> settings = List.of(
                Path.of("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds"),
                Path.of("/sys/kernel/mm/transparent_hugepage/enabled"),
                Path.of("/sys/module/damon_reclaim/parameters/enabled"),
                Path.of("/sys/module/damon_stat/parameters/enabled"),
                Path.of("/sys/kernel/uevent_seqnum"));
        int tried = 0;
        for (Path setting : settings) {
            if (Files.exists(setting)) {
                // Opening changes nothing; only a write would.
                assertThrows(IOException.class, () -> FileChannel.open(setting, StandardOpenOption.WRITE)
                        .close());
                tried++;
            }
        }
        assertTrue(tried > 0, "none of " + settings + " is here");
        assertFalse(Files.isWritable(Path.of("/sys/kernel")));
    }

    @Test
    void whatATestWritesToRunStaysItsOwn() throws IOException {
        Path run = Path.of("/run");
        if (Files.isWritable(run)) {
            assertNotEquals(mountOfParent("/run"), mountOfSelf("/run"));
        }
    }

    private static String mountOfSelf(String point) throws IOException {
        return mount(Path.of("/proc/self/mountinfo"), point);
    }

    /** The same of the process that started this Java, which runs outside the shield. */
    private static String mountOfParent(String point) throws IOException {
        long parent = ProcessHandle.current().parent().orElseThrow().pid();
        return mount(Path.of("/proc/" + parent + "/mountinfo"), point);
    }

    private static String mount(Path mountinfo, String point) throws IOException {
        return Files.readAllLines(mountinfo).stream()
                .filter(line -> line.split(" ")[4].equals(point))
                .map(line -> line.split(" ")[0])
                .reduce((first, last) -> last)
                .orElse("none");
    }
}
