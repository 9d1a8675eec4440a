package org.damson.analyzer.page;

import java.io.IOException;
import java.util.List;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.heatmap.HeatTiles;
import org.damson.analyzer.heatmap.OutTiles;
import org.damson.analyzer.heatmap.TileLayout;
import org.damson.analyzer.memory.OutListener;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.scan.TargetKey;
import org.damson.damon.scheme.Scheme;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * What schemes would have done over the trace of a page.
 *
 * @param level of the page's tiles whose cells {@code out} has
 * @param out share of each cell's bytes and time that is out in the likely course; coded as heat is
 */
public record PageWhatIf(OpenLoopResult result, int level, byte[] out) {
    /** What to simulate, and how. */
    public record Question(List<Scheme> schemes, OpenLoopOptions options, OutcomeOptions outcome) {}

    static PageWhatIf of(TraceSource trace, TraceQuery query, HeatTiles tiles, TileLayout layout, Question question)
            throws IOException {
        OutTiles out = new OutTiles(tiles, layout);
        OpenLoopResult result = OpenLoop.runTelling(
                trace, query, question.schemes(), question.options(), question.outcome(), new OutListener() {
                    @Override
                    public void turn(long fromNs, long toNs) {
                        out.turn(fromNs, toNs);
                    }

                    @Override
                    public void out(TargetKey key, long start, long end, double share) {
                        out.add(key, start, end, share);
                    }
                });
        return new PageWhatIf(result, out.level(), out.cells());
    }
}
