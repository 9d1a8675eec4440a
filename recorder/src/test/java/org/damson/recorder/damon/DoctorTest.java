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

    /** As a container has it: the files are there and can be read, also by its root, and nothing can be set up. */
    @Test
    void filesThatCannotBeWrittenToAreNoAbility() throws IOException {
        String tracing = "30 25 0:12 / " + root + "/tracing rw - tracefs tracefs rw\n";
        String[] readOnly = {
            "25 1 0:11 / /sys ro,nosuid - sysfs sysfs rw\n", // a bind mount
            "25 1 0:11 / /sys rw - sysfs sysfs ro\n", // the file system
            "25 1 0:11 / / rw - ext4 x rw\n26 1 0:12 / /sys rw - sysfs sysfs rw\n27 26 0:12 /k /sys/kernel ro - sysfs sysfs rw\n"
        };
        for (String mounts : readOnly) {
            file("proc/self/mountinfo", mounts + tracing);
            Doctor.Ability own = ability("record --source damon");
            assertFalse(own.works(), mounts);
            assertEquals("/sys/kernel/mm/damon is mounted read-only, as in a container", own.why());
            assertFalse(own.isCommand());
            assertTrue(ability("record --attach").works());
        }
        String[] writable = {
            "25 1 0:11 / /sys ro - sysfs sysfs rw\n26 25 0:11 / /sys/kernel rw - sysfs sysfs rw\n",
            "25 1 0:11 / /sys ro - sysfs sysfs rw\n26 25 0:11 / /sys rw - sysfs sysfs rw\n", // mounted over it
            "25 1 0:11 / /system ro - sysfs sysfs rw\n"
        };
        for (String mounts : writable) {
            file("proc/self/mountinfo", mounts + tracing);
            assertTrue(ability("record --source damon").works(), mounts);
        }
        file("proc/self/mountinfo", tracing.replace("tracing rw", "tracing ro"));
        assertEquals(
                root + "/tracing is mounted read-only, as in a container",
                ability("record --attach").why());
        assertEquals(
                root + "/tracing is mounted read-only, as in a container",
                ability("record --source damon").why());
    }

    /** No kernel is missing where only its files are. */
    @Test
    void aKernelThatHasDamonIsNotTakenForOneWithout() throws IOException {
        for (String gone : new String[] {
            "sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds",
            "sys/kernel/mm/damon/admin/kdamonds",
            "sys/kernel/mm/damon/admin"
        }) {
            Files.delete(root.resolve(gone));
        }
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(root.resolve("proc/config.gz")))) {
            out.write("CONFIG_DAMON=y\nCONFIG_DAMON_SYSFS=y\n".getBytes());
        }
        Doctor.Ability hidden = ability("record --source damon");
        assertEquals("this kernel has DAMON, but its files are hidden here, as in a container", hidden.why());
        assertEquals("", hidden.fix());
        Files.move(root.resolve("sys"), root.resolve("elsewhere"));
        Doctor.Ability unmounted = ability("record --source damon");
        assertEquals("this kernel has DAMON, but sysfs is not mounted", unmounted.why());
        assertEquals("sudo mount -t sysfs sysfs /sys", unmounted.fix());
        assertEquals(
                "CLOCK_MONOTONIC over a source that is not known",
                Doctor.examine(root).facts().get("clock"));
    }

    /** A container's root is not the machine's: what it may not read it is not told to use sudo for. */
    @Test
    void rootThatMayNotReadIsNotToldToBecomeRoot() throws IOException {
        Files.delete(root.resolve("sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds"));
        Doctor.Ability own = ability("record --source damon");
        assertFalse(own.works());
        assertFalse(own.why().contains("needs root"), own.why());
        assertEquals("", own.fix());
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
