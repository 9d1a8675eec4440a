package org.damson.model;

import static org.damson.model.Column.i32;
import static org.damson.model.Column.i64;
import static org.damson.model.Column.text;

import java.util.List;
import java.util.Locale;

/** The tables of a trace, format version 1. Column order is the order on disk; new columns go to the end. */
public enum Table {
    /**
     * One row per snapshot and target, in time order; {@code snapshot_id} grows by one. The columns from {@code accessed} on are sums
     * over its regions ({@link org.damson.model.summary.SnapshotSums}).
     */
    SNAPSHOTS(
            i64("snapshot_id"),
            i32("kdamond"),
            i32("context"),
            i32("scheme"),
            i64("target"),
            i64("start_ns"),
            i64("end_ns"),
            i64("sample_us"),
            i64("aggr_us"),
            i32("regions"),
            i64("bytes"),
            i64("lost"),
            i64("accessed").orAbsent(),
            i64("heat").orAbsent(),
            i64("referenced").orAbsent(),
            i64("written").orAbsent(),
            i64("written_not_known").orAbsent()),
    /** One row per region and snapshot, ordered by snapshot, then unsigned start address. */
    REGIONS(
            i64("snapshot_id"),
            i64("start_ns"),
            i64("end_ns"),
            i64("target"),
            i64("start"),
            i64("end"),
            i32("nr_accesses"),
            i32("age").orAbsent(),
            i64("referenced_min").orAbsent(),
            i64("referenced_mean").orAbsent(),
            i64("referenced_max").orAbsent(),
            i64("filter_passed").orAbsent(),
            i64("probe_hits").orAbsent(),
            i64("written_mean").orAbsent()),
    /** One row per region a DAMOS scheme was about to be applied to ({@code damos_before_apply}). */
    SCHEMES(
            i64("time_ns"),
            i32("kdamond"),
            i32("context"),
            i32("scheme"),
            i64("target"),
            i64("start"),
            i64("end"),
            i32("nr_accesses"),
            i32("age"),
            i32("nr_regions")),
    /** Periodic statistics of a scheme, by the kernel's names. */
    SCHEME_STATS(i64("time_ns"), i32("kdamond"), i32("context"), i32("scheme"), text("name"), i64("value")),
    /** Interval auto-tuning events. */
    TUNING(i64("time_ns"), i32("kdamond"), i64("sample_us"), i64("aggr_us")),
    /** Call-stack samples. */
    SAMPLES(
            i64("time_ns"),
            i32("pid"),
            i32("tid"),
            i32("cpu"),
            text("event"),
            i64("address"),
            i64("weight"),
            i64("stack_id")),
    /** Call stacks: frame {@code depth} (0 = leaf) of stack {@code stack_id}. */
    STACKS(i64("stack_id"), i32("depth"), i64("frame_id")),
    /** Frames of call stacks. {@code source} is {@code file:line}. */
    FRAMES(
            i64("frame_id"),
            text("function"),
            text("module"),
            text("build_id"),
            i64("offset"),
            text("source").orAbsent()),
    /** Threads that have call stacks, and processes; one row when one is first seen, gets another name or ({@code gone} = 1) loses it or ends. */
    THREADS(i64("time_ns"), i32("pid"), i32("tid"), text("name"), i32("gone")),
    /** Virtual memory areas; one row when an area is first seen, changed or ({@code gone} = 1) no longer seen. */
    MAPPINGS(i64("time_ns"), i32("pid"), i64("start"), i64("end"), text("permissions"), text("name"), i32("gone")),
    /**
     * Where the bytes of {@code written_mean} lie: of each snapshot and target, ranges of pages that were written alike, ordered by
     * unsigned start address. {@code samples} are those in which it is known, {@code writes} the most of them in which one page of the
     * range was written, {@code written_mean} and {@code written_any} its bytes that were written in an average sample and in any.
     */
    WRITES(
            i64("start_ns"),
            i64("end_ns"),
            i64("target"),
            i64("start"),
            i64("end"),
            i32("samples"),
            i32("writes"),
            i64("written_mean"),
            i64("written_any")),
    /**
     * When the samples of a recording through referenced bits were taken: one row from before bits are cleared to when all targets are
     * read, with how long clearing and reading took. What is touched between them is in the sample, what is touched meanwhile may be.
     */
    SAMPLING(i64("from_ns"), i64("to_ns"), i64("clear_ns"), i64("read_ns")),
    /** Periodic counters in long form; {@code pid} 0 is the system. Values of size counters are bytes. */
    MEMORY(i64("time_ns"), i32("pid"), text("counter"), i64("value")),
    /** One row per gap in the recording. {@code count} is in the unit that {@code cause} names; -1 = unknown. */
    LOSSES(i64("from_ns"), i64("to_ns"), text("source"), i64("count"), text("cause")),
    /** Data of damo's files that no other table has, so that an export reproduces them exactly. */
    DAMO(i32("record"), i64("snapshot_id"), i32("region"), text("json")),
    /**
     * Histograms of the whole trace, worked out while it was written, in long form; they add up. {@code bin} is an age in
     * aggregations or a percentage; the value is {@code billions} times 1,000,000,000 plus {@code rest}.
     */
    CURVES(i64("aggr_us"), text("histogram"), i64("bin"), i64("billions"), i64("rest")),
    /**
     * What was covered of each target, ranges that touch as one, with their heat: {@link org.damson.model.summary.HeatUnits} times bytes
     * times nanoseconds, which is {@code heat_high} times 2^62 plus {@code heat_low}.
     */
    HEAT_AREAS(
            i32("kdamond"),
            i32("context"),
            i32("scheme"),
            i64("target"),
            i64("start"),
            i64("end"),
            i64("heat_high"),
            i64("heat_low")),
    /** Heat over time and address ({@link org.damson.model.summary.HeatCells}); {@code cover} is what was monitored, bytes times nanoseconds. */
    HEAT_CELLS(
            i32("kdamond"),
            i32("context"),
            i32("scheme"),
            i64("target"),
            i64("start"),
            i64("end"),
            i64("start_ns"),
            i64("end_ns"),
            i64("heat_high"),
            i64("heat_low"),
            i64("cover_high"),
            i64("cover_low")),
    /**
     * Totals of each target over the whole trace ({@link org.damson.model.summary.TargetSums}), in long form: {@code bin} is an idle time or
     * a length of window, 0 where there is one total only; the value is {@code high} times 2^62 plus {@code low}.
     */
    TARGET_SUMS(
            i32("kdamond"),
            i32("context"),
            i32("scheme"),
            i64("target"),
            text("total"),
            i64("bin"),
            i64("high"),
            i64("low")),

