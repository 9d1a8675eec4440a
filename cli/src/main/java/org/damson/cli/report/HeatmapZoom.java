package org.damson.cli.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.damson.analyzer.heatmap.Heatmap;
import org.damson.analyzer.heatmap.HeatmapOptions;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.render.text.TextReports;
import org.damson.analyzer.scan.Area;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.Printable;

/**
 * {@code report heatmap --interactive}: draws, reads a line of keys, and draws again, until asked to stop. In the end it says
 * which command draws the last picture.
 */
final class HeatmapZoom {
    private static final String HELP =
            """
            h l  earlier, later            j k  lower, higher addresses (a quarter of what is shown)
            + -  zoom in and out           t T  in time only, in and out     a A  in addresses only
            r    all of it again           q    quit (so does the end of input)
            Several keys make one line, as in ++l.
            """;

    /** What is shown of a range, as distance from the range's start. */
    private static final class Window {
        final long start;
        final long size;
        private final long grain;
        long from;
        long length;

        /** @param grain no less is shown, and what is shown begins at multiples of it */
        Window(long start, long size, long grain) {
            this.start = start;
            this.size = Math.max(1, size);
            this.grain = grain;
            length = this.size;
        }

        void zoom(boolean in) {
            long wanted = in ? Math.max(Math.min(grain, size), length / 2) : length > size / 2 ? size : length * 2;
            show(from + (length - wanted) / 2, wanted);
        }

        void pan(int direction) {
            show(from + direction * Math.max(grain, length / 4), length);
        }

        void reset() {
            show(0, size);
        }

        private void show(long wantedFrom, long wantedLength) {
            length = wantedLength;
            long last = size - length;
            from = Math.max(0, Math.min(last, wantedFrom));
            from -= from == last ? 0 : from % grain;
        }
    }

    private final TraceSource trace;
    private final TraceQuery query;
    private final HeatmapOptions options;
    private final Console console;
    private final Window time;
    private final Window addresses;
    private final Long target;

    /** What to say below the next picture. */
    private String said = "";

    private HeatmapZoom(
            TraceSource trace, TraceQuery query, HeatmapOptions options, Console console, HeatmapResult first) {
        this.trace = trace;
        this.query = query;
        this.options = new HeatmapOptions(options.cols(), options.rows(), HeatmapOptions.Scope.ALL);
        this.console = console;
        Area area = first.areas().get(0);
        time = new Window(first.fromNs(), first.toNs() - first.fromNs(), 1000);
        // No memory is larger than what a long can count.
        long size = area.sizeBytes() < 0 ? Long.MAX_VALUE : area.sizeBytes();
        addresses = new Window(area.start(), size, 4096);
        target = area.key().target();
    }

    /**
     * Runs until the person quits.
     *
     * @param kept options that the command in the end has to have too
     */
    static int run(TraceSource trace, TraceQuery query, HeatmapOptions options, Path path, String kept, Console console)
            throws IOException {
        HeatmapResult first = Heatmap.compute(
                trace, query, new HeatmapOptions(options.cols(), options.rows(), HeatmapOptions.Scope.HOTTEST));
        if (first.areas().isEmpty()) {
            console.out().print(TextReports.heatmap(first, false));
            return ExitCode.OK;
        }
        HeatmapZoom zoom = new HeatmapZoom(trace, query, options, console, first);
        BufferedReader in = new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8));
        PrintStream out = console.out();
        boolean quit = false;
        while (!quit) {
            zoom.draw();
            out.print("h j k l + - t T a A r q, ? explains: ");
            out.flush();
            String keys = in.readLine();
            quit = keys == null || !zoom.take(keys);
        }
        out.println();
        out.println("damson report heatmap " + quoted(path.toString()) + zoom.options(Shared.startNs(trace)) + kept);
        return ExitCode.OK;
    }

    private void draw() throws IOException {
        HeatmapResult map = Heatmap.compute(
                trace,
                query.target(target)
                        .time(time.start + time.from, time.start + time.from + time.length)
                        .address(addresses.start + addresses.from, addresses.start + addresses.from + addresses.length),
                options);
        String picture = TextReports.heatmap(map, console.isColoured());
        console.screen().print(console.isTerminal() ? "\u001b[H\u001b[2J" : "");
        console.out().print(picture + said);
        said = "";
    }

    /** Does what the keys say; false if they say to quit. */
    private boolean take(String keys) {
        for (char key : keys.toCharArray()) {
            switch (key) {
                case 'h' -> time.pan(-1);
                case 'l' -> time.pan(1);
                case 'j' -> addresses.pan(-1);
                case 'k' -> addresses.pan(1);
                case '+', '-' -> {
                    time.zoom(key == '+');
                    addresses.zoom(key == '+');
                }
                case 't', 'T' -> time.zoom(key == 't');
                case 'a', 'A' -> addresses.zoom(key == 'a');
                case 'r' -> {
                    time.reset();
                    addresses.reset();
                }
                case 'q' -> {
                    return false;
                }
                case ' ', '\t' -> {}
                case '?' -> said = HELP;
                default -> said = "no key '" + Printable.line(String.valueOf(key)) + "'; ? lists them\n";
            }
        }
        return true;
    }

    private String options(long startNs) {
        long from = time.start + time.from - startNs;
        long at = addresses.start + addresses.from;
        return " --scope all --target " + Long.toUnsignedString(target) + " --time " + exact(from) + ".."
                + exact(from + time.length) + " --address " + Units.address(at) + ".."
                + (at + addresses.length == 0 ? "" : Units.address(at + addresses.length)) + " --cols "
                + options.cols() + " --rows " + options.rows();
    }

    private static String exact(long ns) {
        return ns % 1_000_000 == 0 ? ns / 1_000_000 + "ms" : ns % 1000 == 0 ? ns / 1000 + "us" : ns + "ns";
    }

    /** As a shell takes it. */
    private static String quoted(String text) {
        return text.matches("[A-Za-z0-9_./+:@%=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
