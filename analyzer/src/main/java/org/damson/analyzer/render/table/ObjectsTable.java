package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.objects.ObjectsResult;
import org.damson.analyzer.objects.ObjectsResult.Code;
import org.damson.analyzer.objects.ObjectsResult.FirstTouch;
import org.damson.analyzer.objects.ObjectsResult.Function;
import org.damson.analyzer.objects.ObjectsResult.Mapping;
import org.damson.analyzer.objects.ObjectsResult.RanMost;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.timeline.Timeline;
import org.damson.model.Units;

/** Hot and cold memory by mapping, and the code beside it. */
public final class ObjectsTable {
    private static final Columns<Function> FUNCTIONS = new Columns<Function>()
            .add("function", "function", Unit.TEXT, Function::name)
            .add("samples", "samples", Unit.COUNT, Function::samples)
            .add("percent", "share", Unit.PERCENT, Function::percent)
            .add("accessed_bytes", "accessed meanwhile", Unit.BYTES, Function::meanAccessedBytes);

    private static final Columns<Function> TOUCHING = new Columns<Function>()
            .addAll(FUNCTIONS, f -> f)
            .add(
                    "touched_accessed_bytes",
                    "accessed of what it touched first",
                    Unit.BYTES,
                    Function::touchedAccessedBytes);

    private static final Columns<FirstTouch> TOUCHED = new Columns<FirstTouch>()
            .add("target", "target", Unit.TEXT, t -> t.key().label())
            .add("start", "from", Unit.TEXT, t -> Units.address(t.start()))
            .add("end", "to", Unit.TEXT, t -> Units.address(t.end()));

    private static final Columns<FirstTouch> FIRST_TOUCHES = new Columns<FirstTouch>()
            .addAll(TOUCHED, t -> t)
            .add("bytes", "size", Unit.BYTES, FirstTouch::sizeBytes)
            .add("accessed_bytes", "accessed", Unit.BYTES, FirstTouch::meanAccessedBytes)
            .add("code", "first touched by", Unit.TEXT, t -> t.code().place());

    private static final Columns<FirstTouch> STACKS =
            new Columns<FirstTouch>().addAll(TOUCHED, t -> t).add("stack", "stack", Unit.TEXT, FirstTouch::stack);

    private static final Columns<Mapping> WRITTEN = new Columns<Mapping>()
            .add("written_bytes", "written", Unit.BYTES, Mapping::meanWrittenBytes)
            .add(
                    "written_not_known_bytes",
                    "accessed, not known if written",
                    Unit.BYTES,
                    Mapping::meanWrittenNotKnownBytes);

    private static final Columns<RanMost> RAN_MOST = new Columns<RanMost>()
            .add("ran_most", "ran most while accessed", Unit.TEXT, RanMost::function)
            .add("ran_most_percent", "of the time", Unit.PERCENT, RanMost::percent);

    private ObjectsTable() {}

    public static TableReport of(ObjectsResult result) {
        List<Section> sections = new ArrayList<>();
        Code code = result.code();
        if (code != null) {
            Columns<Function> functions = code.hasFirstTouches() ? TOUCHING : FUNCTIONS;
            sections.add(functions.section("functions", "accessed memory while functions ran", code.functions()));
            if (code.hasFirstTouches()) {
                sections.add(FIRST_TOUCHES.section("first_touches", "first touches of memory", code.firstTouches()));
                sections.add(STACKS.section(
                        "first_touch_stacks",
                        "call stacks of these first touches, the outermost function first",
                        code.firstTouches()));
            }
        }
        sections.add(columns(result).section("objects", "memory by mapping, hottest first", result.mappings()));
        return new TableReport(List.copyOf(sections), notes(result));
    }

    private static Columns<Mapping> columns(ObjectsResult result) {
        Columns<Mapping> columns = new Columns<Mapping>()
                .add("target", "target", Unit.TEXT, m -> m.key().label())
                .add("mapping", "mapping", Unit.TEXT, Mapping::name)
                .add("monitored_bytes", "monitored", Unit.BYTES, Mapping::meanMonitoredBytes)
                .add("accessed_bytes", "accessed", Unit.BYTES, Mapping::meanAccessedBytes)
                .add("cold_bytes", "not accessed", Unit.BYTES, Mapping::meanColdBytes)
                .add("heat_percent", "heat", Unit.PERCENT, Mapping::heatPercent)
                .add("longest_unused_ns", "longest unused", Unit.NS, Mapping::longestUnusedNs);
        if (result.isWritten()) {
            columns.addAll(WRITTEN, m -> m);
        }
        if (result.code() != null) {
            columns.addAll(RAN_MOST, Mapping::ranMost);
        }
        return columns;
    }

    private static List<String> notes(ObjectsResult result) {
        List<String> notes = new ArrayList<>();
        if (!result.hasMappings()) {
            notes.add("the trace has no mappings");
        }
        notes.add(
                "means over time; heat = share of the samples that found it accessed; longest unused = the longest time without any access to a mapping of that name");
        if (result.isPartial()) {
            notes.add(
                    "regions of this trace are mappings: not accessed is what was seen touched before and the mean sample does"
                            + " not find; the rest of a mapping may not be there");
        }
        if (result.code() != null) {
            notes.add(
                    "functions that ran while memory was accessed are " + Timeline.MATCHED
                            + "; of the time = share of the samples, each weighed by the bytes of the mapping that were accessed then");
            if (result.code().notCounted() > 0) {
                notes.add("samples outside the snapshots, or of processes that are not monitored, are not counted: "
                        + Units.count(result.code().notCounted()));
            }
            if (result.code().hasFirstTouches()) {
                notes.add(
                        "first touched by = the earliest sample with an address in each 2 MiB, outside the kernel: exact for that"
                                + " address, taken for the rest");
            }
        }
        return notes;
    }
}
