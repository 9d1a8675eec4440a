package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every verb that reads a trace, in every form, of whole traces and parts, one and several, also after a trace was made of another:
 * what is answered, said and left as exit code is the same from sums and from rows, byte for byte.
 */
final class SummedQuestionsTest {
    private static final String REFUSED = "its rows are read instead";

    /** Verbs that take a part of a trace and pictures; the letters say which forms: JSON, CSV, SVG, PNG. */
    private static final List<String> PARTED = List.of(
            "report wss|jcsp",
            "report wss --by-time|jcs",
            "report wss --percentiles 0,12,50,88,100|jcs",
            "report wss --min-accesses 2|jcs",
            "report guide|jcsp",
            "report heatmap|jcsp",
            "report heatmap --cols 5 --rows 4|jcs",
            "report heatmap --cols 4 --rows 4 --scope all|jcs",
            "report heatmap --cols 7 --rows 3 --scope hottest|jcs",
            "report timeline|jcs",
            "report sizing|jcs",
            "report footprint|jcs",
            "report phases|jcs",
            "report bounds|jcs",
            "report curves|jcs",
            "report curves --slice 1s|jc",
            "report idle|jcsp",
            "report windows|jcsp",
            "report objects|jcs",
            "simulate --scheme stat|jc");

    private static final List<String> WHOLE = List.of(
            "report regions|jcs",
            "report matrix|jcsp",
            "report html|",
            "report access|j",
            "report times|j",
            "report holistic|",
            "top --once|",
            "dump --table regions|j",
            "export --to csv|",
            "export --to damo-json|",
            "export --to perf-script|",
            "simulate --sweep min_age=0s..2s/1s|jc",
            "tune --scheme prcl --vary min_age=0s..2s/1s|jc",
            "advise|j",
            "compare|js",
            "compare --by working-set|j");

    private static final List<String> SQL = List.of(
            "SELECT * FROM wss ORDER BY ALL",
            "SELECT * FROM heat ORDER BY ALL LIMIT 300",
            "SELECT * FROM idle ORDER BY ALL LIMIT 300",
            "SELECT target, max(bytes), count(*) FROM wss GROUP BY ALL ORDER BY ALL",
            "SELECT trace, count(*), sum(nr_accesses) FROM regions GROUP BY ALL ORDER BY ALL");

    private static final Pattern SEVERAL = Pattern.compile(
            "report (wss|idle|windows|objects|footprint|sizing|bounds|phases|guide|regions|curves|matrix).*|sql.*|advise.*");

    @TempDir
    Path dir;

    private static List<String> question(Random random) {
        if (random.nextInt(8) == 0) {
            return List.of("sql", "-c", SQL.get(random.nextInt(SQL.size())), random.nextBoolean() ? "--csv" : "--json");
        }
        boolean isParted = random.nextInt(3) > 0;
        List<String> verbs = isParted ? PARTED : WHOLE;
        String[] verb = verbs.get(random.nextInt(verbs.size())).split("\\|", 2);
        List<String> words = new ArrayList<>(List.of(verb[0].split(" ")));
        boolean isTime = verb[0].matches("simulate.*|report curves.*");
        if (isParted && random.nextBoolean()) {
            String part =
                    switch (random.nextInt(isTime || verb[0].equals("report timeline") ? 3 : 6)) {
                        case 0 -> "--time 0.5s..2s";
                        case 1 -> "--time 0s..100000s";
                        case 2 -> "--target 0";
                        case 3 -> "--address 0x550000000000..0x550001000000";
                        case 4 -> "--address 0x0..0xfffffffffffff000";
                        default -> "--snapshots " + random.nextInt(3) + ".." + (3 + random.nextInt(60));
                    };
            words.addAll(List.of(part.split(" ")));
        }
        int form = random.nextInt(verb[1].length() + 1);
        if (form < verb[1].length()) {
            switch (verb[1].charAt(form)) {
                case 'j' -> words.add("--json");
                case 'c' -> words.addAll(List.of("-o", "@csv"));
                case 's' -> words.addAll(List.of("-o", "@svg"));
                default -> words.addAll(List.of("-o", "@png"));
            }
        }
        return words;
    }

    /** What was answered, said and written; {@code refused}: whether sums might have answered and were not believed. */
    private record Answer(int exit, String out, String err, byte[] file, boolean refused) {}

    /** Asks about traces that stand at the same place whichever they are. */
    private Answer ask(List<String> question, List<Path> traces) throws IOException {
        Path file = dir.resolve("answer");
        List<Object> args = new ArrayList<>();
        for (String word : question) {
            if (word.startsWith("@")) {
                file = dir.resolve("answer." + word.substring(1));
                Files.deleteIfExists(file);
                args.add(file);
            } else {
                args.add(word);
            }
        }
        List<Path> asked = new ArrayList<>();
        for (Path trace : traces) {
            asked.add(Files.move(trace, dir.resolve("asked" + asked.size() + ".damson")));
        }
        args.addAll(asked);
        if (question.get(0).equals("compare") && traces.size() == 1) {
            args.add(asked.get(0));
        }
        CliRun run = CliRun.of(args.toArray());
        for (int i = 0; i < asked.size(); i++) {
            Files.move(asked.get(i), traces.get(i));
        }
        return new Answer(
                run.exit(),
                // Of the page and of info: what a manifest takes, which says whose the sums are.
                run.out().replaceAll("\\[\"Size\",\"[^\"]*\"]", ""),
                String.join(
                        "\n",
                        run.err()
                                .lines()
                                .filter(line -> !line.contains(REFUSED))
                                .toList()),
                Files.exists(file) ? Files.readAllBytes(file) : new byte[0],
                run.err().contains(REFUSED));
    }

