package org.damson.recorder.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.recorder.kernel.FakeDamon;
import org.damson.recorder.kernel.Libc;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamonUsersTest {
    @TempDir
    Path directory;

    private FakeDamon damon;

    @BeforeEach
    void untouched() throws IOException {
        damon = new FakeDamon(directory, Path.of("../testdata/tracefs-6.18/sysfs-running.tsv"), false);
    }

    private void file(String name, String content) throws IOException {
        Path file = damon.sys.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private String described() {
        return DamonUsers.describe(damon, damon.sys);
    }

    private List<String> running() throws IOException {
        return DamonUsers.look(damon, damon.sys).running().stream()
                .map(DamonUsers.Kdamond::text)
                .toList();
    }

    @Test
    void aKernelWithoutDamonIsToldFromOneWhereItIsIdle() throws IOException {
        assertEquals("not in use", described());
        file("module/damon_stat/parameters/enabled", "N\n");
        assertEquals("not in use", described());
        assertEquals(List.of(), running());
        assertEquals("not found", DamonUsers.describe(damon, directory.resolve("nothing")));
    }

    @Test
    void everyKdamondIsNamed() throws IOException {
        file("kernel/mm/damon/admin/kdamonds/0/state", "on\n");
        file("kernel/mm/damon/admin/kdamonds/0/pid", "77\n");
        file("kernel/mm/damon/admin/kdamonds/1/state", "off\n");
        file("module/damon_reclaim/parameters/enabled", "N\n");
        file("module/damon_stat/parameters/enabled", "Y\n");
        file("module/other/parameters/enabled", "Y\n");
        assertEquals(List.of("kdamond 0 of sysfs (thread 77)", "damon_stat"), running());
        assertEquals("in use by others, left unchanged: kdamond 0 of sysfs (thread 77), damon_stat", described());
    }

    /** Whatever module runs a kdamond keeps others from DAMON, also one that this was not written for. */
    @Test
    void aModuleThatIsNotKnownHoldsDamonToo() throws IOException {
        file("module/damon_sample_wsse/parameters/enabled", "Y\n");
        assertEquals(List.of("damon_sample_wsse"), running());
        DamonUsers.Kdamond sample = DamonUsers.look(damon, damon.sys).running().get(0);
        assertEquals("", sample.operations(), "whose addresses it looks at is not known");
    }

    /** DAMON's files are root's: that nothing can be seen does not mean that nobody is there. */
    @Test
    void whatOnlyRootMaySeeIsNotTakenForUnused() throws IOException {
        damon.refusals.put(damon.kdamonds.resolve("nr_kdamonds"), new int[] {Libc.EACCES, 1000});
        assertEquals("unknown: its users are shown to root only", described());
        damon.refusals.clear();
        file("module/damon_stat/parameters/enabled", "Y\n");
        damon.refusals.put(damon.sys.resolve("module/damon_stat/parameters/enabled"), new int[] {Libc.EACCES, 1000});
        assertEquals("unknown: its users are shown to root only", described());
    }

    @Test
    void aStateThatStaysBusyIsNotTakenForStopped() throws IOException {
        file("kernel/mm/damon/admin/kdamonds/0/state", "on\n");
        damon.refusals.put(damon.kdamonds.resolve("0/state"), new int[] {Libc.EBUSY, 1000});
        assertThrows(IOException.class, () -> DamonUsers.look(damon, damon.sys));
        assertTrue(described().startsWith("unknown: "), described());
        damon.refusals.put(damon.kdamonds.resolve("0/state"), new int[] {Libc.EBUSY, 3});
        assertEquals(List.of("kdamond 0 of sysfs"), running());
    }
}
