package org.damson.analyzer.advise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.advise.Advice.Confidence;
import org.damson.analyzer.scan.MemoryReadings;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/** What a recording's advice rests on, and what it lacks. */
final class Evidence {
    private static final double SHORT_S = 60;

    private final double seconds;
    private final boolean partial;
    private final boolean mapped;
    private final long residentAtEnd;
    private final long lockedAtEnd;
    /** Swap that was free at the least, or -1. */
    private final long swapFree;

    private Evidence(
            double seconds, boolean partial, boolean mapped, long residentAtEnd, long lockedAtEnd, long swapFree) {
        this.seconds = seconds;
        this.partial = partial;
        this.mapped = mapped;
        this.residentAtEnd = residentAtEnd;
        this.lockedAtEnd = lockedAtEnd;
        this.swapFree = swapFree;
    }

    static Evidence of(TraceSource trace, TraceQuery query, double seconds, boolean partial) throws IOException {
        Map<Long, Long> rss = new HashMap<>();
        Map<Long, Long> locked = new HashMap<>();
        Map<Long, Long> lockedNow = new HashMap<>();
        long[] swapFree = {Long.MAX_VALUE};
        MemoryReadings.forEach(trace, (timeNs, pid, counter, value) -> {
            if (timeNs >= query.toNs()) {
                return;
            }
            // A process that has ended leaves nothing to read but 0. What is locked is read before what is resident.
            if (pid != 0 && counter.equals("rss") && value > 0) {
                rss.put(pid, value);
                locked.put(pid, lockedNow.getOrDefault(pid, 0L));
            } else if (pid != 0 && counter.equals("locked")) {
                lockedNow.put(pid, value);
            } else if (pid == 0 && counter.equals("swap_free")) {
                swapFree[0] = Math.min(swapFree[0], value);
            }
        });
        return new Evidence(
                seconds,
                partial,
                trace.rowCount(Table.MAPPINGS) > 0,
                rss.isEmpty() ? -1 : sum(rss),
                sum(locked),
                swapFree[0] == Long.MAX_VALUE ? -1 : swapFree[0]);
    }

    private static long sum(Map<Long, Long> ofProcesses) {
        return ofProcesses.values().stream().mapToLong(v -> v).sum();
    }

    /** Resident bytes at the end that are locked, which no scheme and no madvise pages out; 0 if that is not recorded. */
    long lockedAtEnd() {
        return lockedAtEnd;
    }

    /** Of so many bytes, those that may go out: no more than is resident and not locked, where that is recorded. */
    double mayGoOut(double bytes) {
        return residentAtEnd < 0 || lockedAtEnd == 0
                ? bytes
                : Math.min(bytes, Math.max(0, residentAtEnd - lockedAtEnd));
    }

    /** What paging out lacks beside what every gain rests on: swap, as far as it is recorded. */
    String[] lackingSwap(double writtenBytes) {
        return swapFree < 0 || swapFree >= writtenBytes
                ? new String[0]
                : new String[] {
                    swapFree == 0
                            ? "no swap was free, without which memory that has no file stays"
                            : Units.bytes(swapFree) + " of swap were free, and memory that has no file stays without"
                };
    }

    /** Resident bytes at the end of the part that is looked at, or -1. */
    long residentAtEnd() {
        return residentAtEnd;
    }

    /** Whether regions are mappings, of which any part may have been touched. */
    boolean isPartial() {
        return partial;
    }

    /**
     * A gain with the confidence that it deserves.
     *
     * @param least the gain's lower bound, or the gain where it has none
     * @param waitedS for how long memory has to be idle for it; 0: nothing is waited for
     * @param lacking what this gain rests on beside that is not recorded
     */
    Advice.Gain gain(
            String metric, double done, double nothing, double least, double waitedS, String cost, String... lacking) {
        List<String> lacks = new ArrayList<>(List.of(lacking));
        if (partial) {
            lacks.add("which part of a mapping was touched is not recorded");
        }
        if (seconds < SHORT_S) {
            lacks.add("less than a minute was recorded");
        }
        if (waitedS > seconds / 4) {
            lacks.add("an idle time this long occurred only once or twice");
        }
        if (least - nothing < (done - nothing) / 2) {
            lacks.add("the recording does not decide more than half of the gain");
        }
        if (!mapped) {
            lacks.add("no mappings are recorded");
        }
        if (residentAtEnd < 0) {
            lacks.add("how much is resident is not recorded");
        }
        Confidence c =
                partial || lacks.size() > 1 ? Confidence.LOW : lacks.isEmpty() ? Confidence.HIGH : Confidence.MEDIUM;
        return new Advice.Gain(
                metric,
                done,
                nothing,
                cost,
                c,
                lacks.isEmpty() ? Advice.Gain.ONE_RUN : String.join("; ", lacks),
                List.of());
    }
}
