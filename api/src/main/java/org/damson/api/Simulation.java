package org.damson.api;

import java.util.List;

/**
 * What DAMOS schemes would have done in a recording. Another run of the program differs; only repeated recordings show by how much.
 *
 * <pre>{@code
 * try (Trace trace = Trace.open(recording)) {
 *     Simulation simulation = trace.simulate("pageout access=0..0 age=2s..max");
 *     Bounds tried = simulation.schemes().get(0).triedBytes();
 *     System.out.printf("it would try %.0f bytes, at least %.0f and at most %.0f%n", tried.estimate(), tried.lower(), tried.upper());
 *     System.out.println("mean saving: " + simulation.memory().savedBytes().estimate() + " bytes");
 * }
 * }</pre>
 *
 * @param kernel the kernel whose rules were simulated
 * @param fromNs start of the first snapshot, nanoseconds of the trace's clock
 * @param toNs end of the last one
 * @param aggregations aggregation intervals in which schemes had their turn
 * @param schemes what came of each, in order
 * @param memory what became of memory and time
 * @param notes what makes figures less than exact or is not simulated, one line each
 */
public record Simulation(
        String kernel,
        long fromNs,
        long toNs,
        long aggregations,
        List<Scheme> schemes,
        Memory memory,
        List<String> notes) {
    /**
     * One scheme, by the kernel's counters.
     *
     * @param text the scheme in short form
     * @param isExact whether the recording decides all that it tried
     * @param triedBytes {@code sz_tried}
     * @param triedRegions {@code nr_tried}
     * @param appliedBytes {@code sz_applied}
     */
    public record Scheme(String text, boolean isExact, Bounds triedBytes, Bounds triedRegions, Bounds appliedBytes) {}

    /**
     * Memory and time, with zram taking what is paged out.
     *
     * @param savedBytes mean over time of what was out
     * @param refaultedBytes touched while out
     * @param stallNs time that the program waits for refaults, nanoseconds
     * @param slowdownShare stall by time: 0.01 is 1 %
     */
    public record Memory(Bounds savedBytes, Bounds refaultedBytes, Bounds stallNs, Bounds slowdownShare) {}

    /** Keeps copies of the lists. */
    public Simulation {
        schemes = List.copyOf(schemes);
        notes = List.copyOf(notes);
    }
}
