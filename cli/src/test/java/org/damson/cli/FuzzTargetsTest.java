package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** testing/fuzz-targets has every parser, and every committed input of every target: seeds, and what fuzzing found. */
final class FuzzTargetsTest {
    private static final Path ROOT = Path.of("..");
    private static final String NATIVE = "-";

    /** Who says that input is wrong takes it apart. */
    private static final Pattern PARSES = Pattern.compile("new (TraceFormat|StreamCorrupted)Exception\\(");

    /** Those that say so of what others have taken apart, and why nobody fuzzes them. */
    private static final Map<String, String> NOT_PARSERS = new TreeMap<>(Map.ofEntries(
            Map.entry("Certifier", "compares a trace with a log"),
            Map.entry("DamoTrace", "asks for intervals"),
            Map.entry("CapsuleCheck", "compares a recording with a capsule"),
            Map.entry("CapsuleCommand", "checks what it writes"),
            Map.entry("CapsuleFile", "runs the generator; testing/attack has capsules that lie"),
            Map.entry("TraceBuilder", "takes snapshots of every importer, in their targets"),
            Map.entry("Indexing", "adds up what it reads through StoredTrace"),
            Map.entry("Recovery", "reads through JournalReader"),
            Map.entry("Traces", "opens through Storage"),
            Map.entry("SafeFiles", "knows kinds of files, not what is in them"),
            Map.entry("TraceLock", "knows kinds of files, not what is in them"),
            Map.entry("Redactor", "asks for what it may not show"),
            Map.entry("StackReader", "reads through UnwindWire"),
            Map.entry("WrittenView", "asks for a table"),
            Map.entry("Colocation", "compares traces"),
            Map.entry("MappingTimeline", "reads rows of mappings"),
            Map.entry("MappingSpans", "reads rows of mappings"),
            Map.entry("MappedProcesses", "counts processes in rows of mappings"),
            Map.entry("DistinctTargets", "counts targets in rows of snapshots"),
            Map.entry("ReplayPlanner", "asks for snapshots")));

    /** A line of testing/fuzz-targets. */
    private record Target(String name, String className, List<String> parsers) {
        boolean isNative() {
            return className.equals(NATIVE);
        }
    }

    private static List<Target> targets() throws IOException {
        List<Target> targets = new ArrayList<>();
        for (String line : Files.readAllLines(ROOT.resolve("testing/fuzz-targets"))) {
            if (!line.startsWith("#")) {
                List<String> words = List.of(line.split(" +"));
                targets.add(new Target(words.get(0), words.get(1), words.subList(2, words.size())));
            }
        }
        return targets;
    }

    /** Files below a directory of every module whose name ends so. */
    private static List<Path> files(String below, String ending) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path module : modules.sorted().toList()) {
                Path at = module.resolve(below);
                if (Files.isDirectory(at)) {
                    try (Stream<Path> all = Files.walk(at)) {
                        all.filter(f -> f.toString().endsWith(ending)).forEach(found::add);
                    }
                }
            }
        }
        return found;
    }

    private static String className(Path source) {
        return source.getFileName().toString().replace(".java", "");
    }

    @Test
    void everyParserHasATarget() throws IOException {
        Set<String> fuzzed = new TreeSet<>();
        targets().forEach(t -> fuzzed.addAll(t.parsers()));
        Set<String> parsers = new TreeSet<>();
        for (Path source : files("src/main/java", ".java")) {
            if (PARSES.matcher(Files.readString(source)).find()) {
                parsers.add(className(source));
            }
        }
        Set<String> without = new TreeSet<>(parsers);
        without.removeAll(fuzzed);
        assertEquals(NOT_PARSERS.keySet(), without, "parsers without a target in testing/fuzz-targets");
    }

    @Test
    void whatATargetNamesIsThereAndDocumented() throws IOException {
        Set<String> sources = new TreeSet<>();
        files("src/main/java", ".java").forEach(f -> sources.add(className(f)));
        files("src", ".c").forEach(f -> sources.add(f.getFileName().toString()));
        String page = Files.readString(ROOT.resolve("docs/FUZZING.md"));
        for (Target t : targets()) {
            assertFalse(inputs(t).isEmpty(), t.name() + " has no seed");
            assertTrue(sources.containsAll(t.parsers()), t.parsers() + " of " + t.name());
            assertTrue(page.contains("\n| `" + t.name() + "` |"), t.name() + " is not in docs/FUZZING.md");
        }
    }

    private static List<Path> inputs(Target t) throws IOException {
        List<Path> all = new ArrayList<>(files("src/test/fuzz/" + t.name(), ""));
        all.addAll(files("test/fuzz/" + t.name(), ""));
        return all.stream().filter(Files::isRegularFile).toList();
    }

    @TestFactory
    List<DynamicTest> noCommittedInputBreaksItsParser() throws Exception {
        // Targets see what only their package sees, so that one loader has to load both.
        List<URL> classes = new ArrayList<>();
        for (String module : List.of("formats", "symbols", "recorder", "analyzer")) {
            classes.add(
                    ROOT.resolve(module).resolve("target/test-classes").toUri().toURL());
        }
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            classes.add(Path.of(entry).toUri().toURL());
        }
        ClassLoader loader = new URLClassLoader(classes.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        List<DynamicTest> tests = new ArrayList<>();
        for (Target t : targets()) {
            if (t.isNative()) {
                continue;
            }
            Method target =
                    loader.loadClass("org.damson." + t.className()).getMethod("fuzzerTestOneInput", byte[].class);
            assertNotNull(target);
            for (Path input : inputs(t)) {
                byte[] bytes = Files.readAllBytes(input);
                tests.add(DynamicTest.dynamicTest(t.name() + "/" + input.getFileName(), () -> run(target, bytes)));
            }
        }
        return tests;
    }

    private static void run(Method target, byte[] bytes) throws Throwable {
        try {
            target.invoke(null, (Object) Arrays.copyOf(bytes, bytes.length));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
