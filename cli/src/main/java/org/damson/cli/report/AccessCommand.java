package org.damson.cli.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.DamoVersion;
import org.damson.analyzer.damo.Num;
import org.damson.analyzer.damo.UnfitTraceException;
import org.damson.analyzer.damo.access.AccessJson;
import org.damson.analyzer.damo.access.AccessKeywords;
import org.damson.analyzer.damo.access.AccessOptions;
import org.damson.analyzer.damo.access.AccessReport;
import org.damson.analyzer.damo.access.DamoRaw;
import org.damson.analyzer.damo.access.RegionAdjustment;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.picture.ReportPicture;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Nearest;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.ProbeOption;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceSource;

/**
 * {@code damson report access TRACE}: snapshots, region by region, in the user's own format; {@code damson report attrs TRACE}:
 * the same of what data attribute probes found.
 */
public final class AccessCommand implements Command {
    private static final List<String> FORMS = List.of("txt", "json", "png", "svg", "pdf");
    private static final Option STYLE =
            Shared.value(null, "style", String.join("|", AccessOptions.STYLES), "predefined format (detailed)");
    /** The styles of which there are pictures. */
    private static final List<String> HISTOGRAMS = List.of("recency-sz-hist", "temperature-sz-hist");

    private static final Option FORMAT = Shared.repeatable(DamoOptions.several(
            3,
            "format",
            "set|append AREA TEMPLATE",
            "the format of an area: " + String.join(", ", AccessOptions.AREAS)));
    private static final Option PERCENTILES = DamoOptions.several(
            Option.UNLIMITED_VALUES,
            "percentiles-range",
            "N...",
            "percentiles: up to three numbers are START STOP STEP");
    private static final Option SORT_BY = DamoOptions.several(
            Option.UNLIMITED_VALUES,
            "sort-regions-by",
            "KEY...",
            "order of regions: " + String.join(", ", AccessOptions.SORT_KEYS));
    private static final Option SORT_DESCENDING = DamoOptions.several(
            Option.UNLIMITED_VALUES, "sort-regions-dsc", "KEY...", "keys to sort in descending order, or all");
    private static final Option WEIGHTS =
            DamoOptions.several(3, "temperature-weights", "SIZE RATE AGE", "weights of the temperature (0 100 100)");
    private static final Option ATTRIBUTE_STYLE = Shared.value(
            null, "style", String.join("|", AccessOptions.ATTRIBUTE_STYLES), "predefined format (detailed)");
    private static final Option ATTRIBUTE_SORT_BY = DamoOptions.several(
            Option.UNLIMITED_VALUES,
            "sort-regions-by",
            "KEY...",
            "order of regions (temperature): " + String.join(", ", AccessOptions.ATTRIBUTE_SORT_KEYS)
                    + "; reverse after a key: descending");
    private static final Option ATTRIBUTE_WEIGHTS =
            DamoOptions.several(3, "temperature-weights", "HITS AGE SIZE", "weights of the temperature (100 100 0)");
    private static final Option PROBE_WEIGHTS =
            DamoOptions.several(Option.UNLIMITED_VALUES, "probe-weights", "N...", "weight of each probe's hits (1)");
    private static final Option ADJUST = Shared.repeatable(DamoOptions.several(
            Option.UNLIMITED_VALUES,
            "adjust-region",
            "WORD...",
            "scale regions: size|probe_hits [PROBE] df_passed|probe_hits_rate [PROBE]"));
    private static final Option HIST_LOG = DamoOptions.flag("hist-logscale", "histogram ranges that double");
    private static final Option HIST_CUMULATE =
            DamoOptions.flag("hist-cumulate", "histogram ranges that all start at the minimum");
    private static final Option HIST_RANGES =
            DamoOptions.several(Option.UNLIMITED_VALUES, "hist-ranges", "FROM TO...", "histogram ranges");
    private static final Option HEATMAP_WIDTH =
            DamoOptions.value("snapshot-heatmap-width", "N", "columns of a snapshot's heatmap (80)");
    private static final Option HEATMAP_COLORSET = DamoOptions.value(
            "snapshot-heatmap-colorset", "gray|flame|emotion", "colours of a snapshot's heatmap (gray)");
    private static final Option HEATMAP_STATIC = DamoOptions.flag("snapshot-heatmap-static", "show gaps in their size");
    private static final Option MIN_CHARS = Shared.repeatable(
            DamoOptions.several(2, "min-chars-for", "KEYWORD N", "minimum width of a keyword, in characters"));
    private static final Option TOTAL_ONLY = Shared.flag(null, "total-sz-only", "only the total size of each snapshot");
    private static final Option RAW_FORM = DamoOptions.flag("raw-form", "every region in plain columns");
    private static final Option AGGREGATE = DamoOptions.value(
            "aggregate-interval", "TIME", "with --raw-form: aggregate snapshots until they span this");
    private static final Option SKIP =
            DamoOptions.value("skip", "N", "with --aggregate-interval: first snapshots to leave out (20)");
    private static final Option KEYWORDS = Shared.flag(null, "keywords", "list the keywords of --format");

