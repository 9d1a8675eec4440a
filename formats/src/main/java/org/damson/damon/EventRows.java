package org.damson.damon;

import org.damson.model.Batch;
import org.damson.model.Table;

/** Rows of the tables beside the snapshots. */
final class EventRows {
    private static final int SCHEMES_TIME_NS = Table.SCHEMES.indexOf("time_ns");
    private static final int SCHEMES_KDAMOND = Table.SCHEMES.indexOf("kdamond");
    private static final int SCHEMES_CONTEXT = Table.SCHEMES.indexOf("context");
    private static final int SCHEMES_SCHEME = Table.SCHEMES.indexOf("scheme");
    private static final int SCHEMES_TARGET = Table.SCHEMES.indexOf("target");
    private static final int SCHEMES_START = Table.SCHEMES.indexOf("start");
    private static final int SCHEMES_END = Table.SCHEMES.indexOf("end");
    private static final int SCHEMES_NR_ACCESSES = Table.SCHEMES.indexOf("nr_accesses");
    private static final int SCHEMES_AGE = Table.SCHEMES.indexOf("age");
    private static final int SCHEMES_NR_REGIONS = Table.SCHEMES.indexOf("nr_regions");

    private static final int TUNING_TIME_NS = Table.TUNING.indexOf("time_ns");
    private static final int TUNING_KDAMOND = Table.TUNING.indexOf("kdamond");
    private static final int TUNING_SAMPLE_US = Table.TUNING.indexOf("sample_us");
    private static final int TUNING_AGGR_US = Table.TUNING.indexOf("aggr_us");

    private static final int STATS_TIME_NS = Table.SCHEME_STATS.indexOf("time_ns");
    private static final int STATS_KDAMOND = Table.SCHEME_STATS.indexOf("kdamond");
    private static final int STATS_CONTEXT = Table.SCHEME_STATS.indexOf("context");
    private static final int STATS_SCHEME = Table.SCHEME_STATS.indexOf("scheme");
    private static final int STATS_NAME = Table.SCHEME_STATS.indexOf("name");
    private static final int STATS_VALUE = Table.SCHEME_STATS.indexOf("value");

    final Batch schemes = new Batch(Table.SCHEMES);
    final Batch tuning = new Batch(Table.TUNING);
    final Batch statistics = new Batch(Table.SCHEME_STATS);

    void beforeApply(Kdamonds.Facts kdamond, EventColumns e, int i) {
        int row = schemes.addRow();
        schemes.set(SCHEMES_TIME_NS, row, e.timeNs[i]);
        schemes.set(SCHEMES_KDAMOND, row, kdamond.number());
        schemes.set(SCHEMES_CONTEXT, row, e.context[i]);
        schemes.set(SCHEMES_SCHEME, row, e.scheme[i]);
        schemes.set(SCHEMES_TARGET, row, e.target[i]);
        schemes.set(SCHEMES_START, row, e.start[i] * kdamond.addrUnit());
        schemes.set(SCHEMES_END, row, e.end[i] * kdamond.addrUnit());
        schemes.set(SCHEMES_NR_ACCESSES, row, Burst.clamp(e.accesses[i]));
        schemes.set(SCHEMES_AGE, row, Burst.clamp(e.age[i]));
        schemes.set(SCHEMES_NR_REGIONS, row, e.regions[i]);
    }

    void tuned(Kdamond k, long timeNs) {
        int row = tuning.addRow();
        tuning.set(TUNING_TIME_NS, row, timeNs);
        tuning.set(TUNING_KDAMOND, row, k.facts.number());
        tuning.set(TUNING_SAMPLE_US, row, k.sampleUs);
        tuning.set(TUNING_AGGR_US, row, k.aggrUs);
    }

    void statistic(Kdamonds.Facts kdamond, EventColumns e, int i) {
        int row = statistics.addRow();
        statistics.set(STATS_TIME_NS, row, e.timeNs[i]);
        statistics.set(STATS_KDAMOND, row, kdamond.number());
        statistics.set(STATS_CONTEXT, row, e.context[i]);
        statistics.set(STATS_SCHEME, row, e.scheme[i]);
        statistics.set(STATS_NAME, row, e.name[i]);
        statistics.set(STATS_VALUE, row, e.target[i]);
    }
}
