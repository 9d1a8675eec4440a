package org.damson.cli.record;

import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Symbols;
import org.damson.exchange.build.StackUnwinder;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;
import org.damson.recorder.stacks.KeptFiles;
import org.damson.recorder.stacks.StackRequest;
import org.damson.recorder.stacks.StackResult;
import org.damson.symbols.UserStackUnwinder;

/** {@code --stacks} of {@code record}, and what is said of it in the end. */
final class StackOption {
    static final Option STACKS = Shared.expert(Shared.optionalValue(
            "stacks",
            "HZ",
            "also record call stacks, HZ samples per second of CPU time (default 99), and first touches of memory"));

    static final Option UNWIND = Shared.expert(Shared.value(
            null,
            "unwind",
            "auto|never",
            "with --stacks: unwind code without frame pointers from copies of the stack, while that finds more "
                    + "callers (auto), or use frame pointers only (never, default)"));

    static final Option HARDWARE = Shared.expert(Shared.flag(
            null,
            "hardware",
            "also count instructions, cycles, cache and TLB misses, and sample call stacks by cycles, if the "
                    + "processor has these counters"));

    /** CPU time that call stacks may cost, of one CPU: reading them, and the interrupts of the sampled threads. */
    private static final double MAX_CPU_SHARE = 0.02;

    /** With copies of stacks: to unwind one takes as long as to read dozens of others. */
    private static final double MAX_CPU_SHARE_UNWOUND = 0.05;

    private StackOption() {}

    /** What finds callers without frame pointers, to be closed when recording is over; null if none is wanted. */
    static UserStackUnwinder unwinder(CommandLine line, Console console) {
        if (!line.hasOption(UNWIND)) {
            return null;
        }
        String how = line.getOptionValue(UNWIND);
        if (!how.equals("auto") && !how.equals("never")) {
            throw new UsageException("--unwind " + how + ": auto or never");
        }
        if (!line.hasOption(STACKS)) {
            throw new UsageException("--unwind requires --stacks");
        }
        return how.equals("auto") ? UserStackUnwinder.live(Symbols.cache(console)) : null;
    }

    /**
     * What is wanted; null if no call stacks are.
     *
     * @param unwinder of copies of stacks; null: none are taken
     * @param kept holds files with code until it has names
     */
    static StackRequest read(CommandLine line, boolean followChildren, StackUnwinder unwinder, KeptFiles kept) {
        if (!line.hasOption(STACKS)) {
            return null;
        }
        String value = line.getOptionValue(STACKS);
        long hz = value == null ? StackRequest.DEFAULT_HZ : Quantities.count(STACKS, value);
        // Neither physical addresses nor the events of another user's DAMON name the processes to sample.
        boolean systemWide = line.hasOption(DamonRecording.PADDR) || line.hasOption(DamonRecording.ATTACH);
        try {
            return new StackRequest(
                    (int) Math.min(hz, Integer.MAX_VALUE),
                    systemWide,
                    followChildren,
                    unwinder == null ? MAX_CPU_SHARE : MAX_CPU_SHARE_UNWOUND,
                    unwinder,
                    kept,
                    line.hasOption(HARDWARE));
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
                + (stacks.copiesPassedOver() > 0
                        ? ", " + Units.count(stacks.copiesPassedOver()) + " of them not unwound for want of time"
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
            json.put("stacks_not_unwound", stacks.copiesPassedOver());
            json.put("stacks_refused", stacks.refusal());
        }
    }
}
