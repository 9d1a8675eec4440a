package org.damson.recorder.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
    private static final String ROOT = "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n";

    @TempDir
    Path root;

    @BeforeEach
    void machine() throws IOException {
        file("proc/sys/kernel/osrelease", "6.18.15-test\n");
        file("proc/self/status", ROOT);
        file("proc/self/clear_refs", "");
        file("proc/self/mountinfo", "30 25 0:12 / " + root + "/tracing rw - tracefs tracefs rw\n");
        file("proc/swaps", "Filename Type Size Used Priority\n/dev/zram0 partition 1 0 100\n");
        file("proc/pressure/memory", "some avg10=0.00\n");
        file("tracing/events/damon/damon_aggregated/format", "");
        file("tracing/events/damon/enable", "0\n");
        Files.createDirectories(root.resolve("tracing/instances"));
        file("sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds", "0\n");
        file("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
        file("sys/module/damon_stat/parameters/enabled", "N\n");
        Files.createDirectories(root.resolve("proc"));
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(root.resolve("proc/config.gz")))) {
            out.write("CONFIG_DAMON=y\nCONFIG_DAMON_VADDR=y\n# CONFIG_DAMON_PADDR is not set\n".getBytes());
        }
    }

    private void file(String name, String text) throws IOException {
        Path path = root.resolve(name);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private Doctor.Ability ability(String name) {
        return Doctor.examine(root).abilities().stream()
                .filter(a -> a.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void rootOnAFreeDamonCanDoAllThatTheKernelWasBuiltFor() {
        assertTrue(ability("record --source damon").works());
        assertTrue(ability("record --attach").works());
        assertTrue(ability("record (referenced bits)").works());
        Doctor.Ability physical = ability("record --source damon --paddr");
        assertFalse(physical.works());
        assertEquals("a kernel with CONFIG_DAMON_PADDR=y", physical.fix());
        Map<String, Object> facts = Doctor.examine(root).facts();
        assertEquals("6.18.15-test", facts.get("kernel"));
        assertEquals("madvise", facts.get("transparent_hugepage"));
        assertEquals("1 in use", facts.get("swap"));
        assertEquals("nobody", facts.get("damon_used_by"));
        assertEquals(Map.of("damon_stat", "off"), facts.get("damon_modules"));
        assertEquals(java.util.List.of("damon_aggregated"), facts.get("damon_events"));
        assertTrue(facts.get("kernel_config").toString().contains("CONFIG_DAMON_PADDR=n"));
    }

    @Test
    void whoHoldsDamonIsNamedWithTheWayRoundIt() throws IOException {
        file("sys/module/damon_stat/parameters/enabled", "Y\n");
        Doctor.Ability own = ability("record --source damon");
        assertFalse(own.works());
        assertTrue(own.why().contains("damon_stat"), own.why());
        assertTrue(own.fix().contains("--suspend-damon-stat"), own.fix());
        assertTrue(ability("record --attach").works());
        file("sys/kernel/mm/damon/admin/kdamonds/0/state", "on\n");
        file("sys/kernel/mm/damon/admin/kdamonds/0/pid", "77\n");
        own = ability("record --source damon");
        assertTrue(own.why().contains("kdamond 0 of sysfs (thread 77)"), own.why());
        assertEquals("damson record --attach", own.fix());
    }

    @Test
    void withoutPrivilegeEachFixIsOneLine() throws IOException {
        file("proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n");
        Doctor.Ability own = ability("record --source damon");
        assertFalse(own.works());
        assertEquals("sudo damson record --source damon", own.fix());
        assertTrue(ability("record (referenced bits)").works());
    }

    @Test
    void aKernelWithoutDamonOrTracefsSaysSo() throws IOException {
        file("proc/self/mountinfo", "");
        Doctor.Ability attach = ability("record --attach");
        assertFalse(attach.works());
        assertEquals("sudo mount -t tracefs tracefs /sys/kernel/tracing", attach.fix());
        Files.delete(root.resolve("sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds"));
        Files.delete(root.resolve("sys/kernel/mm/damon/admin/kdamonds"));
        Files.delete(root.resolve("sys/kernel/mm/damon/admin"));
        assertEquals(
                "a kernel with CONFIG_DAMON_SYSFS=y",
                ability("record --source damon").fix());
    }
}
