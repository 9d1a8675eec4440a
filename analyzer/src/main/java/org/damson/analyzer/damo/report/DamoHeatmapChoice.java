package org.damson.analyzer.damo.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.damson.analyzer.damo.DamoRecord;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.Num;
import org.damson.analyzer.damo.UnfitTraceException;
import org.damson.model.InvalidInputException;

/**
 * What of a trace a heatmap draws.
 *
 * @param wanted what the records are of
 * @param records those of it
 * @param times start and end
 * @param addresses start and end of each range
 */
record DamoHeatmapChoice(DamoRecord wanted, List<DamoRecord> records, Num[] times, List<Num[]> addresses) {
    /**
     * Chooses by options, and by damo's guide where they leave it open.
     *
     * @throws InvalidInputException if options contradict the trace
     * @throws UnfitTraceException if there is nothing to draw
     */
    static DamoHeatmapChoice of(DamoTrace trace, DamoHeatmap.Options o) throws IOException {
        List<DamoRecord> records = trace.records;
        List<DamoGuide> guides = DamoGuide.of(records, o.compat);
        if (guides.isEmpty()) {
            throw new UnfitTraceException("no snapshot");
        }
        DamoRecord first = guides.get(0).of;
        DamoRecord wanted = first.of(
                o.kdamond == null ? first.kdamond : DamoText.parseNr(o.kdamond),
                o.context == null ? first.context : DamoText.parseNr(o.context),
                o.scheme == null ? first.scheme : DamoText.parseNr(o.scheme),
                o.target == null ? first.target : DamoText.parseNr(o.target));
        DamoGuide guide = guides.stream()
                .filter(g -> g.of.isOf(wanted))
                .findFirst()
                .orElseThrow(() -> new InvalidInputException("nothing is recorded of kdamond "
                        + DamoRecord.none(wanted.kdamond) + ", context " + DamoRecord.none(wanted.context) + ", scheme "
                        + DamoRecord.none(wanted.scheme) + ", target " + DamoRecord.none(wanted.target)
                        + "; report guide lists what is"));
        if (guide.areas.isEmpty()) {
            throw new UnfitTraceException("no snapshot of what is asked for has a region");
        }
        Num[] times = o.timeRange == null
                ? new Num[] {guide.startTime, guide.endTime}
                : range(o.timeRange, guide.startTime, guide.endTime, DamoText::parseNs);
        List<Num[]> addresses = addresses(o, guide);
        List<DamoRecord> chosen = records.stream().filter(r -> r.isOf(wanted)).toList();
        if (o.sortTemperature) {
            chosen = chosen.stream().map(r -> byTemperature(r, addresses, o)).toList();
        }
        return new DamoHeatmapChoice(wanted, chosen, times, addresses);
    }

    private interface Parse {
        Num of(String text);
    }

    private static Num[] range(List<String> words, Num guided, Num guidedEnd, Parse parse) {
        if (words.size() < 2 || words.size() > 3) {
            throw new InvalidInputException("a range is START END [BASE]");
        }
        Num from = parse.of(words.get(0));
        Num to = parse.of(words.get(1));
        if (words.size() == 3) {
            Num base =
                    switch (words.get(2)) {
                        case "guided" -> guided;
                        case "guided_end" -> guidedEnd;
                        default -> base(words.get(2), parse);
                    };
            from = base.plus(from);
            to = base.plus(to);
        }
        return new Num[] {from, to};
    }

    private static Num base(String word, Parse parse) {
        try {
            return parse.of(word);
        } catch (InvalidInputException e) {
            throw new InvalidInputException("BASE '" + word + "': expected a number, guided or guided_end", e);
        }
    }

    private static List<Num[]> addresses(DamoHeatmap.Options o, DamoGuide guide) {
        List<Num[]> guided = new ArrayList<>();
        for (DamoGuide.Area a : o.allAreas ? guide.areas : List.of(guide.hottest())) {
            guided.add(new Num[] {a.start, a.end});
        }
        if (o.addressRanges == null) {
            return guided;
        }
        List<Num[]> result = new ArrayList<>();
        for (List<String> words : o.addressRanges) {
            int i = result.size();
            if (words.size() == 3 && words.get(2).equals("guided") && i >= guided.size()) {
                if (o.compat) {
                    return guided;
                }
                throw new InvalidInputException("there are " + guided.size() + " guided address ranges");
            }
            Num base = i < guided.size() ? guided.get(i)[0] : Num.ZERO;
            result.add(range(words, base, base, DamoText::parseBytes));
        }
        return result;
    }

    /** Each snapshot's regions laid side by side from cold to hot within each range. */
    private static DamoRecord byTemperature(DamoRecord record, List<Num[]> ranges, DamoHeatmap.Options o) {
        List<Num> weights = List.of(Num.ZERO, Num.of(o.temperatureWeights[0]), Num.of(o.temperatureWeights[1]));
        return record.with(
                record.intervals,
                visitor -> record.forEach(s -> {
                    List<DamoRegion> laidOut = new ArrayList<>();
                    for (Num[] range : ranges) {
                        List<DamoRegion> inside = new ArrayList<>();
                        for (DamoRegion r : s.regions) {
                            if (!range[1].less(r.start) && !r.end.less(range[0])) {
                                r.start = Num.max(range[0], r.start);
                                r.end = Num.min(range[1], r.end);
                                if (record.intervals == null) {
                                    throw new UnfitTraceException(
                                            "temperatures need intervals, which the recording does not say");
                                }
                                r.fillUnits(record.intervals, record.intervals.aggr(), o.compat);
                                inside.add(r);
                            }
                        }
                        inside.sort(Comparator.comparing(r -> r.temperature(weights)));
                        Num at = range[0];
                        for (DamoRegion r : inside) {
                            Num size = r.size();
                            r.start = at;
                            r.end = at.plus(size);
                            at = r.end;
                            laidOut.add(r);
                        }
                    }
                    s.regions = laidOut;
                    visitor.visit(s);
                }));
    }
}
