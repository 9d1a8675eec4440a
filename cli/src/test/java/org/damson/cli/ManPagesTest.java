package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManPagesTest {
    @TempDir
    Path dir;

    @Test
    void everyCommandHasAPageWithEachOfItsOptions() throws IOException {
        Path pages = dir.resolve("new/man1");
        String said = CliRun.of("help", "--man", pages).expect(ExitCode.OK).err();
        assertEquals("wrote " + (Commands.visible().size() + 1) + " pages into " + pages + "\n", said);
        String overview = Files.readString(pages.resolve("damson.1"));
        for (Command command : Commands.visible()) {
            String name = ManPages.pageName(command);
            String page = Files.readString(pages.resolve(name + ".1"));
            assertTrue(overview.contains(".BR " + ManPages.escape(name) + " (1)\n"), "damson.1 lacks " + name);
            assertTrue(page.contains(".SH EXAMPLE\n.nf\n" + ManPages.escape(command.example()) + "\n"), name);
            for (Option o : Shared.withCommon(command).getOptions()) {
                assertTrue(page.contains(ManPages.escape("--" + o.getLongOpt())), name + " lacks --" + o.getLongOpt());
                assertTrue(page.contains("\n" + ManPages.escape(HelpCommand.description(o)) + "\n"), name);
            }
        }
        try (Stream<Path> there = Files.list(pages)) {
            assertEquals(Commands.visible().size() + 1, there.count());
        }
    }

    @Test
    void noTextIsTakenForARequestOrAnEscape() {
        assertEquals("\\&.B \\(aqx\\(aq \\en \\-\\-json", ManPages.escape(".B 'x' \\n --json"));
        assertEquals("a\n\\&.so /etc/passwd", ManPages.escape("a\n.so /etc/passwd"));
    }

    @Test
    void pagesAreReplacedButNotThroughALink() throws IOException {
        CliRun.of("help", "--man", dir).expect(ExitCode.OK);
        List<String> first = Files.readAllLines(dir.resolve("damson.1"));
        CliRun.of("help", "--man", dir).expect(ExitCode.USAGE);
        CliRun.of("help", "--man", dir, "--force").expect(ExitCode.OK);
        assertEquals(first, Files.readAllLines(dir.resolve("damson.1")));
        Path other = dir.resolve("other");
        Files.delete(dir.resolve("damson.1"));
        Files.createSymbolicLink(dir.resolve("damson.1"), other);
        CliRun.of("help", "--man", dir, "--force").expect(ExitCode.USAGE);
        assertFalse(Files.exists(other));
    }

    @Test
    void whereOnePageCannotBeWrittenNoneIs() throws IOException {
        Path there = Files.writeString(dir.resolve("damson-verify.1"), "kept");
        CliRun.of("help", "--man", dir).expect(ExitCode.USAGE);
        try (Stream<Path> files = Files.list(dir)) {
            assertEquals(List.of(there), files.toList());
        }
        assertEquals("kept", Files.readString(there));
        Path directory = Files.createDirectories(dir.resolve("man/damson-verify.1"));
        CliRun.of("help", "--man", directory.getParent(), "--force").expect(ExitCode.USAGE);
        try (Stream<Path> files = Files.list(directory.getParent())) {
            assertEquals(List.of(directory), files.toList());
        }
    }

    @Test
    void aVerbBesideItIsRefused() {
        CliRun.of("help", "record", "--man", dir).expect(ExitCode.USAGE);
    }
}