    private static final Pattern KEYWORD = Pattern.compile("<[a-z][a-z -]*>");
    private static final String REVERSE = "reverse";

    private final boolean ofAttributes;

    private AccessCommand(boolean ofAttributes) {
        this.ofAttributes = ofAttributes;
    }

    public static AccessCommand ofAccesses() {
        return new AccessCommand(false);
    }

    public static AccessCommand ofAttributes() {
        return new AccessCommand(true);
    }

    @Override
    public String name() {
        return ofAttributes ? "report attrs" : "report access";
    }

    @Override
    public String summary() {
        return ofAttributes
                ? "hits of data attribute probes, region by region, histograms, percentiles; in your own format"
                : "snapshots region by region, histograms, percentiles; in your own format";
    }

    @Override
    public String usage() {
        return "TRACE [--style STYLE] [--format set|append AREA TEMPLATE] [FILTERS] [--output FILE.{txt,png,svg,pdf}]";
    }

    @Override
    public String example() {
        return ofAttributes
                ? "damson report attrs run.damson --sort-regions-by probe_hits_wsum reverse"
                : "damson report access run.damson --snapshot-idx 30 30 --style hot";
    }

    @Override
    public Options options() {
        List<Option> all = new ArrayList<>(
                ofAttributes
                        ? List.of(
                                DamoOptions.COMPAT,
                                ATTRIBUTE_STYLE,
                                ATTRIBUTE_SORT_BY,
                                ATTRIBUTE_WEIGHTS,
                                PROBE_WEIGHTS,
                                ADJUST)
                        : List.of(DamoOptions.COMPAT, STYLE, SORT_BY, SORT_DESCENDING, WEIGHTS, AGGREGATE, SKIP));
        if (!ofAttributes) {
            all.addAll(RegionBoxOptions.ALL);
        }
        all.addAll(List.of(
                Reports.OUTPUT,
                FORMAT,
                PERCENTILES,
                HIST_LOG,
                HIST_CUMULATE,
                HIST_RANGES,
                HEATMAP_WIDTH,
                HEATMAP_COLORSET,
                HEATMAP_STATIC,
                MIN_CHARS,
                TOTAL_ONLY,
                DamoOptions.RAW_NUMBER,
                RAW_FORM,
                KEYWORDS));
        all.addAll(Arrays.asList(DamoOptions.filters()));
        return Shared.of(all.toArray(new Option[0]));
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        if (line.hasOption(KEYWORDS)) {
            keywords(console, "record_head, record_tail: ", "record_head");
            keywords(console, "snapshot_head, snapshot_tail: ", "snapshot_head");
            keywords(console, "region: ", "region");
            return ExitCode.OK;
        }
        AccessOptions options = accessOptions(line);
        if (options.compat) {
            Reports.requireText(line, console);
        }
        String form = options.compat ? "txt" : Reports.form(line, console, FORMS);
        PictureForm picture = Reports.isPicture(form) ? PictureForm.of(form) : null;
        if (picture != null && line.hasOption(STYLE) && !HISTOGRAMS.contains(options.style)) {
            throw new UsageException("a picture shows a histogram: --style " + String.join(" or ", HISTOGRAMS));
        }
        try (TraceSource trace = Inputs.open(Shared.trace(line), console, options.compat)) {
            caveats(trace, options.compat, console);
            Reports.mappingsWhole(trace, console);
            DamoTrace records = DamoTrace.of(trace, options.compat, options.version);
            requireSetUp(trace, records, options.compat);
            DamoRecordFilter filter = DamoOptions.filter(line, options.compat);
            if (picture != null) {
                List<AccessReport.HistogramBar> histogram = AccessReport.histogram(records, filter, options);
                boolean temperature = options.style.equals(HISTOGRAMS.get(1));
                String title = Shared.trace(line).getFileName().toString();
                Reports.write(
                        line, console, out -> ReportPicture.histogram(histogram, temperature, title, picture, out));
                return ExitCode.OK;
            }
            boolean coloured = options.compat || console.isColoured() && !line.hasOption(Reports.OUTPUT);
            Reports.write(line, console, out -> {
                if (form.equals("json")) {
                    AccessJson.write(records, filter, options, out);
                } else {
                    Reports.text(out, t -> {
                        Appendable text = coloured ? t : Reports.withoutColours(t);
                        if (line.hasOption(RAW_FORM)) {
                            DamoRaw.write(aggregated(line, records), filter, options, text);
                        } else {
                            AccessReport.write(records, filter, options, text);
                        }
                    });
                }
            });
            DamoOptions.noteNothingLeft(line, filter, console);
        } catch (UnfitTraceException e) {
            throw new CommandFailedException(ExitCode.INPUT, e.getMessage());
        }
        return ExitCode.OK;
    }

