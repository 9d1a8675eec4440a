package org.damson.fleet;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.Serializable;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.damson.analyzer.fleet.FleetPlan;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.model.TraceSource;

/**
 * A plan that stops in the middle: once some traces were begun, those that follow wait for a gate to open.
 *
 * @param gate a directory that all processes see
 */
record Gated<V extends Serializable, S extends Serializable, R extends Serializable>(
        FleetPlan<V, S, R> plan, String gate, int before) implements FleetPlan<V, S, R> {
    private static final long serialVersionUID = 1L;
    private static final String OPEN = "open";

    /** How many traces were begun. */
    static long begun(Path gate) throws IOException {
        try (Stream<Path> all = Files.list(gate)) {
            return all.filter(p -> !p.endsWith(OPEN)).count();
        }
    }

    static void open(Path gate) throws IOException {
        Files.createFile(gate.resolve(OPEN));
    }

    @Override
    public V of(FleetTrace where, TraceSource trace, Consumer<String> doubts) throws IOException {
        Path directory = Path.of(gate);
        int turn = turn(directory);
        while (turn >= before && !Files.exists(directory.resolve(OPEN))) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            }
        }
        return plan.of(where, trace, doubts);
    }

    /** Which trace this is of those that were begun, from 0: no two processes get the same. */
    private static int turn(Path directory) throws IOException {
        for (int turn = 0; ; turn++) {
            try {
                Files.createFile(directory.resolve(String.valueOf(turn)));
                return turn;
            } catch (FileAlreadyExistsException e) {
                // taken
            }
        }
    }

    @Override
    public List<String> groups(V value) {
        return plan.groups(value);
    }

    @Override
    public S none() {
        return plan.none();
    }

    @Override
    public S add(S sum, V value) {
        return plan.add(sum, value);
    }

    @Override
    public S join(S one, S other) {
        return plan.join(one, other);
    }

    @Override
    public R end(String group, S sum) {
        return plan.end(group, sum);
    }
}
