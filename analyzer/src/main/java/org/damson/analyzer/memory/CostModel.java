package org.damson.analyzer.memory;

import java.util.List;
import java.util.Locale;
import org.damson.damon.scheme.UnknownWordException;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;

/**
 * What it costs to take memory away and to bring it back.
 *
 * @param inNs one page of 4 KiB back in, nanoseconds, while the program waits
 * @param outNs one page out, nanoseconds of the kernel's work
 * @param keptShare share of the memory that still occupies DRAM when it is out, as compressed memory does, 0..1
 */
public record CostModel(String name, long inNs, long outNs, double keptShare) {
    private static final List<CostModel> KNOWN = List.of(
            new CostModel("zram", 8_000, 12_000, 0.35),
            new CostModel("zswap", 8_000, 12_000, 0.35),
            new CostModel("nvme", 90_000, 20_000, 0),
            new CostModel("cxl", 2_000, 2_000, 0));

    public static final CostModel ZRAM = KNOWN.get(0);

    public CostModel {
        if (inNs < 0 || outNs < 0 || !(keptShare >= 0 && keptShare <= 1)) {
            throw new InvalidInputException("costs must not be negative, and a share is 0..1");
        }
    }

    /**
     * Reads {@code zram}, {@code zswap}, {@code nvme}, {@code cxl}, or own figures: {@code IN,OUT[,KEPT]} as in {@code
     * 10us,15us,33%}.
     *
     * @throws UnknownWordException if it is neither
     */
    public static CostModel of(String text) {
        for (CostModel m : KNOWN) {
            if (m.name.equalsIgnoreCase(text)) {
                return m;
            }
        }
        String[] parts = text.split(",", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new UnknownWordException(
                    "cost model", text, KNOWN.stream().map(CostModel::name).toList());
        }
        double kept = 0;
        if (parts.length == 3) {
            if (!parts[2].matches("\\d{1,3}(\\.\\d+)?%")) {
                throw new InvalidInputException("'" + parts[2] + "' is not a percentage, as in 33%");
            }
            kept = Double.parseDouble(parts[2].substring(0, parts[2].length() - 1)) / 100;
        }
        return new CostModel("given", Units.parseDurationNs(parts[0]), Units.parseDurationNs(parts[1]), kept);
    }

    /** The assumptions, one line. */
    public String describe() {
        return String.format(
                Locale.ROOT,
                "%s: paging a page in takes %s of the program's time, paging it out %s of the kernel's; %.0f %% of "
                        + "it stays in DRAM",
                name,
                Units.duration(inNs),
                Units.duration(outNs),
                keptShare * 100);
    }
}
