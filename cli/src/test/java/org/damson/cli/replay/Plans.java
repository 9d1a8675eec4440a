package org.damson.cli.replay;

import java.util.ArrayList;
import java.util.List;

/** Plans as text, made into others of the same mappings. */
final class Plans {
    private Plans() {}

    /** A snapshot and its touches, as lines. */
    private record Block(long timeNs, long durationNs, List<String> lines) {}

    /** The same snapshots, the last first. What is mapped is so from the beginning. */
    static String reversed(String plan) {
        List<String> head = new ArrayList<>();
        List<Block> blocks = blocks(plan, head);
        StringBuilder reversed = new StringBuilder();
        head.forEach(line -> reversed.append(line).append('\n'));
        long endNs =
                blocks.stream().mapToLong(b -> b.timeNs + b.durationNs).max().orElse(0);
        for (int i = blocks.size() - 1; i >= 0; i--) {
            Block b = blocks.get(i);
            String[] snapshot = b.lines.get(0).split(" ");
            snapshot[1] = endNs - b.timeNs - b.durationNs + "ns";
            reversed.append(String.join(" ", snapshot)).append('\n');
            b.lines.stream().skip(1).forEach(line -> reversed.append(mirrored(line))
                    .append('\n'));
        }
        return reversed.toString();
    }

    private static String mirrored(String touch) {
        return touch.endsWith(" first") ? touch.replace(" first", " last") : touch.replace(" last", " first");
    }

    /**
     * Of each snapshot so many times the heat: touches in more slices, and where they are in all, of memory that is filled and was
     * not touched.
     */
    static String hotter(String plan, double factor) {
        List<String> head = new ArrayList<>();
        List<Block> blocks = blocks(plan, head);
        List<long[]> filled = head.stream()
                .filter(l -> l.startsWith("fill "))
                .map(l -> range(l.split(" "), 2))
                .toList();
        StringBuilder hotter = new StringBuilder();
        head.forEach(line -> hotter.append(line).append('\n'));
        for (Block b : blocks) {
            int slices = Integer.parseInt(b.lines.get(0).split(" ")[3]);
            hotter.append(b.lines.get(0)).append('\n');
            List<long[]> touched = new ArrayList<>();
            double missing = 0;
            for (String line : b.lines.subList(1, b.lines.size())) {
                String[] words = line.split(" ");
                long[] r = range(words, 1);
                int samples = Integer.parseInt(words[3]);
                int more = (int) Math.min(slices, Math.round(samples * factor));
                missing += (samples * factor - more) * (r[1] - r[0]);
                touched.add(r);
                words[3] = Integer.toString(more);
                hotter.append(String.join(" ", words)).append('\n');
            }
            for (long[] area : filled) {
                for (long at = area[0]; at < area[1] && missing >= slices * 4096.0; ) {
                    long from = at;
                    long[] in = touched.stream()
                            .filter(t -> t[0] <= from && from < t[1])
                            .findFirst()
                            .orElse(null);
                    if (in != null) {
                        at = in[1];
                        continue;
                    }
                    long end = touched.stream()
                            .mapToLong(t -> t[0])
                            .filter(start -> start > from)
                            .min()
                            .orElse(area[1]);
                    long bytes = Math.min(Math.min(end, area[1]) - at, (long) (missing / slices) & -4096);
                    hotter.append("touch 0x" + Long.toHexString(at) + " " + bytes + " " + slices + "\n");
                    missing -= (double) bytes * slices;
                    at += bytes;
                }
            }
        }
        return hotter.toString();
    }

    /**
     * Touches of equal areas, one behind the other, made in others of them, or in the first half of their own alone. What is mapped
     * and filled stays.
     *
     * @param first address of the first area
     * @param bytes of each
     * @param to the area in which the touches of each are made
     * @param share 1, or 0.5 for half of each
     */
    static String moved(String plan, long first, long bytes, int[] to, double share) {
        StringBuilder moved = new StringBuilder();
        for (String line : plan.split("\n")) {
            String[] words = line.split(" ");
            long[] r = words[0].equals("touch") ? range(words, 1) : new long[] {0, 0};
            if (r[0] < first || r[1] > first + to.length * bytes) {
                moved.append(line).append('\n');
                continue;
            }
            for (long at = r[0]; at < r[1]; ) {
                int area = (int) ((at - first) / bytes);
                long end = Math.min(r[1], first + (area + 1) * bytes);
                long offset = (long) ((at - first - area * bytes) * share) & -4096;
                long size = Math.max(4096, (long) ((end - at) * share) & -4096);
                String more = String.join(" ", List.of(words).subList(3, words.length));
                moved.append("touch 0x" + Long.toHexString(first + to[area] * bytes + offset) + " " + size + " "
                        + more.replaceFirst(" pages .*", "") + "\n");
                at = end;
            }
        }
        return moved.toString();
    }

    private static List<Block> blocks(String plan, List<String> head) {
        List<Block> blocks = new ArrayList<>();
        for (String line : plan.split("\n")) {
            String[] words = line.split(" ");
            if (words[0].equals("snapshot")) {
                blocks.add(new Block(ns(words[1]), ns(words[2]), new ArrayList<>(List.of(line))));
            } else if (words[0].equals("touch")) {
                blocks.get(blocks.size() - 1).lines.add(line);
            } else if (blocks.isEmpty()) {
                head.add(line);
            } else {
                throw new AssertionError("mappings that change: " + line);
            }
        }
        return blocks;
    }

    private static long[] range(String[] words, int first) {
        long start = Long.parseLong(words[first].substring(2), 16);
        String size = words[first + 1];
        int unit = "KMGT".indexOf(size.charAt(size.length() - 1));
        long bytes = unit < 0
                ? Long.parseLong(size)
                : Long.parseLong(size.substring(0, size.length() - 1)) << 10 * (unit + 1);
        return new long[] {start, start + bytes};
    }

    private static long ns(String time) {
        long value = Long.parseLong(time.replaceAll("\\D", ""));
        return time.endsWith("ns")
                ? value
                : time.endsWith("us") ? value * 1000 : time.endsWith("ms") ? value * 1_000_000 : value * 1_000_000_000;
    }
}
