package org.damson.cli.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
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
        assertTrue(json.out().contains("\"works\" : false"), json.out());
        assertTrue(json.out().contains("\"tracefs\" : \"not mounted\""), json.out());
    }
}