    /** Another trace of the same memory, made by a verb. */
    private Path derived(Path from, int how) throws IOException {
        Path to = from.resolveSibling("of-" + from.getFileName());
        switch (how) {
            case 0 -> CliRun.of("slice", from, "-o", to, "--time", "0.5s..100s").expectAnswer();
            case 1 -> {
                Path a = from.resolveSibling("a.damson");
                Path b = from.resolveSibling("b.damson");
                CliRun.of("slice", from, "-o", a, "--snapshots", "0..20", "--force")
                        .expectAnswer();
                CliRun.of("slice", from, "-o", b, "--snapshots", "20..60", "--force")
                        .expectAnswer();
                CliRun.of("merge", a, b, "-o", to).expectAnswer();
            }
            case 2 -> {
                Path data = from.resolveSibling("damon.data");
                CliRun.of("export", from, "--to", "damo", "-o", data, "--force").expectAnswer();
                CliRun.of("import", data, "-o", to).expectAnswer();
            }
            case 3 -> {
                Path zip = from.resolveSibling(from.getFileName() + ".zip");
                CliRun.of("bundle", "--redact", from, "-o", zip).expectAnswer();
                Traces.unpack(zip, to);
            }
            default -> {
                SummedOrNot.withoutSums(from, to);
                CliRun.of("index", to, "--curves");
            }
        }
        return to;
    }

    @Test
    void everyVerbAnswersTheSameFromSumsAsFromRows() throws IOException {
        Random random = new Random(20);
        int answered = 0;
        int refused = 0;
        for (int round = 0; round < 27; round++) {
            boolean isLong = round % 5 == 4;
            List<Path> sums = new ArrayList<>();
            List<Path> rows = new ArrayList<>();
            for (int k = 0; k < 2; k++) {
                Path made = SummedOrNot.write(
                        dir.resolve("sums/" + round + "-" + k + ".damson"), random, isLong ? 3000 : 25);
                sums.add(isLong ? derived(made, round / 5) : made);
                rows.add(SummedOrNot.withoutSums(
                        sums.get(k), dir.resolve("rows").resolve(sums.get(k).getFileName())));
            }
            for (int q = 0; q < 8; q++) {
                List<String> question = question(random);
                String words = String.join(" ", question);
                boolean isPicture = words.contains("@svg") || words.contains("@png");
                int traces = SEVERAL.matcher(words).matches()
                                && !words.contains("--slice")
                                && !isPicture
                                && random.nextInt(3) == 0
                        ? 2
                        : 1;
                Answer want = ask(question, rows.subList(0, traces));
                Answer got = ask(question, sums.subList(0, traces));
                String which = round + " " + words + " " + want.err;
                assertEquals(want.exit, got.exit, which);
                assertEquals(want.out, got.out, which);
                assertEquals(want.err, got.err, which);
                assertArrayEquals(want.file, got.file, which);
                assertFalse(got.refused, which);
                // Addresses of a redacted trace are others.
                boolean isEmpty = want.err.contains("leaves nothing");
                assertTrue(isEmpty || want.exit != ExitCode.USAGE && want.exit != ExitCode.INTERNAL, which);
                answered += want.exit == ExitCode.INPUT || isEmpty ? 0 : 1;
                refused += want.refused ? 1 : 0;
            }
        }
        assertTrue(answered > 180, answered + " answers");
        assertTrue(refused > 50, refused + " of them might have been from sums");
    }

    /** Whichever bit of a kept sum is another: the same answer, or a line and none. */
    @Test
    void noByteOfASumChangesAReportSilently() throws IOException {
        Path trace = SummedOrNot.write(dir.resolve("t.damson"), new Random(9), 150);
        List<List<String>> questions = List.of(
                List.of("report", "wss", "--json"),
                List.of("report", "heatmap", "--cols", "4", "--rows", "3", "--json"),
                List.of("report", "idle"),
                List.of("report", "windows"));
        List<String> answers = new ArrayList<>();
        for (List<String> question : questions) {
            answers.add(CliRun.of(with(question, trace)).expectAnswer().out());
        }
        int changed = 0;
        for (Table table : List.of(Table.HEAT_AREAS, Table.TARGET_SUMS, Table.IDLE_SERIES, Table.SNAPSHOTS)) {
            try (TraceSource kept = Traces.open(trace)) {
                assertTrue(kept.isKept(table), table.toString());
            }
            Path file = firstFile(trace, table);
            byte[] right = Files.readAllBytes(file);
            for (int at = 0; at < right.length; at += 7) {
                byte[] wrong = right.clone();
                wrong[at] ^= (byte) (1 << at % 8);
                Files.write(file, wrong);
                int q = at % questions.size();
                CliRun run = CliRun.of(with(questions.get(q), trace));
                assertTrue(
                        run.exit() == ExitCode.INPUT || answers.get(q).equals(run.out()),
                        table + " " + at + " " + questions.get(q));
                changed++;
            }
            Files.write(file, right);
        }
        assertTrue(changed > 500, changed + " bytes");
    }

    private static Path firstFile(Path trace, Table table) throws IOException {
        try (Stream<Path> files = Files.list(trace)) {
            return files.filter(f -> f.getFileName().toString().matches(table.fileStem() + "-\\d+\\.parquet"))
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    private static Object[] with(List<String> question, Path trace) {
        List<Object> words = new ArrayList<>(question);
        words.add(trace);
        return words.toArray();
    }
}
