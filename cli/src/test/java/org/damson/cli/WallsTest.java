package org.damson.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The walls between modules and around libraries. */
final class WallsTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.damson");

    @Test
    void theCheckSeesTheCode() {
        assertFalse(CLASSES.isEmpty());
    }

    @Test
    void modulesInTheMiddleDoNotKnowOneAnother() {
        String[] modules = {"recorder", "replayer", "analyzer", "symbols"};
        for (String module : modules) {
            for (String other : modules) {
                if (!module.equals(other)) {
                    check(noClasses()
                            .that()
                            .resideInAPackage("org.damson." + module + "..")
                            .should()
                            .dependOnClassesThat()
                            .resideInAPackage("org.damson." + other + ".."));
                }
            }
        }
    }

    @Test
    void nobodyBelowKnowsTheCommandLine() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("org.damson.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.damson.cli..", "org.apache.commons.cli.."));
    }

    @Test
    void theInterfaceForProgramsKnowsOnlyTheJdk() {
        check(noClasses()
                .that()
                .resideInAPackage("org.damson.api..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages("java..", "org.damson.api.."));
    }

    @Test
    void nobodyKnowsTheEngine() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("org.damson.engine..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.damson.engine.."));
        assertTrue(CLASSES.stream().anyMatch(c -> c.getPackageName().equals("org.damson.engine")));
    }

    @Test
    void formatsKnowsNoOtherModule() {
        check(noClasses()
                .that()
                .resideInAnyPackage(
                        "org.damson.model..",
                        "org.damson.damon..",
                        "org.damson.trace..",
                        "org.damson.damon..",
                        "org.damson.exchange..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.damson.recorder..",
                        "org.damson.replayer..",
                        "org.damson.analyzer..",
                        "org.damson.symbols.."));
    }

    @Test
    void theModelImportsOnlyTheJdk() {
        check(noClasses()
                .that()
                .resideInAPackage("org.damson.model..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages("java..", "org.damson.model.."));
    }

    @Test
    void arrowAndParquetStayInsideTheFormats() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages("org.damson.trace..", "org.damson.exchange..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.arrow..", "org.apache.parquet..", "com.github.luben..", "org.apache.hadoop.."));
    }

    @Test
    void jacksonStaysInsideFormatsAndWhoeverReadsOrWritesJson() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(
                        "org.damson.damon.scheme..",
                        "org.damson.trace..",
                        "org.damson.exchange..",
                        "org.damson.replayer..",
                        "org.damson.analyzer..",
                        "org.damson.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.fasterxml.jackson.."));
        check(noClasses()
                .that()
                .resideInAnyPackage("org.damson.analyzer..", "org.damson.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.fasterxml.jackson.databind..", "com.fasterxml.jackson.annotation.."));
    }

    @Test
    void theRingStaysInsideTheRecorder() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("org.damson.recorder..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.lmax.."));
    }

    /** Keys and sources of manifests are spelled in their declaration alone. */
    @Test
    void noManifestKeyAndNoSourceIsNamedByALiteral() throws IOException {
        Pattern literal = Pattern.compile(
                "\\b(recording|host)(\\(\\))?\\.(get|put|containsKey|getOrDefault|remove|putIfAbsent)\\(\\s*\""
                        + "|\\bsource(\\(\\))?\\.(equals|startsWith)\\(\\s*\"|\\.source = \"|\"import:[a-z]");
        List<String> found = new ArrayList<>();
        int files = 0;
        for (String module :
                List.of("api", "formats", "symbols", "recorder", "replayer", "analyzer", "engine", "cli", "fleet")) {
            try (Stream<Path> all = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                for (Path file : all.filter(p -> p.toString().endsWith(".java")).toList()) {
                    files++;
                    boolean isDeclaration = file.endsWith("model/Manifest.java");
                    if (!isDeclaration
                            && literal.matcher(Files.readString(file)).find()) {
                        found.add(file.toString());
                    }
                }
            }
        }
        assertTrue(files > 300, files + " files");
        assertEquals(List.of(), found);
    }

    /** A fault of damson's own must not be reported as one of the user's file. These catch what the JDK throws: parsers, shutdown hooks. */
    @Test
    void noFaultOfOursIsTakenForABadInput() throws IOException {
        Pattern wide = Pattern.compile(
                "catch \\([^)]*\\b(IllegalArgument|NullPointer|ClassCast|IllegalState|NoSuchElement)Exception\\b");
        Set<String> found = new TreeSet<>();
        for (Path file : sources("main")) {
            if (wide.matcher(Files.readString(file)).find()) {
                found.add(file.getFileName().toString());
            }
        }
        Set<String> jdk = Set.of(
                "CapsuleFile.java",
                "Certificates.java",
                "Children.java",
                "LiveRecording.java",
                "Perfetto.java",
                "RemoteFiles.java",
                "Replayer.java",
                "SelfTest.java",
                "Signals.java");
        assertEquals(new TreeSet<>(jdk), found);
    }

    /** A column is found by its name: its number would mean another one after a change of {@code Table}. */
    @Test
    void noColumnIsAddressedByANumber() throws IOException {
        Pattern numbered = Pattern.compile(
                "\\.(get|text|set)\\(\\s*(\\d+|\\w+\\+\\+),|\\.(longs|texts|isPresent)\\((\\d+|\\w+\\+\\+)\\)");
        List<String> found = new ArrayList<>();
        int files = 0;
        for (Path file : sources("main")) {
            String text = Files.readString(file);
            if (text.contains("import org.damson.model.Batch;")
                    || file.toString().contains("/org/damson/model/")) {
                files++;
                numbered.matcher(text).results().forEach(m -> found.add(file.getFileName() + ": " + m.group()));
            }
        }
        assertTrue(files > 100, files + " files");
        assertEquals(List.of(), found);
    }

    @Test
    void packagesFormNoCycle() {
        check(slices().matching("org.damson.(**)").should().beFreeOfCycles());
    }

    @Test
    void aPackageHasAtMostTwentyTypes() {
        Map<String, Long> types = CLASSES.stream()
                .filter(c -> c.isTopLevelClass() && !c.getSimpleName().equals("package-info"))
                .collect(Collectors.groupingBy(JavaClass::getPackageName, TreeMap::new, Collectors.counting()));
        types.values().removeIf(count -> count <= 20);
        assertEquals(Map.of(), types);
    }

    /** An analysis returns a record, which knows nothing of its rendering. */
    @Test
    void analysesDoNotKnowRendering() {
        check(noClasses()
                .that()
                .resideInAPackage("org.damson.analyzer..")
                .and()
                .resideOutsideOfPackage("org.damson.analyzer.render..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.damson.analyzer.render.."));
    }

    @Test
    void aFileHasAtMostFourHundredLinesAndAMethodAtMostSixty() throws IOException {
        List<Path> files = sources("main");
        assertTrue(files.size() > 600, files.size() + " files");
        assertEquals(List.of(), SourceLengths.beyond(files, 400, 60));
    }

    /** What a test needs is made by the build; what a machine may lack is declared, and counted by testing/not-run.py. */
    @Test
    void testsAreLeftOutOnlyForWhatAMachineMayLack() throws IOException {
        Pattern skipping = Pattern.compile("\\bassume(True|False|That)\\b|\\bAssum" + "ptions\\.|@Dis" + "abled\\b");
        Pattern condition = Pattern.compile("@Ena" + "bled(If|On)");
        Pattern reason = Pattern.compile("disabledReason = \"needs (root|root and tracefs|64-bit x86)\"");
        for (Path file : sources("test")) {
            String text = Files.readString(file);
            assertFalse(skipping.matcher(text).find(), file + " skips a test");
            assertEquals(
                    condition.matcher(text).results().count(),
                    reason.matcher(text).results().count(),
                    file + " leaves out a test for a reason of its own");
        }
    }

    @Test
    void aTestHasAtMostFiveHundredLines() throws IOException {
        assertEquals(List.of(), SourceLengths.beyond(sources("test"), 500, Integer.MAX_VALUE));
    }

    @Test
    void aFileOfCHasAtMostFiveHundredLines() throws IOException {
        List<String> beyond = new ArrayList<>();
        for (String folder : List.of("src", "test", "include")) {
            try (Stream<Path> files = Files.list(Path.of("..", "native", folder))) {
                for (Path file : files.filter(f -> f.toString().matches(".*\\.[ch]"))
                        .sorted()
                        .toList()) {
                    if (Files.readAllLines(file).size() > 500) {
                        beyond.add(file.getFileName().toString());
                    }
                }
            }
        }
        assertEquals(List.of(), beyond);
    }

    /** The files of all modules. */
    private static List<Path> sources(String kind) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> modules = Files.list(Path.of(".."))) {
            for (Path module : modules.sorted().toList()) {
                Path root = module.resolve("src").resolve(kind).resolve("java");

                if (Files.isDirectory(root)) {
                    try (Stream<Path> all = Files.walk(root)) {
                        all.filter(p -> p.toString().endsWith(".java")).sorted().forEach(files::add);
                    }
                }
            }
        }
        return files;
    }

    @Test
    void aLibraryIsKnownOnlyWhereItIsNeeded() {
        isKnownOnlyIn(
                "com.sun.jna..",
                "org.damson.recorder.kernel..",
                "org.damson.recorder.system..",
                "org.damson.replayer..",
                "org.damson.symbols.elf..");
        isKnownOnlyIn("org.duckdb..", "org.damson.cli.sql..");
        isKnownOnlyIn("org.apache.batik..", "org.damson.analyzer.render.picture..");
        isKnownOnlyIn("org.apache.pdfbox..", "org.damson.analyzer.render.picture..");
        isKnownOnlyIn(
                "org.hipparchus..",
                "org.damson.analyzer.tune..",
                "org.damson.analyzer.scan..",
                "org.damson.analyzer.fleet.tune..");
        isKnownOnlyIn("org.yaml..", "org.damson.damon.scheme..");
        isKnownOnlyIn("com.lmax..", "org.damson.recorder.ring..");
        isKnownOnlyIn("org.apache.spark..", "org.damson.fleet..");
    }

    private static void isKnownOnlyIn(String library, String... rooms) {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(rooms)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library));
    }

    /** A module that has no class yet breaks no rule. */
    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(CLASSES);
    }
}
