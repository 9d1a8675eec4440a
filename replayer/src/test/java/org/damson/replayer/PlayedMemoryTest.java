package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The kernel's own account of processes that play, page by page ({@code /proc/PID/smaps} and {@code pagemap}), against what random plans
 * say: mappings of all kinds that come, grow, shrink and go in several processes, of which all or some pages are filled, read or
 * written. Each plan is played up to each of its stages, so that nothing has to be looked at in passing.
 */
final class PlayedMemoryTest {
    private static final Path ACCESSGEN = Path.of("..", "native", "build", "accessgen");
    private static final long PAGE = 4096;
    private static final long HUGE = 512;
    private static final int STAGES = 4;
    private static final List<String> MARKS = List.of("", " apart", " aside");
    private static final List<String> KINDS = List.of("", "small", "huge", "file", "file shared", "shared", "none");

    @TempDir
    Path dir;

    private String hugePages = "[never]";

    /** A mapping, in pages. */
    private record Piece(long start, long end, String kind, String mark) {
        boolean has(long from, long to) {
            return start <= from && to <= end;
        }
    }

    private record Fill(long start, long end, String line) {}

    /** A page of the plan: of which piece, whether it is there, and whether it is the process's own and not a file's or shared. */
    private static final class Page {
        final Piece piece;
        boolean isPresent;
        boolean isOwn;

        Page(Piece piece) {
            this.piece = piece;
        }
    }

    /** One process of a plan as it is written: its lines by stage, and its pages. */
    private final class Model {
        final Random random;
        final long base;
        final List<StringBuilder> stages = new ArrayList<>();
        final List<Fill> fills = new ArrayList<>();
        TreeMap<Long, Page> pages = new TreeMap<>();
        private long ends;

        Model(Random random, int number) {
            this.random = random;
            base = (0x2000_0000_0000L + number * 0x10_0000_0000L) / PAGE;
            ends = base;
        }

        private StringBuilder line(String what, int stage, long start, long end) {
            return stages.get(stage)
                    .append(what)
                    .append(what.equals("touch") ? "" : " " + stage * 4 + "ms")
                    .append(" 0x" + Long.toHexString(start * PAGE) + " " + (end - start) * 4 + "K");
        }

        /** A stage more. */
        void go(int stage) {
            stages.add(new StringBuilder());
            for (int i = 0; i < 2 + random.nextInt(3); i++) {
                map(stage);
            }
            for (int i = 0; i < 3; i++) {
                fill(stage);
            }
            if (stage > 0) {
                unmap(stage);
            }
            stages.get(stage).append("snapshot " + stage * 4 + "ms 2ms 2\n");
            for (Fill f : fills) {
                if (pages.subMap(f.start, f.end).size() == f.end - f.start && random.nextBoolean()) {
                    line("touch", stage, f.start, f.end).append(" 2" + f.line + "\n");
                }
            }
        }

        /** Behind the last one, which grows, or apart from it. */
        private void map(int stage) {
            String kind = KINDS.get(random.nextInt(KINDS.size()));
            // Before the start huge pages are had or the plan is refused; where the kernel gives them unasked, more
            // pages are there.
            kind = kind.equals("huge") && (stage == 0 || hugePages.contains("[never]"))
                            || kind.isEmpty() && hugePages.contains("[always]")
                    ? "small"
                    : kind;
            long start = ends + (random.nextBoolean() ? 0 : 1 + random.nextInt(3000));
            long size = 1 + random.nextInt(600);
            if (kind.equals("huge")) {
                start = (start + HUGE - 1) / HUGE * HUGE;
                size = HUGE * (1 + random.nextInt(2));
            }
            Piece piece = new Piece(start, start + size, kind, MARKS.get(random.nextInt(MARKS.size())));
            ends = piece.end;
            line("map", stage, piece.start, piece.end)
                    .append(kind.isEmpty() ? "" : " " + kind.split(" ")[0])
                    .append(piece.mark)
                    .append(kind.startsWith("file") ? kind.substring(4) : "")
                    .append("\n");
            LongStream.range(piece.start, piece.end).forEach(p -> pages.put(p, new Page(piece)));
        }

        private void fill(int stage) {
            List<Piece> all = pages.values().stream()
                    .map(p -> p.piece)
                    .distinct()
                    .filter(p -> !p.kind.equals("none"))
                    .toList();
            if (all.isEmpty()) {
                return;
            }
            Piece piece = all.get(random.nextInt(all.size()));
            long first = piece.kind.equals("huge")
                    ? piece.start
                    : piece.start + random.nextInt((int) (piece.end - piece.start));
            long last = piece.kind.equals("huge") ? piece.end : first + 1 + random.nextInt((int) (piece.end - first));
            if (pages.subMap(first, last).size() != last - first) {
                return; // some of it has gone
            }
            long some = last - first;
            String line = "";
            if (!piece.kind.isEmpty() && !piece.kind.equals("huge") && random.nextBoolean()) {
                some = 1 + random.nextInt((int) some);
                line = " pages " + some;
            }
            long written = some;
            if (piece.kind.startsWith("file") && random.nextBoolean()) {
                written = random.nextInt((int) some + 1);
                line += " written " + written;
            }
            line("fill", stage, first, last).append(line + "\n");
            fills.add(new Fill(first, last, line));
            // The first by their numbers with the bits reversed.
            List<Long> order = LongStream.range(first, last)
                    .boxed()
                    .sorted(Comparator.comparing(Long::reverse, Long::compareUnsigned))
                    .toList();
            for (int i = 0; i < some; i++) {
                Page p = pages.get(order.get(i));
                p.isPresent = true;
                p.isOwn |= i < written && !piece.kind.endsWith("shared");
            }
        }

