package org.damson.analyzer.fleet;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.damson.model.text.NativeText;

/** Carries out plans within this process, over traces of this machine, several at a time. */
public final class LocalFleet implements FleetEngine {
    @Override
    public FleetSelection find(List<String> roots, TreeMap<String, String> where) throws IOException {
        FleetFiles files = new FleetFiles();
        for (String root : roots) {
            files.find(NativeText.path(root));
        }
        return FleetSelection.of(files.found(), where, files.troubles());
    }

    @Override
    public <V extends Serializable, S extends Serializable, R extends Serializable> FleetAnswer<R> run(
            FleetSelection selection, FleetPlan<V, S, R> plan) throws IOException {
        TreeMap<String, TraceAnswer<V>> recordings = new TreeMap<>();
        try {
            // Of copies the one whose path comes first counts.
            selection.traces().parallelStream()
                    .map(trace -> answer(trace, plan, selection))
                    .forEachOrdered(answer -> recordings.merge(answer.identity(), answer, TraceAnswer::first));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        SharedRows shared = new SharedRows(recordings.values().stream()
                .filter(answer -> answer.value() != null)
                .map(TraceAnswer::rows)
                .toList());
        Set<String> leftOut = shared.leftOut();
        TreeMap<String, S> sums = new TreeMap<>();
        recordings.forEach((identity, answer) -> {
            if (answer.value() != null && !leftOut.contains(identity)) {
                for (String group : plan.groups(answer.value())) {
                    S sum = sums.computeIfAbsent(group, g -> plan.none());
                    sums.put(group, plan.add(sum, answer.value()));
                }
            }
        });
        TreeMap<String, R> groups = new TreeMap<>();
        sums.forEach((group, sum) -> groups.put(group, plan.end(group, sum)));
        List<Trouble> troubles = new ArrayList<>(selection.troubles());
        recordings.values().forEach(answer -> troubles.addAll(answer.troubles(leftOut)));
        troubles.addAll(shared.troubles());
        troubles.sort(Trouble.ORDER);
        return new FleetAnswer<>(groups, List.copyOf(troubles));
    }

    private static <V extends Serializable> TraceAnswer<V> answer(
            FleetTrace trace, FleetPlan<V, ?, ?> plan, FleetSelection selection) {
        try {
            return TraceAnswer.of(trace, trace.local(), plan, selection.where());
        } catch (InterruptedIOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        // holds nothing
    }
}
