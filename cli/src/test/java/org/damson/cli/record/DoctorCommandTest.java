package org.damson.cli.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
    @Test
    void anEmptyMachineCanDoNothingAndIsToldHow(@TempDir Path root) throws Exception {
        Files.createDirectories(root.resolve("proc"));
        CliRun text = CliRun.of("doctor", "--root", root.toString());
        assertEquals(ExitCode.OK, text.exit());
        assertTrue(text.out().contains("no   record --source damon: the kernel has no"), text.out());
        assertTrue(text.out().contains("\n       a kernel with CONFIG_DAMON_SYSFS=y\n"), text.out());
        CliRun json = CliRun.of("doctor", "--json", "--root", root.toString());
        assertTrue(json.out().contains("\"works\":false"), json.out());
        assertTrue(json.out().contains("\"tracefs\":\"not mounted\""), json.out());
    }

    /** Nothing but comments, and lines that a shell reads; a machine without anything is told what to install. */
    @Test
    void theLinesThatWouldEnableTheRestAreForAShell(@TempDir Path root) throws Exception {
        Files.createDirectories(root.resolve("proc/sys/kernel"));
        Files.writeString(root.resolve("proc/sys/kernel/perf_event_paranoid"), "3\n");
        Files.createDirectories(root.resolve("etc/default"));
        Files.writeString(root.resolve("etc/default/grub"), "GRUB_CMDLINE_LINUX=\"\"\n");
        Files.writeString(root.resolve("etc/os-release"), "ID=debian\nVERSION_CODENAME=bookworm\n");
        List<String> lines = fix(root);
        for (String line : lines) {
            assertTrue(line.matches("# .*|(sudo|damson|echo) .*"), line);
        }
        assertTrue(lines.contains("sudo sysctl kernel.perf_event_paranoid=2"), lines.toString());
        assertTrue(lines.contains("sudo mount -t tracefs tracefs /sys/kernel/tracing"), lines.toString());
        assertTrue(lines.contains("sudo apt-get install libdw1"), lines.toString());
        assertTrue(lines.stream().anyMatch(l -> l.contains("-t bookworm-backports linux-image-")), lines.toString());
        assertTrue(
                lines.stream().anyMatch(l -> l.matches("# record --source damon: .*; needed: a kernel with .*")),
                lines.toString());
        assertTrue(lines.stream().anyMatch(l -> l.contains("psi=1 /' /etc/default/grub")), lines.toString());
        assertEquals(lines.size(), lines.stream().distinct().count(), lines.toString());
        Process shell = new ProcessBuilder("sh", "-n").start();
        shell.getOutputStream().write(String.join("\n", lines).getBytes());
        shell.getOutputStream().close();
        assertEquals(0, shell.waitFor());

        Files.writeString(root.resolve("etc/os-release"), "ID=debian\nVERSION_CODENAME=trixie\n");
        assertTrue(
                fix(root).stream().noneMatch(l -> l.contains("backports")),
                fix(root).toString());
        for (String flavour : List.of("amd64", "cloud-amd64", "arm64-16k", "cloud-arm64")) {
            Files.writeString(root.resolve("proc/sys/kernel/osrelease"), "6.1.0-38-" + flavour + "\n");
            assertTrue(
                    fix(root).contains("sudo apt-get install linux-image-" + flavour + " && sudo reboot"),
                    fix(root).toString());
        }
        for (String old : List.of("buster", "bullseye")) {
            Files.writeString(root.resolve("etc/os-release"), "ID=debian\nVERSION_CODENAME=" + old + "\n");
            assertTrue(
                    fix(root).stream()
                            .allMatch(
                                    l -> l.startsWith("# ") || !l.contains("linux-image") && !l.contains("backports")),
                    fix(root).toString());
        }
        Files.delete(root.resolve("etc/os-release"));
        assertTrue(
                fix(root).stream().noneMatch(l -> l.contains("linux-image")),
                fix(root).toString());
        CliRun.of("doctor", "--fix", "--self-test").expect(ExitCode.USAGE);
    }

    /** A bare system has no sudo, and its root needs none. */
    @Test
    void rootIsShownNoSudo(@TempDir Path root) throws Exception {
        Files.createDirectories(root.resolve("proc/self"));
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("etc/os-release"), "ID=debian\nVERSION_CODENAME=bookworm\n");
        List<String> lines = fix(root);
        assertTrue(lines.contains("sudo apt-get install libdw1"), lines.toString());
        Files.writeString(root.resolve("proc/self/status"), "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n");
        List<String> ofRoot = fix(root);
        assertEquals(lines.stream().map(l -> l.replace("sudo ", "")).toList(), ofRoot);
        assertTrue(ofRoot.contains("apt-get install libdw1"), ofRoot.toString());
        for (String form : List.of("--quiet", "--json")) {
            String said = CliRun.of("doctor", form, "--root", root.toString()).out();
            assertTrue(said.contains("libdw1") && !said.contains("sudo"), said);
        }
    }

    /** An archive that was unpacked somewhere is not found by the name damson alone. */
    @Test
    void linesBeginWithWhatFindsThisDamson() {
        assertEquals("damson demo", DoctorCommand.asCalled("damson demo"));
        System.setProperty("damson.called", "/home/some one/damson");
        try {
            assertEquals("'/home/some one/damson' demo", DoctorCommand.asCalled("damson demo"));
            assertEquals("sudo '/home/some one/damson' record", DoctorCommand.asCalled("sudo damson record"));
            assertEquals("# damson: no", DoctorCommand.asCalled("# damson: no"));
            assertEquals("sudo apt-get install damson-sql", DoctorCommand.asCalled("sudo apt-get install damson-sql"));
        } finally {
            System.clearProperty("damson.called");
        }
    }

    @Test
    void whatWorksNeedsNoLine(@TempDir Path root) throws Exception {
        Files.createDirectories(root.resolve("usr/lib/x86_64-linux-gnu"));
        Files.writeString(root.resolve("usr/lib/x86_64-linux-gnu/libdw.so.1"), "");
        Files.createDirectories(root.resolve("proc/self"));
        Files.writeString(root.resolve("proc/self/clear_refs"), "");
        Files.createDirectories(root.resolve("proc/pressure"));
        Files.writeString(root.resolve("proc/pressure/memory"), "some\n");
        List<String> lines = fix(root);
        assertTrue(
                lines.stream().noneMatch(l -> l.contains("libdw") || l.contains("psi") || l.contains("referenced")),
                lines.toString());
    }

    private static List<String> fix(Path root) {
        return CliRun.of("doctor", "--fix", "--root", root.toString())
                .expect(ExitCode.OK)
                .out()
                .lines()
                .toList();
    }
}
