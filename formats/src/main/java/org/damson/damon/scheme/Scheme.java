package org.damson.damon.scheme;

import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.damson.model.InvalidInputException;

/**
 * A DAMOS scheme as people write it; times and percentages become the kernel's counts only with intervals: those of the
 * set-up that runs it, or of the trace it is simulated over.
 *
 * @param size bytes of a region
 * @param access samples or hundredths of a percent
 * @param age aggregations or microseconds
 * @param applyUs apply interval, microseconds; 0: the aggregation interval
 * @param targetNode node of a migration, -1: none
 * @param maxSnapshots 7.1: stop after so many turns; 0: never
 * @param destinations nodes of a migration with their weights, instead of one node; mostly none
 * @param unused what was given beside these, by path: it is neither set up nor simulated
 */
public record Scheme(
        Action action,
        Range size,
        Range access,
        Range age,
        long applyUs,
        Quota quota,
        Watermarks watermarks,
        List<Filter> filters,
        int targetNode,
        long maxSnapshots,
        List<Destination> destinations,
        List<String> unused) {
    /** A NUMA node and its weight in a migration. */
    public record Destination(int node, long weight) {}

    /** Matches every region, without limits. */
    public static Scheme of(Action action) {
        return new Scheme(
                action,
                Range.all(Range.Unit.BYTES),
                Range.all(Range.Unit.SAMPLES),
                Range.all(Range.Unit.AGGREGATIONS),
                0,
                Quota.NONE,
                Watermarks.NONE,
                List.of(),
                -1,
                0,
                List.of(),
                List.of());
    }

    public Scheme {
        Objects.requireNonNull(action);
        filters = List.copyOf(filters);
        destinations = List.copyOf(destinations);
        unused = List.copyOf(unused);
        if (size.unit() != Range.Unit.BYTES
                || access.unit() != Range.Unit.SAMPLES && access.unit() != Range.Unit.ACCESS_BP
                || age.unit() != Range.Unit.AGGREGATIONS && age.unit() != Range.Unit.MICROSECONDS) {
            throw new IllegalArgumentException("a bound in a wrong unit");
        }
        if (applyUs < 0 || maxSnapshots < 0) {
            throw new InvalidInputException("an interval or count must not be negative");
        }
    }

    /** Whether it may split regions, at the end of its quota or at the ends of a filter's addresses. */
    public boolean mayCut() {
        return !quota.isNone() || filtersAddresses();
    }

    /** Whether it has a filter of addresses. */
    public boolean filtersAddresses() {
        return filters.stream().anyMatch(f -> f.type() == Filter.Type.ADDR);
    }

    public Scheme withSize(Range other) {
        return with(c -> c.size = other);
    }

    public Scheme withAccess(Range other) {
        return with(c -> c.access = other);
    }

    public Scheme withAge(Range other) {
        return with(c -> c.age = other);
    }

    public Scheme withQuota(Quota other) {
        return with(c -> c.quota = other);
    }

    public Scheme withWatermarks(Watermarks other) {
        return with(c -> c.watermarks = other);
    }

    public Scheme withFilters(List<Filter> others) {
        return with(c -> c.filters = others);
    }

    public Scheme withApplyUs(long us) {
        return with(c -> c.applyUs = us);
    }

    public Scheme withMaxSnapshots(long n) {
        return with(c -> c.maxSnapshots = n);
    }

    public Scheme withDestinations(List<Destination> others) {
        return with(c -> c.destinations = others);
    }

    private Scheme with(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return copy.scheme();
    }

    /** A scheme being built. */
    private static final class Copy {
        private final Action action;
        private Range size;
        private Range access;
        private Range age;
        private long applyUs;
        private Quota quota;
        private Watermarks watermarks;
        private List<Filter> filters;
        private int targetNode;
        private long maxSnapshots;
        private List<Destination> destinations;
        private final List<String> unused;

        Copy(Scheme s) {
            action = s.action;
            size = s.size;
            access = s.access;
            age = s.age;
            applyUs = s.applyUs;
            quota = s.quota;
            watermarks = s.watermarks;
            filters = s.filters;
            targetNode = s.targetNode;
            maxSnapshots = s.maxSnapshots;
            destinations = s.destinations;
            unused = s.unused;
        }

        Scheme scheme() {
            return new Scheme(
                    action,
                    size,
                    access,
                    age,
                    applyUs,
                    quota,
                    watermarks,
                    filters,
                    targetNode,
                    maxSnapshots,
                    destinations,
                    unused);
        }
    }

    /**
     * Checks a path that goes into one file of the kernel.
     *
     * @throws InvalidInputException if it has control characters or more than 4096 characters
     */
    public static void requireLine(String path) {
        if (path.length() > 4096 || path.chars().anyMatch(c -> c < ' ')) {
            throw new InvalidInputException("a path is one line");
        }
    }
}
