package org.damson.replayer.memory;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.damson.model.Mapping;

/** What the mappings of some time are made of; of two at one place the one that came later counts. */
public final class MappingKinds {
    private final NavigableMap<Long, Mapping> byStart;

    MappingKinds(NavigableMap<Long, Mapping> byStart) {
        this.byStart = byStart;
    }

    /** Those of both, of a time that comes later. */
    public MappingKinds and(MappingKinds later) {
        NavigableMap<Long, Mapping> both = new TreeMap<>(byStart);
        both.putAll(later.byStart);
        return new MappingKinds(both);
    }

    /** That of the mapping that has the range. */
    public MappingKind of(long start, long end) {
        Map.Entry<Long, Mapping> last = byStart.lowerEntry(end);
        return last == null || last.getValue().end() <= start ? MappingKind.UNKNOWN : MappingKind.of(last.getValue());
    }
}
