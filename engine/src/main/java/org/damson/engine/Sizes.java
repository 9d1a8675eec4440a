package org.damson.engine;

import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.api.WorkingSet;

/** A series of the working-set report. */
record Sizes(WorkingSetResult.Series series) implements WorkingSet.Series {
    @Override
    public String label() {
        return series.label();
    }

    @Override
    public int length() {
        return series.length();
    }

    @Override
    public long startNs(int i) {
        return series.startNs(i);
    }

    @Override
    public long endNs(int i) {
        return series.endNs(i);
    }

    @Override
    public long sizeBytes(int i) {
        return series.size(i);
    }

    @Override
    public double meanBytes() {
        return series.mean();
    }

    @Override
    public long percentile(double percent) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException("a percentile is 0 to 100, not " + percent);
        }
        return series.bySize(percent);
    }
}
