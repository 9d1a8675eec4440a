package org.damson.api;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Working sets and idle memory of many traces, by service, day and host; what {@code damson fleet report} prints, worked out within this
 * process.
 *
 * <pre>{@code
 * Path trace = Files.createDirectories(directory.resolve("service=web/host=web1")).resolve("run.damson");
 * try (TraceWriter writer = TraceWriter.create(trace, 5_000, 100_000)) {
 *     writer.write(Snapshot.builder(1).time(0, 100_000_000).region(0x10000, 0x20000, 20, 0).build());
 * }
 * Fleet fleet = Fleet.report(directory);
 * Report.Table services = fleet.table("services");
 * System.out.println(services.cell(0, "service") + ": " + services.cell(0, "wss_total_bytes") + " bytes");
 * }</pre>
 *
 * <p>Of a trace the service, host and day are those of its directories, else of its labels, else of its manifest. A host is what its
 * traces of one service are together, weighted by their time.
 *
 * @param tables {@code fleet}, {@code services}, {@code days}, {@code hosts}, {@code host_days}, {@code changes} within a week, {@code
 *     troubles}; they have no rows where nothing is known
 * @param troubles what is wrong with single traces, by path
 * @param notes one line for each thing that a reader has to know beside the figures
 */
public record Fleet(List<Report.Table> tables, List<Trouble> troubles, List<String> notes) {
    /**
     * A trace or directory that makes the result incomplete.
     *
     * @param reason one line
     */
    public record Trouble(String path, Kind kind, String reason) {
        /** How it was treated. */
        public enum Kind {
            /** It counts nowhere. */
            LEFT_OUT,
            /** Another copy of the same recording counts. */
            DUPLICATE,
            /** It counts, within the limits that the reason gives. */
            DOUBTFUL
        }
    }

    /** Keeps copies of the lists. */
    public Fleet {
        tables = List.copyOf(tables);
        troubles = List.copyOf(troubles);
        notes = List.copyOf(notes);
    }

    /**
     * Reads every trace ({@code NAME.damson}) and bundle ({@code NAME.damson.zip}) below these directories; a root may also be a trace or
     * bundle itself. One that cannot be read does not end the report: it is listed among the troubles.
     *
     * @throws java.nio.file.NoSuchFileException if one of them is not there
     * @throws IllegalArgumentException if one is a path of another file system than the default one
     */
    public static Fleet report(Path... roots) throws IOException {
        return Engines.get().fleet(List.of(roots));
    }

    /**
     * One of the tables.
     *
     * @throws IllegalArgumentException if no table has that name
     */
    public Report.Table table(String name) {
        return Report.table(tables, name);
    }
}
