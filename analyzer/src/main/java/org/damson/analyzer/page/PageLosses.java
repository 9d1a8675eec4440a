package org.damson.analyzer.page;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.stacks.StackSamples;

/** What a trace says was lost, none left out: losses of one kind that are too near to be told apart on the page are one. */
final class PageLosses {
    /** Of the page's time, for each kind. */
    private static final int MAX_EACH = 100;

    private static final int MAX_KINDS = 40;
    private static final String OTHERS = "of further kinds";

    private static final int FROM = Table.LOSSES.indexOf("from_ns");
    private static final int TO = Table.LOSSES.indexOf("to_ns");
    private static final int SOURCE = Table.LOSSES.indexOf("source");
    private static final int COUNT = Table.LOSSES.indexOf("count");
    private static final int CAUSE = Table.LOSSES.indexOf("cause");

    private record Kind(String source, String cause) {}

    /** Of one kind, joined. */
    private static final class Joined {
        private double fromNs;
        private double toNs;
        private long count;
        private long times;
        private boolean isUnknown;

        Joined(double fromNs) {
            this.fromNs = fromNs;
            toNs = fromNs;
        }

        String text(Kind kind) {
            String many = times > 1 ? ", " + times + " times" : "";
            String number = !isUnknown ? count + " " : (count > 0 ? count + " and " : "") + "an unknown number of ";
            return PageTexts.shown(kind.source + (kind.source.isEmpty() ? "" : ": ") + number + kind.cause + many);
        }
    }

    private final PageTime time;
    private final Map<Kind, List<Joined>> all = new LinkedHashMap<>();

    private PageLosses(PageTime time) {
        this.time = time;
    }

    static List<Page.Loss> of(TraceSource trace, PageTime time) throws IOException {
        PageLosses losses = new PageLosses(time);
        trace.forEachRow(Table.LOSSES, (b, row) -> {
            if (b.get(TO, row) >= time.fromNs() && b.get(FROM, row) <= time.toNs()) {
                losses.add(
                        new Kind(b.text(SOURCE, row), b.text(CAUSE, row)),
                        time.at(b.get(FROM, row)),
                        time.at(b.get(TO, row)),
                        b.get(COUNT, row));
            }
        });
        List<Page.Loss> found = new ArrayList<>();
        losses.all.forEach((kind, of) -> of.forEach(j -> found.add(new Page.Loss(j.fromNs, j.toNs, j.text(kind)))));
        found.sort((a, b) -> Double.compare(a.fromNs(), b.fromNs()));
        return List.copyOf(found);
    }

    private void add(Kind kind, double fromNs, double toNs, long count) {
        Kind known = all.containsKey(kind) || all.size() < MAX_KINDS ? kind : new Kind("", OTHERS);
        List<Joined> of = all.computeIfAbsent(known, k -> new ArrayList<>());
        Joined last = of.isEmpty() ? null : of.get(of.size() - 1);
        if (last == null || fromNs > last.toNs + time.lengthNs() / MAX_EACH && of.size() < MAX_EACH) {
            last = new Joined(fromNs);
            of.add(last);
        }
        last.fromNs = Math.min(last.fromNs, fromNs);
        last.toNs = Math.max(last.toNs, toNs);
        last.times++;
        last.isUnknown |= count < 0;
        last.count = StackSamples.sum(last.count, Math.max(0, count));
    }
}