    private void caveats(TraceSource trace, boolean compat, Console console) throws IOException {
        if (!ofAttributes) {
            Inputs.caveats(trace, console);
            return;
        }
        Inputs.tellDoubts(trace, console);
        if (!compat) {
            ProbeOption.requireHits(trace, console);
        }
    }

    private void requireSetUp(TraceSource trace, DamoTrace records, boolean compat) {
        if (ofAttributes && compat && !records.probes.isKnown()) {
            throw new CommandFailedException(
                    ExitCode.INPUT,
                    trace.name()
                            + ": no set-up (.kdamonds) was beside the recording, without which damo reports no attributes");
        }
    }

    private void keywords(Console console, String areas, String area) {
        console.out().println(areas + String.join(" ", AccessKeywords.of(area, ofAttributes)));
    }

    private static DamoTrace aggregated(CommandLine line, DamoTrace records) {
        return line.hasOption(AGGREGATE)
                ? DamoRaw.aggregated(
                        records,
                        aggregateUs(line),
                        DamoOptions.whole(line, SKIP, 20),
                        line.hasOption(DamoOptions.COMPAT))
                : records;
    }

    private static long aggregateUs(CommandLine line) {
        long[] us = {0};
        DamoOptions.each(line, AGGREGATE, v -> us[0] = Quantities.damoUs(v.get(0)));
        return us[0];
    }

