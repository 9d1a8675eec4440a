package org.damson.recorder.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.text.NativeText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StartGateTest {
    @TempDir
    Path dir;

    @Test
    void commandDoesNothingUntilTheGateOpensAndThenIsThatProcess() throws Exception {
        Path mark = dir.resolve("mark");
        String script = "printf '%s %s %s\\n' $$ 'two  words' \"$1\" >" + mark + "; exit 7";
        try (StartGate gate = StartGate.hold(List.of("sh", "-c", script, "name", "a b\\c"))) {
            Thread.sleep(100); // long enough for a command that does not wait
            assertTrue(gate.process().isAlive());
            assertFalse(Files.exists(mark));
            gate.open();
            assertEquals(7, gate.process().waitFor());
            assertEquals(gate.process().pid() + " two  words a b\\c\n", Files.readString(mark));
        }
    }

    @Test
    void openReturnsWhenTheShellHasBecomeTheCommand() throws Exception {
        try (StartGate gate = StartGate.hold(List.of("sleep", "30"))) {
            gate.open();
            long pid = gate.process().pid();
            assertEquals("sleep\0" + "30\0", Proc.text(Path.of("/proc/" + pid + "/cmdline")));
            gate.process().destroy();
        }
    }

    @Test
    void everyByteOfEveryWordReachesTheCommand() throws Exception {
        byte[] all = new byte[255 + 6];
        for (int i = 0; i < 255; i++) {
            all[i] = (byte) (i + 1);
        }
        System.arraycopy("d\u00e4t\u00e4".getBytes(StandardCharsets.UTF_8), 0, all, 255, 6);
        Path got = dir.resolve("got");
        String word = NativeText.decode(all);
        List<String> command =
                List.of("sh", "-c", "printf '%s|' \"$@\" >" + got, "0", word, "", "-n", "a'b''", "$HOME `x` \\", "\n");
        try (StartGate gate = StartGate.hold(command)) {
            gate.open();
            assertEquals(0, gate.process().waitFor());
        }
        String expected = String.join("|", command.subList(4, command.size())) + "|";
        assertArrayEquals(NativeText.encode(expected), Files.readAllBytes(got));
    }

    @Test
    void aCommandWhoseNameIsNoUtf8IsRun() throws Exception {
        // The file is made by a shell: Java has no name for it.
        String make = "printf '#!/bin/sh\\nexit 7\\n' >\"$0/$(printf 'b\\344t')\"; chmod 700 \"$0\"/b*t";
        assertEquals(
                0, new ProcessBuilder("sh", "-c", make, dir.toString()).start().waitFor());
        String program = dir + "/" + NativeText.decode(new byte[] {'b', (byte) 0xe4, 't'});
        try (StartGate gate = StartGate.hold(List.of(program))) {
            gate.open();
            assertEquals(7, gate.process().waitFor());
        }
    }

    @Test
    void aCommandWhoseNameIsAnOptionOfExecIsRunByItsName() throws Exception {
        Path program = Files.writeString(dir.resolve("-a"), "#!/bin/sh\n[ \"$*\" = 'b c' ] && exit 7\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        // A search path may have bytes that are no UTF-8, too.
        String latin = dir + "/" + NativeText.decode(new byte[] {'b', (byte) 0xe4, 't'});
        Files.createSymbolicLink(NativeText.path(latin), dir);
        Path found = StartGate.find("-a", "/bin:" + latin);
        assertEquals(NativeText.path(latin).resolve("-a"), found);
        List<String> words = StartGate.words(List.of("-a", "b c"), found);
        assertEquals(List.of(latin + "/-a", "b c"), words);
        try (StartGate gate = StartGate.hold(words)) {
            gate.open();
            assertEquals(7, gate.process().waitFor());
        }
        assertEquals(List.of("sh", "-a"), StartGate.words(List.of("sh", "-a"), Path.of("/bin/sh")));
    }

    @Test
    void theCommandGetsTheEnvironmentOfWhoeverCalledTheLauncher() {
        Map<String, String> set = new HashMap<>(Map.of("A", "1", "B", "2", "MINE", "3", "DAMSON_SET", " A B"));
        set.put("DAMSON_WAS_B", "before");
        StartGate.withoutOurs(set);
        assertEquals(Map.of("MINE", "3", "B", "before"), set);
        StartGate.withoutOurs(set);
        assertEquals(Map.of("MINE", "3", "B", "before"), set);
    }

    @Test
    void commandNeverRunsWhenTheGateIsClosedInstead() throws Exception {
        Path mark = dir.resolve("mark");
        StartGate gate = StartGate.hold(List.of("touch", mark.toString()));
        gate.close();
        assertEquals(125, gate.process().waitFor());
        assertFalse(Files.exists(mark));
    }

    @Test
    void whatCannotBeRunIsNamedBeforeAnythingStarts() throws IOException {
        Path text = Files.writeString(dir.resolve("text"), "no program");
        for (String bad : List.of("no-such-command-here", "/no/such/file", text.toString(), dir.toString())) {
            IOException e = assertThrows(IOException.class, () -> StartGate.hold(List.of(bad)));
            assertTrue(e.getMessage().startsWith("cannot run " + bad + ": "), e.getMessage());
        }
        assertEquals(Path.of("/bin/sh"), StartGate.find("sh", "/nowhere:/bin"));
    }
}
