package org.damson.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever could break a program that was compiled before changes the listing, and what no caller sees does not. */
class SurfaceChangesTest {
    private static final String SOURCE =
            """
            package given;

            import java.util.List;

            public class Given {
                public static final int LIMIT = 7;
                protected long field;
                private int hidden;
                public Given(int a) {}
                public List<String> list() { return null; }
                public Object some(long a, String... b) throws java.io.IOException { return null; }
                protected void own() {}
                void within() {}
                public interface Shape { double area(); default int corners() { return 0; } static Shape of() { return null; } }
                public record Point(int x, long y) { public int sum() { return (int) x; } }
                public enum Color { RED, GREEN }
                public sealed interface Result permits Good, Bad {}
                public record Good() implements Result {}
                public record Bad() implements Result {}
                public static class Box<T extends Number> implements AutoCloseable { public void close() {} }
            }
            """;

    @TempDir
    static Path dir;

    private static List<String> listed;

    @BeforeAll
    static void listTheSource() throws Exception {
        listed = listing(SOURCE);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "nothing",
            value = {
                "a method of a class is removed     | public List<String> list() { return null; } | nothing",
                "a method of a class is hidden      | public List<String> list()                  | List<String> list()",
                "a method for subclasses is removed | protected void own() {}                     | nothing",
                "a method becomes final             | protected void own() {}                     | protected final void own() {}",
                "a method becomes static            | protected void own() {}                     | protected static void own() {}",
                "a method of an interface           | double area();                              | nothing",
                "a default method                   | default int corners() { return 0; }         | nothing",
                "a static method of an interface    | static Shape of() { return null; }          | nothing",
                "an abstract method is added        | double area();                              | double area(); double volume();",
                "a default method becomes abstract  | default int corners() { return 0; }         | int corners();",
                "a component of a record            | Point(int x, long y)                        | Point(int x)",
                "components swap names              | Point(int x, long y)                        | Point(int y, long x)",
                "a component is added               | Point(int x, long y)                        | Point(int x, long y, int z)",
                "a method of a record               | public int sum() { return (int) x; }              | nothing",
                "a constant of an enum              | RED, GREEN                                  | RED",
                "a constant of an enum is added     | RED, GREEN                                  | RED, GREEN, BLUE",
                "a return type is narrowed          | public Object some                          | public String some",
                "a return type is widened           | public List<String> list                    | public Iterable<String> list",
                "what a list holds is another       | public List<String> list                    | public List<Integer> list",
                "an exception is thrown             | protected void own() {}                     | protected void own() throws java.io.IOException {}",
                "an exception is not thrown         | throws java.io.IOException                  | nothing",
                "an exception is another            | throws java.io.IOException                  | throws InterruptedException",
                "a parameter is wider               | some(long a,                                | some(double a,",
                "a variable number is an array      | String... b                                 | String[] b",
                "a constructor is removed           | public Given(int a) {}                      | nothing",
                "a constructor is hidden            | public Given(int a) {}                      | Given(int a) {}",
                "a field is removed                 | protected long field;                       | nothing",
                "a constant has another value       | LIMIT = 7                                   | LIMIT = 8",
                "a type is removed                  | public record Bad() implements Result {}    | record Bad() implements Result {}",
                "a type extends less                | implements AutoCloseable                    | nothing",
                "a bound is narrower                | T extends Number                            | T extends Integer",
                "a class becomes final              | public class Given                          | public final class Given",
                "a class becomes abstract           | public class Given                          | public abstract class Given",
                "a sealed type is open              | sealed interface Result permits Good, Bad   | interface Result",
            })
    void isListed(String change, String before, String after) throws Exception {
        assertTrue(SOURCE.contains(before), before);
        assertNotEquals(listed, listing(SOURCE.replace(before, after == null ? "" : after)), change);
    }

    @Test
    void whatNoCallerSeesIsNotListed() throws Exception {
        String other = SOURCE.replace("private int hidden;", "private long other;")
                .replace("void within() {}", "int inside() { return 1; }")
                .replace("return (int) x;", "return (int) (x + y);")
                .replace("int a)", "int renamed)");
        assertEquals(listed, listing(other));
    }

    private static List<String> listing(String source) throws IOException, ClassNotFoundException {
        Path at = Files.createTempDirectory(dir, "given");
        Path file = Files.writeString(at.resolve("Given.java"), source);
        assertEquals(
                0,
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-proc:none", "-d", at.toString(), file.toString()));
        try (URLClassLoader loader = new URLClassLoader(new URL[] {at.toUri().toURL()}, null);
                Stream<Path> files = Files.list(at.resolve("given"))) {
            List<String> names = files.map(f -> f.getFileName().toString())
                    .filter(name -> name.endsWith(".class"))
                    .map(name -> "given." + name.substring(0, name.length() - 6))
                    .sorted()
                    .toList();
            List<Class<?>> types = new ArrayList<>();
            for (String name : names) {
                types.add(Class.forName(name, false, loader));
            }
            return Surface.of(types);
        }
    }
}