    private AccessOptions accessOptions(CommandLine line) {
        AccessOptions o = ofAttributes ? AccessOptions.ofAttributes() : new AccessOptions();
        o.compat = line.hasOption(DamoOptions.COMPAT);
        o.version =
                ofAttributes ? DamoOptions.onlyVersion(line, DamoVersion.NEWEST, name()) : DamoOptions.version(line);
        o.raw = line.hasOption(DamoOptions.RAW_NUMBER);
        o.style = Shared.choice(ofAttributes ? ATTRIBUTE_STYLE : STYLE, line.getOptionValue(STYLE, "detailed"));
        DamoOptions.each(line, FORMAT, v -> {
            DamoOptions.words(FORMAT, v.subList(0, 1), List.of("set", "append"));
            DamoOptions.words(FORMAT, v.subList(1, 2), AccessOptions.AREAS);
            if (!o.compat) {
                KEYWORD.matcher(v.get(2))
                        .results()
                        .forEach(m -> keyword(m.group(), AccessKeywords.of(v.get(1), ofAttributes)));
            }
            if (v.get(0).equals("set")) {
                o.set.put(v.get(1), v.get(2));
            } else {
                o.append.computeIfAbsent(v.get(1), k -> new ArrayList<>()).add(v.get(2));
            }
        });
        DamoOptions.each(line, PERCENTILES, v -> {
            int[] n = v.stream().mapToInt(DamoOptions::whole).toArray();
            o.percentiles = n.length <= 3
                    ? DamoOptions.pythonRange(n)
                    : Arrays.stream(n).sorted().boxed().toList();
        });
        DamoOptions.each(line, SORT_BY, v -> sortBy(v, o));
        List<String> descending = new ArrayList<>(AccessOptions.SORT_KEYS);
        descending.add("all");
        DamoOptions.each(
                line,
                SORT_DESCENDING,
                v -> o.sortDescending = new HashSet<>(DamoOptions.words(SORT_DESCENDING, v, descending)));
        DamoOptions.each(
                line,
                WEIGHTS,
                v -> o.temperatureWeights =
                        v.stream().mapToLong(DamoOptions::whole).toArray());
        o.histLogscale = line.hasOption(HIST_LOG);
        o.histCumulate = line.hasOption(HIST_CUMULATE);
        DamoOptions.each(line, HIST_RANGES, v -> {
            o.histRanges(v);
        });
        DamoOptions.each(
                line, HEATMAP_WIDTH, v -> o.heatmapWidth = DamoOptions.between(DamoOptions.whole(v.get(0)), 1, 10_000));
        o.heatmapColorset = Shared.choice(HEATMAP_COLORSET, line.getOptionValue(HEATMAP_COLORSET, "gray"));
        o.heatmapStatic = line.hasOption(HEATMAP_STATIC);
        RegionBoxOptions.apply(line, o);
        attributeOptions(line, o);
        DamoOptions.each(line, MIN_CHARS, v -> o.minChars.put(v.get(0), DamoOptions.whole(v.get(1))));
        if (line.hasOption(SKIP) && !line.hasOption(AGGREGATE)) {
            throw new UsageException("--skip requires --aggregate-interval");
        }
        if (line.hasOption(AGGREGATE) && !line.hasOption(RAW_FORM)) {
            throw new UsageException("--aggregate-interval requires --raw-form");
        }
        o.totalSzOnly = line.hasOption(TOTAL_ONLY);
        return o;
    }

    private static void attributeOptions(CommandLine line, AccessOptions o) {
        if (o.compat && line.hasOption(PROBE_WEIGHTS)) {
            throw new UsageException(
                    "--probe-weights and --damo-compat cannot be combined: damo takes weights from the set-up");
        }
        DamoOptions.each(
                line,
                PROBE_WEIGHTS,
                v -> o.probeWeights =
                        v.stream().map(w -> Num.of(DamoOptions.whole(w))).toList());
        DamoOptions.each(line, ADJUST, v -> o.adjustments.add(RegionAdjustment.of(v)));
    }

    /** Keys, the first sorted by first; of a report of attributes each may be followed by the word that turns it round. */
    private void sortBy(List<String> words, AccessOptions o) {
        if (!ofAttributes) {
            o.sortBy = DamoOptions.words(SORT_BY, words, AccessOptions.SORT_KEYS);
            return;
        }
        List<String> keys = new ArrayList<>();
        Set<String> descending = new HashSet<>();
        for (String word : words) {
            if (word.equals(REVERSE) && !keys.isEmpty()) {
                descending.add(keys.get(keys.size() - 1));
            } else {
                keys.addAll(DamoOptions.words(ATTRIBUTE_SORT_BY, List.of(word), AccessOptions.ATTRIBUTE_SORT_KEYS));
            }
        }
        o.sortBy = keys;
        o.sortDescending = descending;
    }

    /** What stands for nothing known stays as it is, as damo has it; a slip of the fingers does not. */
    private static void keyword(String word, List<String> known) {
        String nearest = known.contains(word) ? null : Nearest.to(word, known);
        if (nearest != null) {
            throw new InvalidInputException("unknown " + word + " (did you mean " + nearest + "?)");
        }
    }
}
