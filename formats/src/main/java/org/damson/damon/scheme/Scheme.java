package org.damson.damon.scheme;

import java.util.List;
import java.util.Objects;

/**
 * A DAMOS scheme as people write it; times and percentages become the kernel's counts only with a trace's intervals.
 *
 * @param size bytes of a region
 * @param access samples or hundredths of a percent
 * @param age aggregations or microseconds
 * @param applyUs apply interval, microseconds; 0: the aggregation interval
 * @param targetNode node of a migration, -1: none
 * @param maxSnapshots 7.1: stop after so many turns; 0: never
 * @param destinations nodes of a migration with their weights, instead of one node; mostly none
 * @param unused what was given beside these, by path: it is not simulated
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
    /** A NUMA node and its share of what is migrated. */
    public record Destination(int node, long weight) {}

    /** Every region, without limits. */
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
            throw new IllegalArgumentException("an interval or count must not be negative");
        }
    }

    public Scheme withSize(Range r) {
        return new Scheme(
                action,
                r,
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

    public Scheme withAccess(Range r) {
        return new Scheme(
                action,
                size,
                r,
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

    public Scheme withAge(Range r) {
        return new Scheme(
                action,
                size,
                access,
                r,
                applyUs,
                quota,
                watermarks,
                filters,
                targetNode,
                maxSnapshots,
                destinations,
                unused);
    }

    public Scheme withQuota(Quota q) {
        return new Scheme(
                action,
                size,
                access,
                age,
                applyUs,
                q,
                watermarks,
                filters,
                targetNode,
                maxSnapshots,
                destinations,
                unused);
    }

    public Scheme withWatermarks(Watermarks w) {
        return new Scheme(
                action, size, access, age, applyUs, quota, w, filters, targetNode, maxSnapshots, destinations, unused);
    }

    public Scheme withFilters(List<Filter> f) {
        return new Scheme(
                action,
                size,
                access,
                age,
                applyUs,
                quota,
                watermarks,
                f,
                targetNode,
                maxSnapshots,
                destinations,
                unused);
    }

    public Scheme withApplyUs(long us) {
        return new Scheme(
                action,
                size,
                access,
                age,
                us,
                quota,
                watermarks,
                filters,
                targetNode,
                maxSnapshots,
                destinations,
                unused);
    }

    public Scheme withTargetNode(int node) {
        return new Scheme(
                action,
                size,
                access,
                age,
                applyUs,
                quota,
                watermarks,
                filters,
                node,
                maxSnapshots,
                destinations,
                unused);
    }

    public Scheme withMaxSnapshots(long n) {
        return new Scheme(
                action, size, access, age, applyUs, quota, watermarks, filters, targetNode, n, destinations, unused);
    }
}
