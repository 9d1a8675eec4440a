package org.damson.damon;

import org.damson.model.Batch;
import org.damson.model.Table;

/** Rows of the tables beside the snapshots. */
final class EventRows {
    final Batch schemes = new Batch(Table.SCHEMES);
    final Batch tuning = new Batch(Table.TUNING);
    final Batch statistics = new Batch(Table.SCHEME_STATS);

    void beforeApply(Kdamonds.Facts kdamond, EventColumns e, int i) {
        int row = schemes.addRow();
        int c = 0;
        schemes.set(c++, row, e.timeNs[i]);
        schemes.set(c++, row, kdamond.number());
        schemes.set(c++, row, e.context[i]);
        schemes.set(c++, row, e.scheme[i]);
        schemes.set(c++, row, e.target[i]);
        schemes.set(c++, row, e.start[i] * kdamond.addrUnit());
        schemes.set(c++, row, e.end[i] * kdamond.addrUnit());
        schemes.set(c++, row, Burst.clamp(e.accesses[i]));
        schemes.set(c++, row, Burst.clamp(e.age[i]));
        schemes.set(c, row, e.regions[i]);
    }

    void tuned(Kdamond k, long timeNs) {
        int row = tuning.addRow();
        tuning.set(0, row, timeNs);
        tuning.set(1, row, k.facts.number());
        tuning.set(2, row, k.sampleUs);
        tuning.set(3, row, k.aggrUs);
    }

    void statistic(Kdamonds.Facts kdamond, EventColumns e, int i) {
        int row = statistics.addRow();
        int c = 0;
        statistics.set(c++, row, e.timeNs[i]);
        statistics.set(c++, row, kdamond.number());
        statistics.set(c++, row, e.context[i]);
        statistics.set(c++, row, e.scheme[i]);
        statistics.set(c++, row, e.name[i]);
        statistics.set(c, row, e.target[i]);
    }
}
