package org.damson.damon.setup;

import java.util.List;
import java.util.Set;
import org.damson.damon.scheme.Scheme;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;

/**
 * Set-up of a kdamond: everything that DAMON's sysfs interface takes for one context.
 *
 * @param operations {@code vaddr}, {@code fvaddr} or {@code paddr}
 * @param attrs intervals and bounds on the number of regions
 * @param goal aim of tuning the intervals, or null for intervals that stay
 * @param addrUnit bytes that one unit of physical addresses stands for; 1 = bytes
 * @param targets what is monitored, in the order of their numbers
 * @param schemes what is done about it; their bounds become the kernel's counts with the intervals of {@code attrs}
 * @param probes what else is looked for in what is sampled, in kernels that can
 */
public record DamonSetup(
        String operations,
        MonitoringAttrs attrs,
        IntervalsGoal goal,
        long addrUnit,
        List<Target> targets,
        List<Scheme> schemes,
        List<Probe> probes) {
    /** Virtual addresses of processes, whole; DAMON's default intervals and bounds; no schemes. */
    public static final DamonSetup DEFAULT = new DamonSetup(
            "vaddr",
            new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.GIVEN),
            null,
            1,
            List.of(),
            List.of(),
            List.of());

    /**
     * Goal of tuning the intervals: the share of all access checks that should find an access.
     *
     * @param accessBp that part, in 1/10000
     * @param aggrs aggregation intervals between two adjustments
     * @param minSampleUs shortest sampling interval, microseconds
     * @param maxSampleUs longest, microseconds
     */
    public record IntervalsGoal(long accessBp, long aggrs, long minSampleUs, long maxSampleUs) {
        public IntervalsGoal {
            if (accessBp < 1 || accessBp > 10_000 || aggrs < 1 || minSampleUs < 1 || maxSampleUs < minSampleUs) {
                throw new InvalidInputException("an intervals goal has 1 to 10000 bp, 1 or more aggregations, and"
                        + " a shortest sampling interval no longer than the longest");
            }
        }
    }

    /**
     * One target.
     *
     * @param pid its process; 0 for physical addresses
     * @param ranges the only addresses to monitor; empty: all that the operations find
     */
    public record Target(long pid, List<AddressRange> ranges) {
        public Target {
            ranges = List.copyOf(ranges);
            if (pid < 0 || pid > Integer.MAX_VALUE) {
                throw new InvalidInputException(pid + " is not a process ID");
            }
            long end = 0;
            for (AddressRange range : ranges) {
                if (Long.compareUnsigned(range.start(), end) < 0) {
                    throw new InvalidInputException("ranges have to ascend and may not overlap");
                }
                end = range.end();
            }
        }
    }

    /** Addresses from {@code start} to before {@code end}, unsigned. */
    public record AddressRange(long start, long end) {
        public AddressRange {
            if (Long.compareUnsigned(start, end) >= 0) {
                throw new InvalidInputException("a range ends after it starts");
            }
        }
    }

    /** A data attribute probe: pages to count besides accesses. */
    public record Probe(List<ProbeFilter> filters) {
        public Probe {
            filters = List.copyOf(filters);
        }
    }

    /**
     * A filter of a probe. Its types are the kernel's, which has others here than for schemes.
     *
     * @param type as in {@code anon} or {@code memcg}
     * @param matching whether pages of this type are meant, or all others
     * @param allow whether those that are meant pass, or are kept out
     * @param path control group of {@code memcg}; empty for none
     */
    public record ProbeFilter(String type, boolean matching, boolean allow, String path) {
        public ProbeFilter {
            if (!type.matches("[a-z][a-z0-9_]{0,40}")) {
                throw new InvalidInputException("a filter's type is a word, not '" + type + "'");
            }
            Scheme.requireLine(path);
        }
    }

    public DamonSetup {
        if (!Set.of("vaddr", "fvaddr", "paddr").contains(operations)) {
            throw new InvalidInputException("operations are vaddr, fvaddr or paddr, not '" + operations + "'");
        }
        if (attrs.minRegions() < 3 || attrs.maxRegions() < attrs.minRegions()) {
            throw new InvalidInputException("DAMON needs 3 regions or more, and a greatest number no less than the"
                    + " least: " + attrs.minRegions() + " to " + attrs.maxRegions());
        }
        if (addrUnit < 1) {
            throw new InvalidInputException("an address unit is 1 byte or more");
        }
        targets = List.copyOf(targets);
        schemes = List.copyOf(schemes);
        probes = List.copyOf(probes);
    }

    /** Whether addresses are physical, and targets no processes. */
    public boolean isPhysical() {
        return operations.equals("paddr");
    }

    public DamonSetup withTargets(List<Target> others) {
        return new DamonSetup(operations, attrs, goal, addrUnit, others, schemes, probes);
    }

    public DamonSetup withSchemes(List<Scheme> others) {
        return new DamonSetup(operations, attrs, goal, addrUnit, targets, others, probes);
    }

    public DamonSetup withAttrs(MonitoringAttrs others) {
        return new DamonSetup(operations, others, goal, addrUnit, targets, schemes, probes);
    }

    public DamonSetup withGoal(IntervalsGoal other) {
        return new DamonSetup(operations, attrs, other, addrUnit, targets, schemes, probes);
    }

    public DamonSetup withOperations(String other) {
        return new DamonSetup(other, attrs, goal, addrUnit, targets, schemes, probes);
    }

    public DamonSetup withProbes(List<Probe> others) {
        return new DamonSetup(operations, attrs, goal, addrUnit, targets, schemes, others);
    }
}
