package org.damson.replayer;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.model.range.AddressSet;

/** Summary of a plan that the generator has checked and found valid. */
public final class PlanOutline {
    private static final Pattern CHECKED =
            Pattern.compile("(\\d{1,4}) processes, at most (\\d{1,18}) bytes at a time\\s*");

    private static final double PAGE = 4096;

    private static final int MAX_RANGES = 1 << 17;

    private final long mostBytes;
    private final List<AddressSet> mapped = new ArrayList<>();
    private long durationNs;
    private double nsPerSlice;
    private double touchedByteNs;

    private PlanOutline(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /**
     * Has the generator check a plan, then reads it.
     *
     * @throws IOException with the generator's line if it refuses the plan
     */
    public static PlanOutline read(Path accessgen, Path plan) throws IOException {
        Process check = new ProcessBuilder(
                        accessgen.toString(), "check", plan.toAbsolutePath().toString())
                .start();
        try {
            check.getOutputStream().close();
            String out = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String errors = new String(check.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            Matcher m = CHECKED.matcher(out);
            if (!m.matches()) {
                throw new IOException(errors.isBlank() ? "accessgen ended without output" : errors.strip());
            }
            PlanOutline outline = new PlanOutline(Long.parseLong(m.group(2)));
            outline.read(plan);
            return outline;
        } finally {
            check.destroy();
        }
    }

    /** Bytes x ns that a valid plan touches: the heat of a recording that sees every touch; NaN with huge pages. */
    public static double touchedByteNs(Path plan) throws IOException {
        PlanOutline outline = new PlanOutline(0);
        outline.read(plan);
        return outline.touchedByteNs;
    }

    private void read(Path plan) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(plan, StandardCharsets.ISO_8859_1)) {
            StringBuilder line = new StringBuilder();
            while (readLine(in, line)) {
                add(new StringTokenizer(line.toString(), " \t\r"));
            }
        }
    }

    /** Reads a line as the generator does: up to a newline, without comments ({@code #}). False at the end. */
    private static boolean readLine(BufferedReader in, StringBuilder line) throws IOException {
        line.setLength(0);
        boolean isTold = true;
        int c;
        while ((c = in.read()) >= 0 && c != '\n') {
            isTold = isTold && c != '#';
            if (isTold) {
                line.append((char) c);
            }
        }
        return c >= 0 || line.length() > 0 || !isTold;
    }

    private void add(StringTokenizer words) throws IOException {
        // Hostile plans have millions of lines: no word is made of what is not read.
        switch (words.hasMoreTokens() ? words.nextToken() : "") {
            case "process" -> mapped.add(new AddressSet());
            case "snapshot" -> {
                long startNs = timeNs(words.nextToken());
                long ns = timeNs(words.nextToken());
                durationNs = Math.max(durationNs, startNs + ns);
                nsPerSlice = (double) ns / Long.parseLong(words.nextToken());
            }
            case "touch" -> {
                words.nextToken();
                double bytes = sizeBytes(words.nextToken());
                double ns = nsPerSlice * Long.parseLong(words.nextToken());
                while (words.hasMoreTokens()) {
                    bytes = words.nextToken().equals("pages") ? PAGE * Double.parseDouble(words.nextToken()) : bytes;
                }
                touchedByteNs += bytes * ns;
            }
            case "map" -> {
                words.nextToken();
                long start = Long.parseUnsignedLong(words.nextToken().substring(2), 16);
                AddressSet ofProcess = mapped.get(mapped.size() - 1);
                ofProcess.add(start, start + sizeBytes(words.nextToken()), true);
                if (ofProcess.size() > MAX_RANGES) {
                    throw new IOException("more than " + MAX_RANGES + " ranges of addresses that are ever mapped");
                }
                while (words.hasMoreTokens()) {
                    // One touch is one of a whole huge page.
                    touchedByteNs = words.nextToken().startsWith("huge") ? Double.NaN : touchedByteNs;
                }
            }
            default -> {
                // what says nothing of duration and place
            }
        }
    }

    /** Number of processes. */
    public int processes() {
        return mapped.size();
    }

    /** End of the last slice, in nanoseconds from the start. */
    public long durationNs() {
        return durationNs;
    }

    /** Maximum memory filled at any time, in bytes. */
    public long mostBytes() {
        return mostBytes;
    }

    /** Whether a process maps all of {@code [start, end)}, each part at some time. */
    public boolean maps(int process, long start, long end) {
        return mapped.get(process).without(start, end).isEmpty();
    }

    private static long timeNs(String text) {
        String digits = text.replaceAll("\\D", "");
        long factor =
                switch (text.substring(digits.length())) {
                    case "ns" -> 1;
                    case "us" -> 1_000;
                    case "ms" -> 1_000_000;
                    default -> 1_000_000_000;
                };
        return Long.parseLong(digits) * factor;
    }

    private static long sizeBytes(String text) {
        int unit = "KMGT".indexOf(text.charAt(text.length() - 1));
        return unit < 0
                ? Long.parseLong(text)
                : Long.parseLong(text.substring(0, text.length() - 1)) << 10 * (unit + 1);
    }
}
