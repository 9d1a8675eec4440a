package org.damson.trace.redact;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/** Data left in a redacted trace by which somebody who knows a machine or program could still recognise it. */
public final class IdentifyingData {
    private static final int COUNTER = Table.MEMORY.indexOf("counter");
    private static final int NAME = Table.MAPPINGS.indexOf("name");

    private IdentifyingData() {}

    /** A line for each kind of thing that the trace has, for its manifest. */
    public static List<String> lines(TraceSource trace, Manifest redacted, boolean isStrict) throws IOException {
        List<String> lines = new ArrayList<>();
        long[] mappings = {0, 0};
        trace.forEachRow(Table.MAPPINGS, (rows, i) -> {
            mappings[0]++;
            mappings[1] += RedactedTexts.isFile(rows.text(NAME, i)) ? 1 : 0;
        });
        String exact = isStrict ? "sizes, rounded up by at most a quarter, of " : "exact sizes of ";
        if (mappings[0] > 0) {
            lines.add(exact
                    + Units.count(mappings[0], "mapping")
                    + (mappings[1] == 0
                            ? ""
                            : isStrict
                                    ? ", of files only those that others share"
                                    : ": by those of files, " + mappings[1]
                                            + " of them, builds of programs and libraries can be told"));
        } else if (trace.rowCount(Table.REGIONS) > 0) {
            lines.add(exact + "the areas that were monitored"
                    + ("paddr".equals(ManifestKey.OPS.get(redacted)) ? ": the machine's memory" : ""));
        }
        memory(trace, isStrict, lines);
        if (trace.rowCount(Table.STACKS) > 0) {
            lines.add("which functions, under pseudonyms, call one another"
                    + (isStrict ? ", but for those of one stack" : ""));
        }
        if (!isStrict && trace.rowCount(Table.SAMPLES) > 0) {
            lines.add("numbers of the CPUs that samples were taken on");
        }
        host(redacted, isStrict, lines);
        if (trace.rowCount(Table.REGIONS) > 0) {
            lines.add("how much memory was used when: a known workload has a known course");
        }
        return lines;
    }

    private static void memory(TraceSource trace, boolean isStrict, List<String> lines) throws IOException {
        Set<String> counters = new TreeSet<>();
        trace.forEachRow(Table.MEMORY, (rows, i) -> counters.add(rows.text(COUNTER, i)));
        if (counters.contains("mem_total")) {
            lines.add((isStrict
                            ? "the machine's total memory, rounded up by at most a quarter"
                            : "the machine's exact total memory")
                    + " (mem_total)");
        }
        if (counters.stream().anyMatch(c -> !c.equals("mem_total") && RedactedMemory.isSize(c))) {
            lines.add(
                    isStrict
                            ? "rounded sizes of processes and free memory"
                            : "exact sizes of processes and free memory");
        }
        if (!isStrict && counters.stream().anyMatch(RedactedMemory::isCumulative)) {
            lines.add(
                    "counters since the boot of the machine or the start of a process: for how long, and how busily, it had been up");
        }
    }

    private static void host(Manifest redacted, boolean isStrict, List<String> lines) {
        if (ManifestKey.KERNEL.get(redacted) instanceof String release) {
            lines.add((isStrict ? "the series of the kernel (" : "the release of the kernel (") + release + ")");
        }
        if (ManifestKey.CPUS.get(redacted) != null) {
            lines.add(isStrict ? "the number of CPUs, rounded up to a power of two" : "the number of CPUs");
        }
    }
}
