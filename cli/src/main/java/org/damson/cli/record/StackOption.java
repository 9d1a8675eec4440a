package org.damson.cli.record;

import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;
import org.damson.recorder.stacks.StackRequest;
import org.damson.recorder.stacks.StackResult;

/** {@code --stacks} of {@code record}, and what is said of it in the end. */
final class StackOption {
    static final Option STACKS = Shared.expert(Shared.optionalValue(
            "stacks",
            "HZ",
            "also record call stacks, HZ per second of CPU time (default 99), and first touches of memory"));

    /** CPU time that call stacks may cost, of one CPU: reading them, and the interrupts of the sampled threads. */
    private static final double MAX_CPU_SHARE = 0.02;

    private StackOption() {}

    /** What is wanted; null if no call stacks are. */
    static StackRequest read(CommandLine line, boolean followChildren) {
        if (!line.hasOption(STACKS)) {
            return null;
        }
        String value = line.getOptionValue(STACKS);
        long hz = value == null ? StackRequest.DEFAULT_HZ : Quantities.count(STACKS, value);
        // Neither physical addresses nor the events of another user's DAMON name the processes to sample.
        boolean systemWide = line.hasOption(DamonRecording.PADDR) || line.hasOption(DamonRecording.ATTACH);
        try {
            return new StackRequest((int) Math.min(hz, Integer.MAX_VALUE), systemWide, followChildren, MAX_CPU_SHARE);
        } catch (InvalidInputException e) {
            throw new UsageException("--stacks: " + e.getMessage());
        }
    }

    /** Whether there are call stacks. */
    static boolean isAny(StackResult stacks) {
        return stacks != null && stacks.samples() > 0;
    }

    /** For the closing line. */
    static String recorded(StackResult stacks) {
        if (stacks == null || !stacks.refusal().isEmpty()) {
            return stacks == null ? "" : ", no call stacks";
        }
        return ", " + Units.count(stacks.samples(), "call stack")
                + (stacks.lost() > 0 ? ", LOST " + Units.count(stacks.lost(), "record") + " of call stacks" : "")
                + (stacks.throttles() > 0
                        ? ", sampling held back by the kernel " + Units.count(stacks.throttles(), "time")
                        : "")
                + (stacks.threadsWithout() > 0
                        ? ", " + Units.count(stacks.threadsWithout(), "thread") + " without call stacks"
                        : "");
    }

    static void report(StackResult stacks, Map<String, Object> json) {
        if (stacks != null) {
            json.put("call_stacks", stacks.samples());
            json.put("lost_stack_records", stacks.lost());
            json.put("stack_throttles", stacks.throttles());
            json.put("threads_without_stacks", stacks.threadsWithout());
            json.put("stacks_refused", stacks.refusal());
        }
    }
}
