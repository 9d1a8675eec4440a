package org.damson.analyzer.damo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.damon.scheme.DamoNode;

/** What one context of a kdamond recorded of one target (or of one scheme's tried regions), as damo groups it. */
public final class DamoRecord {
    /** Reads the snapshots of one record, from the start at each call. */
    public interface Snapshots {
        public void forEach(Visitor visitor) throws IOException;
    }

    /** Takes one snapshot; it may keep it. */
    public interface Visitor {
        void visit(DamoSnapshot snapshot) throws IOException;
    }

    /** Indices are null where the recording does not know them. */
    public final Num kdamond;

    public final Num context;
    public final Num scheme;
    public final Num target;
    /** Null where the recording does not know them. */
    public final DamoIntervals intervals;
    /** DAMOS filters that the scheme had. */
    public final List<DamoNode> filters;

    public final String dataSource;
    private final Snapshots snapshots;

    DamoRecord(
            Num kdamond,
            Num context,
            Num scheme,
            Num target,
            DamoIntervals intervals,
            List<DamoNode> filters,
            String dataSource,
            Snapshots snapshots) {
        this.kdamond = kdamond;
        this.context = context;
        this.scheme = scheme;
        this.target = target;
        this.intervals = intervals;
        this.filters = filters;
        this.dataSource = dataSource;
        this.snapshots = snapshots;
    }

    /** The same facts with other snapshots. */
    public DamoRecord with(DamoIntervals other, Snapshots others) {
        return new DamoRecord(kdamond, context, scheme, target, other, filters, dataSource, others);
    }

    /** The same of the first kdamond and context where none is known. */
    DamoRecord numbered() {
        return new DamoRecord(
                kdamond == null ? Num.ZERO : kdamond,
                context == null ? Num.ZERO : context,
                scheme,
                target,
                intervals,
                filters,
                dataSource,
                snapshots);
    }

    public void forEach(Visitor visitor) throws IOException {
        snapshots.forEach(visitor);
    }

    /** Without the first {@code n} snapshots. */
    public DamoRecord skipping(long n) {
        return with(intervals, visitor -> {
            long[] seen = {0};
            forEach(s -> {
                if (seen[0]++ >= n) {
                    visitor.visit(s);
                }
            });
        });
    }

    /** A record that names these. */
    public DamoRecord of(Num ofKdamond, Num ofContext, Num ofScheme, Num ofTarget) {
        return new DamoRecord(ofKdamond, ofContext, ofScheme, ofTarget, intervals, filters, dataSource, visitor -> {});
    }

    /** Whether two records are of the same kdamond, context, scheme and target. */
    public boolean isOf(DamoRecord o) {
        return same(kdamond, o.kdamond) && same(context, o.context) && same(scheme, o.scheme) && same(target, o.target);
    }

    static boolean same(Num a, Num b) {
        return a == null ? b == null : a.equals(b);
    }

    /** The filters that page tables decide, as damo prints them. */
    public List<String> opsFilters(boolean raw) {
        List<String> texts = new ArrayList<>();
        for (DamoNode f : filters) {
            if (List.of("anon", "active", "memcg", "young", "hugepage_size", "unmapped")
                    .contains(f.get("filter_type").text())) {
                texts.add(filterText(f, raw));
            }
        }
        return texts;
    }

    private static String filterText(DamoNode f, boolean raw) {
        boolean allow = f.get("allow").isThere()
                ? f.get("allow").isTrue()
                : f.get("filter_pass").isTrue();
        String type = f.get("filter_type").text();
        StringBuilder b = new StringBuilder(allow ? "allow " : "reject ");
        if (!f.get("matching").isTrue()) {
            b.append("none ");
        }
        b.append(type);
        if (type.equals("memcg")) {
            b.append(' ').append(f.get("memcg_path").text());
        } else if (type.equals("hugepage_size") && f.get("hugepage_size").isList()) {
            b.append(" [")
                    .append(DamoText.sz(
                            DamoText.parseBytes(f.get("hugepage_size").get(0).text()), raw))
                    .append(", ")
                    .append(DamoText.sz(
                            DamoText.parseBytes(f.get("hugepage_size").get(1).text()), raw))
                    .append(']');
        }
        return b.toString();
    }

    public static String none(Num n) {
        return n == null ? "None" : n.toString();
    }
}
