package org.damson.cli.record;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.OptionFile;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.model.text.NativeText;
import org.damson.recorder.Operation;

/** The options of {@code record} that are about running for long: rotation, limits, flight recorder, metrics. */
final class OperationOptions {
    private static final Option ROTATE = Shared.value(
            null,
            "rotate",
            "TIME",
            "rotation interval: begin a new trace each time; the output is then a directory of traces");
    private static final Option ROTATE_SIZE = Shared.value(
            null, "rotate-size", "SIZE", "rotation size: begin a new trace when the current one has this size");
    private static final Option RETAIN =
            Shared.value(null, "retain", "TIME", "remove traces that ended longer ago than this, as in 7d");
    private static final Option RETAIN_SIZE =
            Shared.value(null, "retain-size", "SIZE", "remove the oldest traces while all take more than this");
    private static final Option MAX_DISK = Shared.value(
            null,
            "max-disk",
            "SIZE",
            "limit on disk space: the oldest traces of a series are removed, else recording pauses");
    private static final Option MIN_FREE =
            Shared.value(null, "min-free", "SIZE", "pause while the disk has less room than this (default 64M)");
    private static final Option FLIGHT = Shared.value(
            null, "flight-recorder", "TIME", "keep only the last TIME; write it out on SIGUSR1 or a --trigger event");
    private static final Option RING_DIR = Shared.value(
            null, "ring-dir", "DIR", "directory of the flight recorder's ring; /dev/shm/NAME keeps it in memory");
    private static final Option TRIGGER = Shared.value(
            null,
            "trigger",
            "LIST",
            "event that writes the flight recorder's ring out: death, exit, exit=N, memory=PERCENT, io=PERCENT, cpu=PERCENT");
    private static final Option METRICS_FILE =
            Shared.value(null, "metrics-file", "FILE", "write metrics to FILE every 10 s, in Prometheus text format");
    private static final Option METRICS_PORT =
            Shared.value(null, "metrics-port", "PORT", "serve metrics on http://127.0.0.1:PORT/metrics");

    static final List<Option> OPTIONS = List.of(
            ROTATE,
            ROTATE_SIZE,
            RETAIN,
            RETAIN_SIZE,
            MAX_DISK,
            MIN_FREE,
            FLIGHT,
            RING_DIR,
            TRIGGER,
            METRICS_FILE,
            METRICS_PORT);

    private OperationOptions() {}

    /** What the options ask for. */
    static Operation read(CommandLine line) {
        long flightNs = timeNs(line, FLIGHT);
        boolean rotates = line.hasOption(ROTATE) || line.hasOption(ROTATE_SIZE);
        if (flightNs > 0 && rotates) {
            throw new UsageException("--flight-recorder rotates by itself: omit --rotate");
        }
        if (!rotates && (line.hasOption(RETAIN) || line.hasOption(RETAIN_SIZE))) {
            throw new UsageException("--retain and --retain-size require --rotate or --rotate-size");
        }
        if (flightNs == 0 && (line.hasOption(RING_DIR) || line.hasOption(TRIGGER))) {
            throw new UsageException("--ring-dir and --trigger require --flight-recorder");
        }
        if (line.hasOption(FLIGHT) && flightNs < 1_000_000_000L || rotates && tooShort(line)) {
            throw new UsageException("--flight-recorder and --rotate: 1s or more; --rotate-size: 64K or more");
        }
        return new Operation(
                timeNs(line, ROTATE),
                sizeBytes(line, ROTATE_SIZE, 0),
                timeNs(line, RETAIN),
                sizeBytes(line, RETAIN_SIZE, 0),
                sizeBytes(line, MAX_DISK, 0),
                sizeBytes(line, MIN_FREE, Operation.MIN_FREE_BYTES),
                flightNs,
                path(line, RING_DIR),
                triggers(line),
                metrics(line),
                port(line));
    }

    /** Metrics are written anew again and again, beside what is there: a missing directory would only be noticed then. */
    private static Path metrics(CommandLine line) {
        Path file = path(line, METRICS_FILE);
        Path directory = file == null ? null : file.toAbsolutePath().getParent();
        if (directory != null && !Files.isDirectory(directory)) {
            throw new UsageException("--metrics-file " + file + ": no such directory: " + directory);
        }
        return file == null ? null : OptionFile.noDirectory("--metrics-file " + file, file);
    }

    private static boolean tooShort(CommandLine line) {
        return line.hasOption(ROTATE) && timeNs(line, ROTATE) < 1_000_000_000L
                || line.hasOption(ROTATE_SIZE) && sizeBytes(line, ROTATE_SIZE, 0) < 64 << 10;
    }

    private static List<Operation.Trigger> triggers(CommandLine line) {
        List<Operation.Trigger> triggers = new ArrayList<>();
        if (line.hasOption(TRIGGER)) {
            for (String text : line.getOptionValue(TRIGGER).split(",", -1)) {
                triggers.add(trigger(text.trim()));
            }
        }
        return triggers;
    }

    private static Operation.Trigger trigger(String text) {
        int equals = text.indexOf('=');
        String what = equals < 0 ? text : text.substring(0, equals);
        String value = equals < 0 ? null : text.substring(equals + 1);
        switch (what) {
            case "death" -> {
                if (value == null) {
                    return new Operation.Trigger.Death();
                }
            }
            case "exit" -> {
                if (value == null) {
                    return new Operation.Trigger.Exit(null);
                }
                long status = Quantities.count(TRIGGER, value);
                if (status <= 255) {
                    return new Operation.Trigger.Exit((int) status);
                }
            }
            case "memory", "io", "cpu" -> {
                if (value != null) {
                    double percent = Quantities.percent(TRIGGER, value);
                    if (percent > 0 && percent <= 100) {
                        return new Operation.Trigger.Pressure(what, percent);
                    }
                }
            }
            default -> {}
        }
        throw new UsageException("--trigger: '" + text + "': expected one of death, exit, exit=0..255, memory=PERCENT,"
                + " io=PERCENT, cpu=PERCENT");
    }

    private static int port(CommandLine line) {
        if (!line.hasOption(METRICS_PORT)) {
            return 0;
        }
        long port = Quantities.count(METRICS_PORT, line.getOptionValue(METRICS_PORT));
        if (port < 1 || port > 65535) {
            throw new UsageException("--metrics-port: 1 to 65535");
        }
        return (int) port;
    }

    private static Path path(CommandLine line, Option option) {
        return line.hasOption(option) ? NativeText.path(line.getOptionValue(option)) : null;
    }

    private static long timeNs(CommandLine line, Option option) {
        return line.hasOption(option) ? Quantities.positiveNs(option, line.getOptionValue(option)) : 0;
    }

    private static long sizeBytes(CommandLine line, Option option, long normal) {
        String text = line.getOptionValue(option);
        // A disk may be filled to its end on purpose; other sizes of 0 would be no limit at all.
        return text == null
                ? normal
                : option == MIN_FREE ? Quantities.sizeBytes(option, text) : Quantities.positiveBytes(option, text);
    }
}
