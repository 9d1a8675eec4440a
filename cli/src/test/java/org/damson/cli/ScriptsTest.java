package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules for what is not Java: an unset variable ends a script, and no file is too long to be read. */
final class ScriptsTest {
    private static final Path ROOT = Path.of("..");
    private static final int MAX_LINES = 500;
    private static final Pattern SHELL = Pattern.compile("#!.*\\b(ba)?sh\\b");
    /** Jobs of guests have it from the file that they source first. */
    private static final Pattern STRICT = Pattern.compile("(?m)^(set -[a-z]*u|\\. /job/vm/[a-z/]+\\.sh$)");

    private static List<Path> files() throws IOException {
        List<Path> found = new ArrayList<>(List.of(ROOT.resolve("damson"), ROOT.resolve(".ci/run")));
        for (String dir : List.of(
                "testing",
                "native/src",
                "native/include",
                "native/test",
                "packaging",
                "benchmarks",
                "examples",
                ".clusterfuzzlite")) {
            try (Stream<Path> all = Files.walk(ROOT.resolve(dir))) {
                all.filter(f -> Files.isRegularFile(f) && !f.toString().contains("/target/"))
                        .forEach(found::add);
            }
        }
        return found;
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }

    private static boolean isScript(Path file, String text) {
        String name = file.getFileName().toString();
        return SHELL.matcher(text.lines().findFirst().orElse("")).lookingAt()
                || name.endsWith(".sh") && !name.equals("launch.sh")
                || name.endsWith(".host");
    }

    @Test
    void anUnsetVariableEndsEveryScript() throws IOException {
        List<String> lenient = new ArrayList<>();
        int scripts = 0;
        for (Path file : files()) {
            String text = text(file);
            if (isScript(file, text)) {
                scripts++;
                if (!STRICT.matcher(text).find()) {
                    lenient.add(file.toString());
                }
            }
        }
        assertTrue(scripts > 60, scripts + " scripts");
        assertEquals(List.of(), lenient);
    }

    @Test
    void aFileHasAtMostFiveHundredLines() throws IOException {
        List<String> beyond = new ArrayList<>();
        for (Path file : files()) {
            boolean isSource = file.toString().matches(".*(\\.(c|h|S|py|sh|host)|/[a-z-]+)");
            if (isSource) {
                long lines = text(file).lines().count();
                if (lines > MAX_LINES) {
                    beyond.add(file + ": " + lines);
                }
            }
        }
        assertEquals(List.of(), beyond);
    }
}
