package org.damson.cli.record;

import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.NativeTools;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.recorder.referenced.OverheadBudget;
import org.damson.recorder.referenced.SelfTest;
import org.damson.recorder.referenced.TlbFlush;

/** Options about what recording through referenced bits may cost the recorded programs, and the test they rest on. */
public final class OverheadOptions {
    public static final Option MAX_SLOWDOWN = Shared.value(
            null, "max-slowdown", "PERCENT", "upper bound on the slowdown without DAMON (default 2), or none");
    public static final Option TLB_FLUSH = Shared.expert(Shared.value(
            null,
            "tlb-flush",
            "auto|always|never",
            "when to flush the TLB as referenced bits are cleared (default auto)"));

    static final Option WRITTEN = Shared.expert(Shared.flag(
            null,
            "written",
            "also record which pages were written, without DAMON; needs a kernel with soft-dirty bits"));

    public static final List<Option> OPTIONS = List.of(MAX_SLOWDOWN, TLB_FLUSH);

    private OverheadOptions() {}

    /** Refuses them where DAMON alone records. */
    public static void refuse(CommandLine line) {
        for (Option option : OPTIONS) {
            if (line.hasOption(option)) {
                throw new UsageException(
                        "--" + option.getLongOpt() + " is about recording without DAMON: it has no effect here");
            }
        }
    }

    /** No bound, as DAMON needs none; what the options say has to be right all the same, as they hold where it is not to be had. */
    public static OverheadBudget unbounded(CommandLine line) {
        tlbFlush(line.getOptionValue(TLB_FLUSH, "auto"));
        maxSlowdown(line);
        return OverheadBudget.UNBOUNDED;
    }

    /** What the options say; measures this machine and says what the measurement could not decide. */
    static OverheadBudget read(CommandLine line, Console console) throws InterruptedException {
        TlbFlush flush = tlbFlush(line.getOptionValue(TLB_FLUSH, "auto"));
        double maxSlowdown = maxSlowdown(line);
        boolean written = line.hasOption(WRITTEN);
        if (written && flush == TlbFlush.NEVER) {
            throw new UsageException(
                    "--written cannot be combined with --tlb-flush never: clearing soft-dirty bits flushes the TLB");
        }
        SelfTest test = selfTest();
        if (written && !test.tellsWritten()) {
            throw new CommandFailedException(
                    ExitCode.CAPABILITY, "--written: " + (test.isGood() ? test.softDirtyError() : test.problem()));
        }
        if (!test.isGood()) {
            console.note("self-test: " + test.text());
        } else if (flush == TlbFlush.NEVER && test.blind() == SelfTest.Blind.YES) {
            console.note("self-test: " + test.text()
                    + "; with --tlb-flush never, memory in steady use reads low on this machine");
        }
        return new OverheadBudget(written ? TlbFlush.ALWAYS : flush, maxSlowdown, test);
    }

    /** Measures this machine; that it cannot be is a result too. */
    public static SelfTest selfTest() throws InterruptedException {
        try {
            return SelfTest.run(NativeTools.accessgen());
        } catch (java.io.IOException | CommandFailedException e) {
            return SelfTest.unknown(e.getMessage());
        }
    }

    private static double maxSlowdown(CommandLine line) {
        String text = line.getOptionValue(MAX_SLOWDOWN);
        if (text == null) {
            return OverheadBudget.DEFAULT_MAX_SLOWDOWN;
        }
        if (text.equals("none")) {
            return Double.POSITIVE_INFINITY;
        }
        double percent = Quantities.percent(MAX_SLOWDOWN, text);
        if (!(percent > 0)) {
            throw new UsageException("--max-slowdown: more than 0, or none");
        }
        return percent / 100;
    }

    public static TlbFlush tlbFlush(String text) {
        return switch (text) {
            case "auto" -> TlbFlush.AUTO;
            case "always" -> TlbFlush.ALWAYS;
            case "never" -> TlbFlush.NEVER;
            default -> throw new UsageException("--tlb-flush: auto, always or never, not '" + text + "'");
        };
    }
}
