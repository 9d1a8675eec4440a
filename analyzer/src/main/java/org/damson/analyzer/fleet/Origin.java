package org.damson.analyzer.fleet;

import java.io.IOException;
import java.io.Serializable;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Where a trace was recorded: by its directories, else by its labels, else by its manifest.
 *
 * @param service {@link #UNKNOWN} if it is not known
 * @param host likewise
 * @param day of its first snapshot in UTC, as {@code 2026-11-30}
 */
public record Origin(String service, String host, String day) implements Serializable {
    private static final long serialVersionUID = 1L;

    public static final String UNKNOWN = "-";
    private static final String SERVICE = "service";
    private static final String HOST = "host";
    private static final String DAY = "day";

    /** A name without its NUL characters, which separate names: no other program takes them either. */
    public Origin {
        service = service.replace('\0', '\ufffd');
        host = host.replace('\0', '\ufffd');
        day = day.replace('\0', '\ufffd');
    }

    /** @param doubts receives contradictions between a trace and its directories */
    public static Origin of(FleetTrace where, TraceSource trace, Consumer<String> doubts) throws IOException {
        Manifest m = trace.manifest();
        Map<String, String> labels = labels(m);
        Map<String, String> partition = where.partition();
        labels.forEach((key, value) -> {
            String above = partition.get(key);
            if (above != null && !above.equals(value)) {
                doubts.accept("its label is " + key + "=" + value + ", its directory " + key + "=" + above
                        + ": counted by the directory");
            }
        });
        Map<String, String> all = new TreeMap<>(labels);
        all.putAll(partition);
        String host = ManifestKey.HOST_NAME.get(m) instanceof String name && !name.isEmpty() ? name : UNKNOWN;
        return new Origin(
                all.getOrDefault(SERVICE, UNKNOWN),
                all.getOrDefault(HOST, host),
                day(all.get(DAY), partition.containsKey(DAY) ? "directory" : "label", trace, doubts));
    }

    /**
     * The day that counts.
     *
     * @param said null if nothing says it but the clock
     * @param by what says it
     */
    private static String day(String said, String by, TraceSource trace, Consumer<String> doubts) throws IOException {
        LocalDate clock = date(trace);
        if (said == null) {
            return clock == null ? UNKNOWN : clock.toString();
        }
        try {
            if (clock != null && Math.abs(ChronoUnit.DAYS.between(LocalDate.parse(said), clock)) > 1) {
                doubts.accept("its clock says " + clock + ", its " + by + " day=" + said + ": counted by the " + by);
            }
        } catch (DateTimeException e) {
            // days by other names are as good
        }
        return said;
    }

    /** The day of the first snapshot, null if the trace does not know the time of day. */
    private static LocalDate date(TraceSource trace) throws IOException {
        Long toEpochNs = trace.manifest().toEpochNs;
        Snapshot first = new Snapshot();
        try (TraceSource.SnapshotCursor cursor =
                trace.snapshots(TraceQuery.ALL.snapshots(0, 1).columns(0))) {
            if (toEpochNs == null || !cursor.next(first)) {
                return null;
            }
        }
        return LocalDate.ofInstant(
                Instant.ofEpochSecond(Math.floorDiv(first.startNs + toEpochNs, 1_000_000_000L)), ZoneOffset.UTC);
    }

    /** Whether a trace has these labels; service, host and day are what they are counted by. */
    static boolean has(FleetTrace where, TraceSource trace, Map<String, String> wanted) throws IOException {
        if (wanted.isEmpty()) {
            return true;
        }
        Map<String, String> all = new TreeMap<>(labels(trace.manifest()));
        all.putAll(where.partition());
        Origin origin = of(where, trace, doubt -> {});
        all.putAll(Map.of(SERVICE, origin.service, HOST, origin.host, DAY, origin.day));
        return wanted.entrySet().stream().allMatch(w -> w.getValue().equals(all.get(w.getKey())));
    }

    /** The labels of a manifest; what is not a label is passed over. */
    private static Map<String, String> labels(Manifest m) {
        Map<String, String> labels = new TreeMap<>();
        for (Object label : ManifestKey.LABELS.list(m)) {
            String text = String.valueOf(label);
            int equals = text.indexOf('=');
            if (equals > 0 && equals + 1 < text.length()) { // without a value there is none, as with directories
                labels.put(text.substring(0, equals), text.substring(equals + 1));
            }
        }
        return labels;
    }
}