        /** The whole of a piece, or its begin, middle or end. */
        private void unmap(int stage) {
            List<Piece> all =
                    pages.values().stream().map(p -> p.piece).distinct().toList();
            Piece piece = all.get(random.nextInt(all.size()));
            long unit = piece.kind.equals("huge") ? HUGE : 1;
            long units = (piece.end - piece.start) / unit;
            long first = piece.start + random.nextInt((int) units) * unit;
            long last = first + (1 + random.nextInt((int) ((piece.end - first) / unit))) * unit;
            if (pages.subMap(first, last).size() == last - first && all.size() > 1) {
                line("unmap", stage, first, last).append("\n");
                pages.subMap(first, last).clear();
            }
        }

        TreeMap<Long, Page> copy() {
            TreeMap<Long, Page> copy = new TreeMap<>();
            pages.forEach((n, p) -> {
                Page same = new Page(p.piece);
                same.isPresent = p.isPresent;
                same.isOwn = p.isOwn;
                copy.put(n, same);
            });
            return copy;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void aProcessHasThePagesThatThePlanSays(int seed) throws Exception {
        Random random = new Random(seed);
        Path setting = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
        hugePages = Files.exists(setting) ? Files.readString(setting) : hugePages;
        List<Model> models = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            models.add(new Model(random, i));
        }
        PlayOptions how = new PlayOptions(random.nextBoolean(), 1 + random.nextInt(3), null, null, null);
        long block = 12 + (how.flushTlb() ? 64 : 0) + how.threads() - 1;
        for (int stage = 0; stage < STAGES; stage++) {
            for (Model m : models) {
                m.go(stage);
            }
            Path plan = dir.resolve("plan-" + stage);
            Files.writeString(plan, text(models));
            try (Replayer replayer = Replayer.start(ACCESSGEN, plan, how)) {
                String at = "seed " + seed + ", stage " + stage + ", process ";
                if (stage == 0) {
                    check(replayer, models, block, at + "before ");
                }
                replayer.go();
                replayer.await();
                check(replayer, models, block, at);
            }
        }
    }

    private static String text(List<Model> models) {
        StringBuilder text = new StringBuilder("damson-plan 1\n");
        for (Model m : models) {
            text.append("process p\n");
            m.stages.forEach(text::append);
        }
        return text.toString();
    }

    private static void check(Replayer replayer, List<Model> models, long block, String at) throws IOException {
        for (int i = 0; i < models.size(); i++) {
            check(replayer.pids().get(i), models.get(i).copy(), block, at + i);
        }
    }

    private static void check(long pid, TreeMap<Long, Page> pages, long block, String at) throws IOException {
        Map<Long, String> wanted = new TreeMap<>();
        pages.forEach((n, p) -> wanted.put(n, permissions(p.piece.kind)));
        Map<Long, String> mapped = new TreeMap<>();
        TreeSet<Long> others = new TreeSet<>();
        TreeSet<Long> bounds = new TreeSet<>();
        Map<String, Long> sums = new HashMap<>();
        boolean isOfPlan = false;
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps"))) {
            String[] f = line.split("\\s+");
            if (f[0].matches("[0-9a-f]+-[0-9a-f]+")) {
                long start = Long.parseUnsignedLong(f[0].split("-")[0], 16);
                long end = Long.parseUnsignedLong(f[0].split("-")[1], 16);
                isOfPlan = pages.containsKey(start / PAGE);
                bounds.add(start / PAGE);
                for (long p = start / PAGE; start > 0 && p < end / PAGE; p++) {
                    if (isOfPlan) {
                        mapped.put(p, f[1] + (f[4].equals("0") ? "" : " file"));
                    } else {
                        others.add(p);
                    }
                }
            } else if (isOfPlan && line.endsWith(" kB")) {
                sums.merge(f[0], Long.parseLong(f[1]) / 4, Long::sum);
            }
        }
        assertEquals(wanted, mapped, at);
        assertEquals(block, others.size(), at);
        assertEquals(block, others.last() - others.first() + 1, at);
        pages.forEach((n, p) -> {
            Page before = pages.get(n - 1);
            assertTrue(before == null || before.piece.mark.equals(p.piece.mark) || bounds.contains(n), at);
        });
        checkPages(pid, pages, sums.get("Rss:"), at);
        long huge = pages.values().stream()
                .filter(p -> p.piece.kind.equals("huge"))
                .filter(p -> p.isPresent)
                .count();
        assertTrue(sums.get("AnonHugePages:") <= huge, at);
    }

    private static String permissions(String kind) {
        // Shared memory without a name is a file of the kernel's own.
        return switch (kind) {
            case "none" -> "---p";
            case "file" -> "rw-p file";
            case "shared", "file shared" -> "rw-s file";
            default -> "rw-p";
        };
    }

    private static void checkPages(long pid, TreeMap<Long, Page> pages, long resident, String at) throws IOException {
        long present = 0;
        try (RandomAccessFile map = new RandomAccessFile("/proc/" + pid + "/pagemap", "r")) {
            byte[] entry = new byte[8];
            for (Map.Entry<Long, Page> e : pages.entrySet()) {
                map.seek(e.getKey() * 8);
                map.readFully(entry);
                long bits =
                        ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN).getLong();
                boolean isThere = (bits >>> 62) != 0; // or swapped
                boolean isOfFile = (bits >>> 61 & 1) != 0;
                Page p = e.getValue();
                String what = at + ": page " + Long.toHexString(e.getKey()) + " of " + p.piece;
                assertEquals(p.isPresent, isThere, what);
                assertEquals(p.isPresent && !p.isOwn, isThere && isOfFile, what);
                present += bits < 0 ? 1 : 0;
            }
        }
        assertEquals(present, resident, at);
    }
}
