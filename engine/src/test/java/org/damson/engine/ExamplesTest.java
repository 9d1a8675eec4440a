package org.damson.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The examples in the interface's Javadoc compile and run; {@code recording} and {@code directory} are what they are given. */
class ExamplesTest {
    private static final Path SOURCES = Samples.TOP.resolve("api/src/main/java/org/damson/api");
    private static final Pattern EXAMPLE =
            Pattern.compile("<pre>\\{@code\n(.*?)^ *\\* *}</pre>", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern MARGIN = Pattern.compile("^ *\\* ?", Pattern.MULTILINE);

    /** What an example prints, where that is certain. */
    private static final Map<String, String> PRINTED = Map.of(
            "Snapshot1", "65536 bytes in use\n",
            "TraceWriter1", "32768.0\n",
            "Comparison1", "SAME, 0.0\n",
            "Fleet1", "web: 65536 bytes\n");

    @TempDir
    Path dir;

    @TestFactory
    List<DynamicTest> examplesRun() throws IOException {
        Map<String, String> examples = examples();
        for (String name : List.of(
                "Advice1",
                "Comparison1",
                "Fleet1",
                "Trace1",
                "Snapshot1",
                "Selection1",
                "WorkingSet1",
                "Heatmap1",
                "Report1",
                "Simulation1",
                "Tuning1",
                "Replay1",
                "Recording1",
                "TraceWriter1")) {
            assertTrue(examples.containsKey(name), name + " is not among " + examples.keySet());
        }
        compile(examples);
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : examples.keySet()) {
            tests.add(DynamicTest.dynamicTest(name, () -> {
                String printed = run(name);
                assertTrue(!printed.isBlank(), "it prints nothing");
                if (PRINTED.containsKey(name)) {
                    assertEquals(PRINTED.get(name), printed);
                }
            }));
        }
        return tests;
    }

    private static Map<String, String> examples() throws IOException {
        Map<String, String> examples = new TreeMap<>();
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.sorted().toList()) {
                String type = file.getFileName().toString().replace(".java", "").replace("-", "");
                Matcher m = EXAMPLE.matcher(Files.readString(file));
                for (int i = 1; m.find(); i++) {
                    examples.put(type + i, MARGIN.matcher(m.group(1)).replaceAll(""));
                }
            }
        }
        return examples;
    }

    private void compile(Map<String, String> examples) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (Map.Entry<String, String> e : examples.entrySet()) {
            Path source = dir.resolve(e.getKey() + "Example.java");
            Files.writeString(
                    source,
                    "import java.nio.file.*;\nimport java.time.*;\nimport java.util.*;\nimport java.util.stream.*;\n"
                            + "import org.damson.api.*;\n"
                            + "public class " + e.getKey() + "Example {\n"
                            + "public static void run(Path recording, Path directory) throws Exception {\n"
                            + e.getValue()
                            + "}\n}\n");
            sources.add(source);
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            List<String> options = List.of(
                    "-Xlint:all,-processing,-classfile",
                    "-Werror",
                    "-proc:none",
                    "-d",
                    dir.toString(),
                    "-classpath",
                    System.getProperty("java.class.path"));
            boolean compiled = compiler.getTask(
                            said, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
                    .call();
            assertTrue(compiled, said.toString());
        }
    }

    private String run(String name) throws Exception {
        Path directory = Files.createDirectory(dir.resolve(name));
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (URLClassLoader loader = new URLClassLoader(
                        new URL[] {dir.toUri().toURL()}, getClass().getClassLoader());
                PrintStream captured = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(captured);
            loader.loadClass(name + "Example")
                    .getMethod("run", Path.class, Path.class)
                    .invoke(null, Samples.STAIRS, directory);
        } finally {
            System.setOut(out);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
