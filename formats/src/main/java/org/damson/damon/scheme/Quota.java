package org.damson.damon.scheme;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.damson.model.InvalidInputException;

/**
 * How much a scheme may do within a time window.
 *
 * @param timeMs time it may spend per window, milliseconds; 0: no limit of time
 * @param sizeBytes bytes it may try per window; 0: no limit of size
 * @param resetMs length of a window, milliseconds; 0: every turn is a window; {@link Range#MAX}: one window for ever
 * @param weightSize priority weight of size, permil; the kernel ignores it
 * @param weightAccess priority weight of the access count, permil
 * @param weightAge priority weight of the age, permil
 * @param goals goals that the feedback loop drives the size at
 * @param temporal 7.1's other tuner: all or nothing instead of the feedback loop
 * @param failNum numerator of the share that 7.2 charges of memory that the action failed on
 * @param failDenom its denominator; 0: all of it is charged
 */
public record Quota(
        long timeMs,
        long sizeBytes,
        long resetMs,
        int weightSize,
        int weightAccess,
        int weightAge,
        List<Goal> goals,
        boolean temporal,
        long failNum,
        long failDenom) {
    /** No limit. */
    public static final Quota NONE = new Quota(0, 0, Range.MAX, 0, 0, 0, List.of(), false);

    /** The metric of a goal, in the kernel's words. */
    public enum Metric {
        USER_INPUT,
        SOME_MEM_PSI_US,
        NODE_MEM_USED_BP,
        NODE_MEM_FREE_BP,
        NODE_MEMCG_USED_BP,
        NODE_MEMCG_FREE_BP,
        ACTIVE_MEM_BP,
        INACTIVE_MEM_BP;

        /** The word in sysfs and on damo's command line. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Metric of(String word) {
            List<String> words = new ArrayList<>();
            for (Metric m : values()) {
                if (m.name().equalsIgnoreCase(word)) {
                    return m;
                }
                words.add(m.word());
            }
            throw new UnknownWordException("quota goal metric", word, words);
        }
    }

    /**
     * A goal of the feedback loop.
     *
     * @param current what {@code user_input} says; for others a start value
     * @param node NUMA node of metrics of one, -1: none
     * @param memcgPath memory control group of metrics of one; empty: none
     */
    public record Goal(Metric metric, long target, long current, int node, String memcgPath) {
        /** A goal without NUMA node and control group. */
        public Goal(Metric metric, long target, long current) {
            this(metric, target, current, -1, "");
        }

        public Goal {
            if (target <= 0) {
                throw new InvalidInputException("a quota goal needs a target above 0");
            }
            Scheme.requireLine(memcgPath);
        }
    }

    /** A quota that charges all bytes to which the action was tried. */
    public Quota(
            long timeMs,
            long sizeBytes,
            long resetMs,
            int weightSize,
            int weightAccess,
            int weightAge,
            List<Goal> goals,
            boolean temporal) {
        this(timeMs, sizeBytes, resetMs, weightSize, weightAccess, weightAge, goals, temporal, 0, 0);
    }

    public Quota {
        goals = List.copyOf(goals);
        if (failNum < 0 || failNum > Range.KERNEL_MAX || failDenom < 0 || failDenom > Range.KERNEL_MAX) {
            throw new InvalidInputException("a fail charge ratio is of two numbers of 32 bits");
        }
        if (timeMs < 0 || sizeBytes < 0 || resetMs < 0 || weightSize < 0 || weightAccess < 0 || weightAge < 0) {
            throw new InvalidInputException("a quota must not be negative");
        }
    }

    /** Whether bytes on which the action fails are charged at another rate. */
    public boolean hasFailCharge() {
        return failDenom != 0 && failNum != failDenom;
    }

    /** Whether bytes on which the action fails are charged at a lower rate. */
    public boolean sparesFailed() {
        return failDenom != 0 && failNum < failDenom;
    }

    /** Whether there is no limit. */
    public boolean isNone() {
        return timeMs == 0 && sizeBytes == 0 && goals.isEmpty();
    }
}
