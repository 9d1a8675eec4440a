package org.damson.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Closeable;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.damson.api.Trace;
import org.junit.jupiter.api.Test;

/**
 * What programs are compiled against changes only where somebody says so: by changing {@code surface.txt}, which a release then
 * keeps. Taking a line away breaks programs.
 */
class SurfaceTest {
    private static final Path LISTING = Path.of("src/test/resources/org/damson/engine/surface.txt");

    @Test
    void thePublicSignaturesAreThoseOfTheListing() throws IOException {
        List<String> found = Surface.of(types());
        Path made = Files.createDirectories(Path.of("target")).resolve("surface.txt");
        Files.write(made, found);
        List<String> listed = Files.readAllLines(LISTING);
        assertEquals(
                String.join("\n", listed),
                String.join("\n", found),
                "the surface of org.damson.api changed; if that is meant, copy " + made.toAbsolutePath() + " to "
                        + LISTING);
    }

    @Test
    void theListingSeesWhatCallersSee() throws IOException {
        assertEquals(
                List.of(
                        "interface java.io.Closeable extends java.lang.AutoCloseable",
                        "  public abstract void close() throws java.io.IOException"),
                Surface.of(List.of(Closeable.class, SurfaceTest.class)));
        assertEquals(
                List.of(
                        "abstract sealed class org.damson.engine.Listed<T extends java.lang.Comparable<T>> extends "
                                + "org.damson.engine.Unlisted, java.lang.Cloneable permits org.damson.engine.Listed$Only",
                        "  protected abstract <X extends java.lang.Exception> void fail(T) throws X",
                        "  public static final int LIMIT = 7",
                        "  public void inherited()",
                        "inner class org.damson.engine.Listed$Inner",
                        "  public org.damson.engine.Listed$Inner(org.damson.engine.Listed)",
                        "final class org.damson.engine.Listed$Only extends org.damson.engine.Listed<java.lang.String>",
                        "  protected <X extends java.lang.Exception> void fail(java.lang.String)",
                        "  public org.damson.engine.Listed$Only()"),
                Surface.of(List.of(Listed.class, Listed.Inner.class, Listed.Only.class)));
        List<String> lines = Surface.of(types());
        assertTrue(lines.contains("record org.damson.api.Bounds(double lower, double estimate, double upper)"));
        assertTrue(lines.contains("  public static final long NOT_KNOWN = -1"), "callers have a copy of a constant");
        assertTrue(lines.stream().noneMatch(line -> line.contains("Engines") || line.contains("GivenSnapshot")));
    }

    @Test
    void theModuleExportsTheInterfaceAndNothingElse() {
        ModuleDescriptor module = module().descriptor();
        assertEquals("org.damson.api", module.name());
        assertEquals(
                Set.of("org.damson.api"),
                module.exports().stream().map(ModuleDescriptor.Exports::source).collect(Collectors.toSet()));
        assertEquals(
                Set.of("java.base"),
                module.requires().stream().map(ModuleDescriptor.Requires::name).collect(Collectors.toSet()));
        assertEquals(Set.of("org.damson.api.Engine"), module.uses());
        assertTrue(module.opens().isEmpty());
    }

    /** No type of the implementation is in a signature. */
    @Test
    void signaturesNameTheJdkAndTheInterfaceAlone() throws IOException {
        Set<String> foreign = new TreeSet<>();
        for (String line : Files.readAllLines(LISTING)) {
            for (String word : line.split("[^A-Za-z0-9_.$]+")) {
                if (word.startsWith("org.") && !word.startsWith("org.damson.api.") || word.startsWith("com.")) {
                    foreign.add(word);
                }
            }
        }
        assertEquals(Set.of(), foreign);
    }

    private static ModuleReference module() {
        return ModuleFinder.of(place()).findAll().iterator().next();
    }

    private static Path place() {
        try {
            return Path.of(Trace.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Class<?>> types() throws IOException {
        try (var reader = module().open();
                Stream<String> names = reader.list()) {
            return names.filter(n -> n.startsWith("org/damson/api/") && n.endsWith(".class"))
                    .map(n -> n.substring(0, n.length() - 6).replace('/', '.'))
                    .filter(n -> !n.endsWith("package-info"))
                    .sorted()
                    .<Class<?>>map(SurfaceTest::load)
                    .toList();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, SurfaceTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
