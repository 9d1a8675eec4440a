package org.damson.analyzer.fleet;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.Units;

/**
 * Traces made from others, as slices and merged traces, beside these: rows count once. A merged trace counts if some of what it holds
 * is not there by itself; else its parts count, which know better where they were recorded.
 */
public final class SharedRows {
    /**
     * Where the rows of a trace come from.
     *
     * @param identity of its rows, as {@link TraceAnswer#identity}
     * @param madeFrom identities of traces that hold all of its rows
     * @param merged identities of traces all whose rows it holds
     */
    public record Rows(String path, String identity, List<String> madeFrom, List<String> merged)
            implements Serializable {
        private static final long serialVersionUID = 1L;

        /** Whether it is made from others. */
        public boolean isMade() {
            return !madeFrom.isEmpty() || !merged.isEmpty();
        }
    }

    private final Map<String, Rows> byIdentity = new HashMap<>();
    private final List<Rows> made;
    /** By what does not count: what counts in its place. */
    private final Map<String, List<String>> instead = new LinkedHashMap<>();

    /**
     * Decides which traces count.
     *
     * @param all those that are made from others, and those that these name, of traces that can be read; others change nothing
     */
    public SharedRows(Collection<Rows> all) {
        all.forEach(rows -> byIdentity.put(rows.identity(), rows));
        made = all.stream()
                .filter(Rows::isMade)
                .sorted(Comparator.comparing(Rows::path))
                .toList();
        for (Rows rows : made) {
            if (!rows.merged().isEmpty()) {
                replace(rows, rows.merged());
            }
        }
        for (Rows rows : made) {
            rows.madeFrom().forEach(from -> replace(rows, List.of(from)));
        }
        for (Rows whole : made) {
            whole.merged().forEach(part -> replace(byIdentity.get(part), List.of(whole.identity())));
            for (Rows part : made) {
                if (!part.merged().isEmpty() && whole.merged().containsAll(part.merged())) {
                    replace(part, List.of(whole.identity()));
                }
            }
        }
    }

    /** Has others count in the place of a trace, if they count at all without it. */
    private void replace(Rows rows, List<String> others) {
        if (rows == null || instead.containsKey(rows.identity())) {
            return;
        }
        for (String other : others) {
            if (!counts(other, new HashSet<>(Set.of(rows.identity())))) {
                return;
            }
        }
        instead.put(rows.identity(), others);
    }

    /** Whether the rows of a trace count, in it or in others. */
    private boolean counts(String identity, Set<String> without) {
        if (!byIdentity.containsKey(identity) || !without.add(identity)) {
            return false;
        }
        for (String other : instead.getOrDefault(identity, List.of())) {
            if (!counts(other, new HashSet<>(without))) {
                return false;
            }
        }
        return true;
    }

    /** Identities of the traces that do not count. */
    public Set<String> leftOut() {
        return Set.copyOf(instead.keySet());
    }

    /** One line for each that does not count, and for each that counts with rows of another. */
    public List<Trouble> troubles() {
        List<Trouble> troubles = new ArrayList<>();
        instead.forEach((identity, others) -> troubles.add(new Trouble(
                byIdentity.get(identity).path(),
                Trouble.Kind.DUPLICATE,
                "its rows are also in " + counted(others.get(0))
                        + (others.size() == 1
                                ? ", which is counted"
                                : " and " + Units.count(others.size() - 1, "more trace") + ", which are counted"))));
        Map<String, String> holders = new HashMap<>();
        for (Rows rows : made) {
            if (!instead.containsKey(rows.identity())) {
                rows.merged().stream()
                        .map(part -> holders.putIfAbsent(part, rows.path()))
                        .filter(other -> other != null && !other.equals(rows.path()))
                        .findFirst()
                        .ifPresent(other -> troubles.add(new Trouble(
                                rows.path(),
                                Trouble.Kind.DOUBTFUL,
                                "some of its rows are also in " + other + ": they count twice")));
            }
        }
        return troubles;
    }

    private String counted(String identity) {
        List<String> others = instead.get(identity);
        return others == null ? byIdentity.get(identity).path() : counted(others.get(0));
    }
}
