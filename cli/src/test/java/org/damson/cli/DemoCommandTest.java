package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.damson.model.text.NativeText;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the demo leaves and what it refuses to touch; the generator runs a shorter configuration than the demo's. */
final class DemoCommandTest {
    private static final String PROPERTY = "damson.native.dir";

    @TempDir
    Path dir;

    private String before;

    @BeforeEach
    void installGenerator() throws Exception {
        before = System.getProperty(PROPERTY);
        Path generator = dir.resolve("accessgen");
        Path real = Path.of("..", "native", "build", "accessgen").toAbsolutePath();
        Path config = dir.resolve("short.cfg");
        Files.writeString(
                config,
                "a,4M,at 0x200000000000\nb,4M,at 0x200000500000\n\none\n2000\na,0,4096,1\n\ntwo\n2000\nb,0,4096,1\n");
        Files.writeString(
                generator,
                "#!/bin/sh\nif [ $1 = run ]; then [ -r \"$4\" ] && exec " + real + " run --log \"$3\" " + config
                        + "; fi\nexec "
                        + real + " \"$@\"\n");
        Files.setPosixFilePermissions(generator, PosixFilePermissions.fromString("rwx------"));
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
    void itLeavesATraceAndAPictureAndASecondRunReplacesThem() throws Exception {
        // A name that is no UTF-8, with what a shell would act on.
        String given = dir + "/d\udce4 'm$o";
        Path demo = NativeText.path(given);
        String shown = NativeText.readable(given);
        for (int round = 0; round < 2; round++) {
            CliRun run = CliRun.of("demo", "-o", given);
            // Four seconds are few: whether both are the same they need not decide.
            run.expect(run.exit() == ExitCode.UNDECIDED ? ExitCode.UNDECIDED : ExitCode.OK);
            assertTrue(run.out().contains("In the recording 2 of 2 steps are there."), run.out());
            assertTrue(run.out().contains("In the recording of the replay 2 of 2 steps are there."), run.out());
            assertTrue(run.out().contains(shown + "/heatmap.png"), run.out());
            assertTrue(run.out().contains(shown + "/page.html"), run.out());
            assertTrue(run.out().contains("verdict: "), run.out());
            assertEquals(
                    List.of(
                            ".damson-demo",
                            "heatmap-of-replay.png",
                            "heatmap.png",
                            "original.damson",
                            "page.html",
                            "replay.damson",
                            "stairs.cfg",
                            "touched.csv"),
                    names(demo));
        }
        CliRun.of("verify", given + "/original.damson").expect(ExitCode.OK);
        CliRun.of("verify", given + "/replay.damson").expect(ExitCode.OK);
    }

    @Test
    void aDirectoryWithOtherThingsIsNotTouched() throws Exception {
        Path foreign = Files.createDirectory(dir.resolve("foreign"));
        Files.writeString(foreign.resolve("heatmap.png"), "mine");
        CliRun.of("demo", "-o", foreign).expect(ExitCode.USAGE);
        Files.writeString(foreign.resolve(".damson-demo"), "");
        Files.writeString(foreign.resolve("thesis.txt"), "mine too");
        CliRun.of("demo", "-o", foreign).expect(ExitCode.USAGE);
        assertEquals("mine", Files.readString(foreign.resolve("heatmap.png")));
        assertEquals("mine too", Files.readString(foreign.resolve("thesis.txt")));
        assertEquals(List.of(".damson-demo", "heatmap.png", "thesis.txt"), names(foreign));
    }

    @Test
    void aLinkInPlaceOfTheDirectoryIsRefused() throws Exception {
        Path target = Files.createDirectory(dir.resolve("target"));
        Path link = Files.createSymbolicLink(dir.resolve("link"), target);
        CliRun.of("demo", "-o", link).expect(ExitCode.USAGE);
        assertEquals(List.of(), names(target));
    }

    private static List<String> names(Path of) throws Exception {
        try (Stream<Path> files = Files.list(of)) {
            return files.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }
}
