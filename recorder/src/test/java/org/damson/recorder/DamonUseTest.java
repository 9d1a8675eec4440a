package org.damson.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamonUseTest {
    @TempDir
    Path sys;

    private void file(String name, String content) throws IOException {
        Path file = sys.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void kernelWithoutDamonIsToldFromOneWhereItIsIdle() throws IOException {
        assertEquals("not found", DamonUse.look(sys).text());
        file("kernel/mm/damon/admin/kdamonds/nr_kdamonds", "1\n");
        file("kernel/mm/damon/admin/kdamonds/0/state", "off\n");
        file("module/damon_stat/parameters/enabled", "N\n");
        DamonUse idle = DamonUse.look(sys);
        assertEquals("not in use", idle.text());
        assertEquals(List.of(), idle.holders());
    }

    @Test
    void everyHolderIsNamed() throws IOException {
        file("kernel/mm/damon/admin/kdamonds/0/state", "on\n");
        file("kernel/mm/damon/admin/kdamonds/0/pid", "77\n");
        file("kernel/mm/damon/admin/kdamonds/1/state", "off\n");
        file("module/damon_reclaim/parameters/enabled", "N\n");
        file("module/damon_stat/parameters/enabled", "Y\n");
        file("module/other/parameters/enabled", "Y\n");
        assertEquals(
                List.of("kdamond 0 (pid 77)", "damon_stat"), DamonUse.look(sys).holders());
        assertFalse(DamonUse.look(sys).text().contains("other"));
    }
}
