package org.damson.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.damson.api.Trace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A named module uses the interface: that is on the module path, what it rests on on the class path and out of sight. */
class ModulePathTest {
    @TempDir
    Path dir;

    @Test
    void aModuleRunsWithTheEngineOnTheClassPath() throws Exception {
        String api = Path.of(Trace.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
        String rest = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).equals(Path.of(api)))
                .collect(Collectors.joining(File.pathSeparator));
        Path classes = Files.createDirectory(dir.resolve("classes"));
        assertEquals("", compile(api, classes, "org.damson.api.Trace"));
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+IgnoreUnrecognizedVMOptions",
                        "--enable-native-access=ALL-UNNAMED",
                        "-p",
                        api + File.pathSeparator + classes,
                        "-cp",
                        rest,
                        "-m",
                        "user/user.Main",
                        Samples.TESTDATA.resolve("golden/stairs-1.damson.zip").toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, java.waitFor(), said);
        assertEquals("3109 regions", said.strip(), "and nothing else is said, of logging or anything");
        assertNotEquals("", compile(api, classes, "org.damson.trace.Traces"), "the implementation is out of sight");
    }

    /** @return what the compiler says; empty if all is well */
    private String compile(String api, Path classes, String type) throws Exception {
        Path sources = Files.createDirectories(dir.resolve("src/user"));
        Path module = Files.writeString(
                sources.resolveSibling("module-info.java"), "module user { requires org.damson.api; }");
        Path main = Files.writeString(
                sources.resolve("Main.java"),
                "package user;\nimport " + type + ";\npublic class Main {\n"
                        + "public static void main(String[] a) throws Exception {\n"
                        + "try (org.damson.api.Trace t = org.damson.api.Trace.open(java.nio.file.Path.of(a[0]));"
                        + " var all = t.snapshots()) {\n"
                        + "System.out.println(all.mapToInt(s -> s.regions()).sum() + \" regions\"); } } }\n");
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int code = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        said,
                        said,
                        "-proc:none",
                        "-d",
                        classes.toString(),
                        "-p",
                        api,
                        module.toString(),
                        main.toString());
        return code == 0 ? "" : said.toString(StandardCharsets.UTF_8);
    }
}
