package org.damson.exchange.perf;

import java.io.IOException;
import java.util.Set;
import org.damson.exchange.build.BinaryInput;
import org.damson.model.TraceFormatException;

/** The clock of a {@code trace.dat}: which it was, and the conversion of its times to nanoseconds. */
final class TracingClock {
    // Options.
    private static final int DATE = 1;
    private static final int TRACE_CLOCK = 4;
    private static final int OFFSET = 7;
    private static final int TSC2NSEC = 14;

    private static final Set<String> NO_NANOSECONDS = Set.of("counter", "uptime", "x86-tsc", "ppc-tb", "s390-tod");

    /** Clocks with the same origin. */
    private static final Set<String> SCHED = Set.of("local", "global", "perf");

    private final BinaryInput in;
    private String name = "";
    private String ofInstance = "";
    private long offsetNs;

    /** Times are counter values: nanoseconds = value * multiplier >> shift. The multiplier is 0 if times are nanoseconds. */
    private long tscMultiplier;

    private int tscShift;

    /** @param in the file, for error messages */
    TracingClock(BinaryInput in) {
        this.in = in;
    }

    /** Takes an option of the file; options that do not concern the clock have no effect. */
    void option(int option, BinaryInput value) throws IOException {
        switch (option) {
            case TSC2NSEC -> counter(value);
            case TRACE_CLOCK -> {
                String words = words(value);
                int from = words.indexOf('[');
                int to = words.indexOf(']');
                name = from >= 0 && to > from ? words.substring(from + 1, to) : name;
            }
            case DATE -> offsetNs += number(words(value), 1000);
            case OFFSET -> offsetNs += number(words(value), 1);
            default -> {}
        }
    }

    private void counter(BinaryInput value) throws IOException {
        if (value.size() < 16) {
            return;
        }
        tscMultiplier = value.u32();
        long shift = value.u32();
        if (shift > 32) {
            throw in.bad("a clock whose ticks take " + tscMultiplier + " ns in 2^" + shift);
        }
        tscShift = (int) shift;
    }

    private static String words(BinaryInput value) throws IOException {
        return value.text((int) value.size());
    }

    private long number(String words, long unitNs) throws TraceFormatException {
        try {
            return Math.multiplyExact(Long.decode(words.strip()), unitNs);
        } catch (NumberFormatException | ArithmeticException e) {
            throw in.bad("a time offset that is not a number");
        }
    }

    /**
     * Takes the clock of an instance of the trace that holds events; an empty name says nothing.
     *
     * @throws TraceFormatException if another instance has one whose times do not compare
     */
    void instance(String own) throws TraceFormatException {
        if (own.isEmpty()) {
            return;
        }
        boolean compares =
                ofInstance.isEmpty() || ofInstance.equals(own) || SCHED.contains(ofInstance) && SCHED.contains(own);
        if (!compares) {
            throw in.bad("its instances have different trace clocks, " + ofInstance + " and " + own
                    + ": trace-cmd split -B NAME takes one of them");
        }
        ofInstance = own;
        name = own;
    }

    /**
     * To be called when all options are known.
     *
     * @return whether times are those of CLOCK_MONOTONIC
     * @throws TraceFormatException if they are not nanoseconds and nobody knows how many
     */
    boolean isMonotonic() throws TraceFormatException {
        if (tscMultiplier != 0 && name.equals("x86-tsc")) {
            return false;
        }
        tscMultiplier = 0;
        if (NO_NANOSECONDS.contains(name)) {
            throw in.bad("recorded with trace clock " + name + ", which does not count nanoseconds"
                    + (name.equals("x86-tsc") ? "; trace-cmd record -C tsc2nsec records how long a tick is" : ""));
        }
        return name.equals("mono") && offsetNs == 0;
    }

    /** A recorded time in nanoseconds; the product has up to 96 bits. */
    long ns(long time) {
        long ns = time;
        if (tscMultiplier != 0) {
            long high = (time >>> 32) * tscMultiplier;
            ns = (high << 32 - tscShift) + ((time & 0xffff_ffffL) * tscMultiplier >>> tscShift);
        }
        return ns + offsetNs;
    }
}
