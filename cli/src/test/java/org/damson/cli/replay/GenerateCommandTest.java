package org.damson.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.text.NativeText;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which command line reaches the generator; a script that prints its arguments stands in its place. */
final class GenerateCommandTest {
    private static final String PROPERTY = "damson.native.dir";

    @TempDir
    Path dir;

    private String before;

    @BeforeEach
    void installEcho() throws Exception {
        before = System.getProperty(PROPERTY);
        Path echo = dir.resolve("accessgen");
        Files.writeString(echo, "#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 3\n");
        Files.setPosixFilePermissions(echo, PosixFilePermissions.fromString("rwx------"));
        System.setProperty(PROPERTY, dir.toString());
    }

    @AfterEach
    void restore() {
        if (before == null) {
            System.clearProperty(PROPERTY);
        } else {
            System.setProperty(PROPERTY, before);
        }
    }

    @Test
    void optionsReachTheGeneratorAndItsExitCodeComesBack() {
        CliRun run =
                CliRun.of("generate", "x.cfg", "--seed", "7", "--repeat", "2").expect(3);
        assertEquals("run\n--seed\n7\n--repeat\n2\nx.cfg\n", run.out());
        run = CliRun.of("generate", "x.cfg", "--threads", "3", "--cpus", "0-1", "--numa", "bind:0")
                .expect(3);
        assertEquals("run\n--threads\n3\n--cpus\n0-1\n--numa\nbind:0\nx.cfg\n", run.out());
        assertEquals(
                "check\nx.cfg\n",
                CliRun.of("generate", "--check", "x.cfg").expect(3).out());
    }

    @Test
    void aNameThatLooksLikeAnOptionStaysAName() {
        assertEquals("run\n./-x\n", CliRun.of("generate", "--", "-x").expect(3).out());
    }

    @Test
    void aNameThatIsNoUtf8ReachesTheGeneratorAsAFile() throws Exception {
        Path echo = dir.resolve("accessgen");
        Files.writeString(echo, "#!/bin/sh\nfor file; do :; done\necho \"${file##*/}: $(cat \"$file\")\"\n");
        // A byte that is not part of UTF-8, as arguments have it.
        String name = dir + "/d\udce4t.cfg";
        Files.writeString(NativeText.path(name), "a region");
        String said = CliRun.of("generate", name).expect(ExitCode.OK).out();
        assertTrue(said.endsWith("d\\xE4t.cfg: a region\n"), said);
        String log = dir + "/l\udce4g";
        Files.writeString(echo, "#!/bin/sh\necho logged >\"$3\"\n");
        CliRun.of("generate", name, "--log", log).expect(ExitCode.OK);
        assertEquals("logged\n", Files.readString(NativeText.path(log)));
    }

    @Test
    void badNumbersAreUsageErrors() {
        CliRun.of("generate", "x.cfg", "--seed", "many").expect(ExitCode.USAGE);
        CliRun.of("generate").expect(ExitCode.USAGE);
        CliRun.of("generate", "x.cfg", "--cpus", "1-").expect(ExitCode.USAGE);
        CliRun.of("generate", "x.cfg", "--jitter", "1").expect(ExitCode.USAGE);
    }

    @Test
    void aMissingGeneratorIsAMissingCapability() throws Exception {
        Files.delete(dir.resolve("accessgen"));
        CliRun run = CliRun.of("generate", "x.cfg").expect(ExitCode.CAPABILITY);
        assertTrue(run.err().contains("accessgen"), run.err());
        assertEquals(1, run.err().lines().count());
    }
}
