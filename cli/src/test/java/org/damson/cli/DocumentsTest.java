package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages of README.md and docs/: readable in one go, reachable, and without dead links. */
final class DocumentsTest {
    private static final int MAX_LINES = 130;
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]*)(#[^)]*)?\\)");

    /** Of a heading only what an anchor keeps. */
    private static final Pattern NOT_IN_ANCHORS = Pattern.compile("[^\\p{L}\\p{N} _-]");

    @Test
    void noPageIsLongerThanAReaderTakesInAtOnce() throws IOException {
        List<String> longer = new ArrayList<>();
        for (Path page : pages()) {
            int lines = Files.readAllLines(page).size();
            if (lines > MAX_LINES) {
                longer.add(ROOT.relativize(page) + ": " + lines);
            }
        }
        assertEquals(List.of(), longer);
    }

    @Test
    void everyLinkLeadsToAFileAndAHeading() throws IOException {
        List<String> dead = new ArrayList<>();
        int found = 0;
        for (Path page : pages()) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                found++;
                Path to = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
                if (!Files.exists(to)
                        || link.group(2) != null
                                && !anchors(to).contains(link.group(2).substring(1))) {
                    dead.add(ROOT.relativize(page) + ": " + link.group());
                }
            }
        }
        assertEquals(List.of(), dead);
        assertTrue(found > 100, "links: " + found);
    }

    @Test
    void everyPageIsNamedInTheReadme() throws IOException {
        Set<Path> missing = new TreeSet<>(pages());
        Matcher link = LINK.matcher(Files.readString(ROOT.resolve("README.md")));
        while (link.find()) {
            missing.remove(ROOT.resolve(link.group(1)).normalize());
        }
        missing.remove(ROOT.resolve("README.md"));
        assertEquals(Set.of(), missing);
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of("README.md", "CONTRIBUTING.md", "SECURITY.md")
                                    .map(ROOT::resolve),
                            docs.filter(p -> p.toString().endsWith(".md")).sorted())
                    .toList();
        }
    }

    private static Set<String> anchors(Path page) throws IOException {
        try (Stream<String> lines = Files.lines(page)) {
            return lines.filter(l -> l.startsWith("#"))
                    .map(l -> NOT_IN_ANCHORS
                            .matcher(l.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
                            .replaceAll("")
                            .replace(' ', '-'))
                    .collect(Collectors.toSet());
        }
    }
}