    /**
     * How idle memory was in some snapshots of a long trace, evenly spread: the estimated bandwidth, and for percentages of the bytes how
     * long they had been idle at most, nanoseconds.
     */
    IDLE_SERIES(
            i32("kdamond"),
            i32("context"),
            i32("scheme"),
            i64("target"),
            i64("snapshot_id"),
            i64("end_ns"),
            i64("bytes_per_second"),
            i64("idle_p0"),
            i64("idle_p1"),
            i64("idle_p5"),
            i64("idle_p10"),
            i64("idle_p25"),
            i64("idle_p50"),
            i64("idle_p75"),
            i64("idle_p90"),
            i64("idle_p95"),
            i64("idle_p99"),
            i64("idle_p100"));

    private final List<Column> columns;

    Table(Column... columns) {
        this.columns = List.of(columns);
    }

    /** All columns, in the order on disk. */
    public List<Column> columns() {
        return columns;
    }

    /** Name of the table on disk, as in {@code regions-000000.parquet}. */
    public String fileStem() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether its rows are worked out from those of other tables, and hold for all of them only. */
    public boolean isDerived() {
        return this == CURVES || this == HEAT_AREAS || this == HEAT_CELLS || this == TARGET_SUMS || this == IDLE_SERIES;
    }

    /**
     * Whether its rows say from when on something is there, or ({@code gone} = 1) is not: the first column is the time, the last one
     * {@code gone}. What holds at a time is told by all rows before.
     */
    public boolean isState() {
        return this == THREADS || this == MAPPINGS;
    }

    /** Whether each of its rows is of one moment, which the first column is. */
    public boolean isOfMoments() {
        return columns.get(0).name().equals("time_ns");
    }

    /**
     * Index of a column.
     *
     * @throws IllegalArgumentException if this table has no such column
     */
    public int indexOf(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no column " + column + " in table " + fileStem());
    }
}
