package org.damson.replayer;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Recordings that are replayed together, as of programs that share a machine: one plan with all their processes. */
public final class Colocation {
    private Colocation() {}

    /** A recording and its replay options. */
    public record Member(TraceSource trace, ReplayOptions options) {}

    /**
     * Writes the plan, in which each member begins as its options say.
     *
     * @throws IOException if nothing was accessed in one of them, or all together need more than the limit
     */
    public static ReplayPlan plan(List<Member> members, Writer out) throws IOException {
        PlanWriter writer = PlanWriter.begin(out);
        List<ReplayPlan> plans = new ArrayList<>();
        long bytes = 0;
        int processes = 0;
        for (Member m : members) {
            writer.comment(m.trace.name());
            ReplayPlan plan = ReplayPlanner.append(m.trace, TraceQuery.ALL, m.options, writer, bytes);
            plans.add(plan);
            bytes += plan.sizeBytes();
            processes += plan.processes().size();
            if (processes > ReplayPlanner.MAX_PROCESSES) {
                throw new TraceFormatException(
                        m.trace.name(),
                        "",
                        "more than " + ReplayPlanner.MAX_PROCESSES + " targets with the traces before it");
            }
        }
        return ReplayPlan.together(plans);
    }
}
