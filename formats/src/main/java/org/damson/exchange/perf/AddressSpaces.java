package org.damson.exchange.perf;

import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which file each process has at which addresses, as a recording tells it in order of time. Memory is bounded: first what
 * processes had that have ended is forgotten, then new mappings are ignored and counted.
 */
final class AddressSpaces {
    /** Stands for the kernel in place of a process id. */
    static final int KERNEL = -1;

    private static final int MAX_MAPPINGS = 1 << 18;
    private static final int MAX_TEXT = 1 << 23;

    /** Estimated bytes of a file name beside its characters. */
    private static final int CODE_BYTES = 64;

    /** Limit on mappings copied from parents to children; a recording of a week has fewer. */
    private static final long MAX_COPIES = 1L << 26;

    /**
     * What is mapped.
     *
     * @param function the function, if the recording names it, else empty
     * @param buildId in hexadecimal, empty if the recording does not say
     * @param isRun whether it is a part of an ELF file that may be executed
     */
    record Code(String function, String file, String buildId, boolean isRun) {
        /** Code that need not be part of an ELF file. */
        Code(String function, String file, String buildId) {
            this(function, file, buildId, false);
        }
    }

    /**
     * A run of addresses.
     *
     * @param last the last address, since one after it need not exist
     * @param base the address that has offset 0
     */
    record Mapping(long start, long last, long base, Code code) {}

    private final Map<Integer, NavigableMap<Long, Mapping>> spaces = new HashMap<>();
    private final Map<Integer, Long> versions = new HashMap<>();
    private final Set<Integer> ended = new LinkedHashSet<>();
    private final Map<Code, Code> codes = new HashMap<>();
    private int mappings;
    private int text;
    private long copies;
    private long ignored;
    private long changes;

    /** Mappings and new processes that were dropped because a limit was reached. */
    long ignored() {
        return ignored;
    }

    /** Adds a mapping, replacing what was mapped there. */
    void map(int pid, long start, long last, long base, Code code) {
        Code known = codes.get(code);
        if (known == null) {
            int length = CODE_BYTES + code.function.length() + code.file.length() + code.buildId.length();
            if (length > MAX_TEXT - text) {
                ignored++;
                return;
            }
            text += length;
            known = code;
            codes.put(code, code);
        }
        ended.remove(pid);
        // What it takes the place of may be cut in two.
        if (!hasRoomFor(2)) {
            return;
        }
        NavigableMap<Long, Mapping> space = spaces.computeIfAbsent(pid, p -> new TreeMap<>(Long::compareUnsigned));
        versions.put(pid, ++changes);
        int before = space.size();
        Map.Entry<Long, Mapping> floor = space.floorEntry(start);
        Mapping lower = floor == null ? null : floor.getValue();
        NavigableMap<Long, Mapping> covered = space.subMap(start, true, last, true);
        Mapping upper = covered.isEmpty() ? lower : covered.lastEntry().getValue();
        covered.clear();
        if (lower != null && lower.start != start && Long.compareUnsigned(lower.last, start) >= 0) {
            space.put(lower.start, new Mapping(lower.start, start - 1, lower.base, lower.code));
        }
        if (upper != null && Long.compareUnsigned(upper.last, last) > 0) {
            space.put(last + 1, new Mapping(last + 1, upper.last, upper.base, upper.code));
        }
        space.put(start, new Mapping(start, last, base, known));
        mappings += space.size() - before;
    }

    /** Adds a process, which begins with its parent's mappings. */
    void fork(int parent, int child) {
        forget(child);
        NavigableMap<Long, Mapping> space = spaces.get(parent);
        if (space == null) {
            return;
        }
        copies += space.size();
        if (copies > MAX_COPIES) {
            ignored++;
        } else if (hasRoomFor(space.size())) {
            mappings += space.size();
            spaces.put(child, new TreeMap<>(space));
            versions.put(child, ++changes);
        }
    }

    /** The process executes another program, so that nothing is mapped any more. */
    void forget(int pid) {
        ended.remove(pid);
        versions.remove(pid);
        NavigableMap<Long, Mapping> space = spaces.remove(pid);
        if (space != null) {
            mappings -= space.size();
        }
    }

    /** The main thread of a process has ended; other threads may still run. */
    void exit(int pid) {
        if (spaces.containsKey(pid)) {
            ended.add(pid);
        }
    }

    /** A number that changes whenever the mappings of the process change. */
    long version(int pid) {
        return versions.getOrDefault(pid, 0L);
    }

    /** The mappings of a process, by address. */
    Collection<Mapping> of(int pid) {
        NavigableMap<Long, Mapping> space = spaces.get(pid);
        return space == null ? List.of() : space.values();
    }

    /** The mapping at an address; null if unknown. */
    Mapping find(int pid, long address) {
        NavigableMap<Long, Mapping> space = spaces.get(pid);
        Map.Entry<Long, Mapping> floor = space == null ? null : space.floorEntry(address);
        return floor == null || Long.compareUnsigned(floor.getValue().last, address) < 0 ? null : floor.getValue();
    }

    private boolean hasRoomFor(int more) {
        while (mappings + more > MAX_MAPPINGS) {
            Iterator<Integer> oldest = ended.iterator();
            if (!oldest.hasNext()) {
                ignored++;
                return false;
            }
            forget(oldest.next());
        }
        return true;
    }
}
