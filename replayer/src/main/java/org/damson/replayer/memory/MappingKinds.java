package org.damson.replayer.memory;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.damson.model.Mapping;

/** The kinds of the mappings of one moment; where two overlap, the later one counts. */
public final class MappingKinds {
    private final NavigableMap<Long, Mapping> byStart;

    MappingKinds(NavigableMap<Long, Mapping> byStart) {
        this.byStart = byStart;
    }

    /** These together with those of a later moment. */
    public MappingKinds and(MappingKinds later) {
        NavigableMap<Long, Mapping> both = new TreeMap<>(byStart);
        both.putAll(later.byStart);
        return new MappingKinds(both);
    }

    /** The kind of the mapping that holds the range. */
    public MappingKind of(long start, long end) {
        Map.Entry<Long, Mapping> last = byStart.lowerEntry(end);
        return last == null || last.getValue().end() <= start ? MappingKind.UNKNOWN : MappingKind.of(last.getValue());
    }
}
