package org.damson.recorder.damon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.damon.setup.DamonSetup;
import org.damson.recorder.kernel.DamonUnavailableException;
import org.damson.recorder.kernel.Kernel;
import org.damson.recorder.kernel.KernelException;

/** Physical address ranges of memory. */
final class SystemRam {
    private SystemRam() {}

    /**
     * All System RAM, or that of one NUMA node, in ascending ranges.
     *
     * @param node NUMA node, -1 for all
     * @throws IOException if there is none, one line that says why
     */
    static List<DamonSetup.AddressRange> ranges(Kernel kernel, Path proc, Path sys, int node) throws IOException {
        List<DamonSetup.AddressRange> ram = new ArrayList<>();
        for (String line : kernel.read(proc.resolve("iomem")).split("\n")) {
            // Nested resources are indented: only whole areas count.
            if (line.matches("[0-9a-f]+-[0-9a-f]+ : System RAM.*")) {
                long from = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
                long to = Long.parseUnsignedLong(line.substring(line.indexOf('-') + 1, line.indexOf(' ')), 16) + 1;
                if (Long.compareUnsigned(from, to) < 0) {
                    add(ram, from, to);
                }
            }
        }
        if (ram.isEmpty() || ram.stream().allMatch(r -> r.end() == 1)) {
            throw new DamonUnavailableException(proc.resolve("iomem") + ": addresses are shown to root only");
        }
        return node < 0 ? ram : intersect(ram, blocks(kernel, sys, node));
    }

    private static List<DamonSetup.AddressRange> blocks(Kernel kernel, Path sys, int node) throws IOException {
        Path directory = sys.resolve("devices/system/node/node" + node);
        List<Long> numbers = new ArrayList<>();
        try {
            for (String name : kernel.list(directory)) {
                if (name.matches("memory\\d{1,9}")) {
                    numbers.add(Long.parseLong(name.substring(6)));
                }
            }
        } catch (KernelException e) {
            throw e.isAbsent() ? new IOException("this machine has no NUMA node " + node, e) : e;
        }
        numbers.sort(null);
        long sizeBytes = Long.parseUnsignedLong(
                kernel.read(sys.resolve("devices/system/memory/block_size_bytes"))
                        .trim(),
                16);
        List<DamonSetup.AddressRange> found = new ArrayList<>();
        for (long number : numbers) {
            add(found, number * sizeBytes, (number + 1) * sizeBytes);
        }
        if (found.isEmpty()) {
            throw new IOException("NUMA node " + node + " has no memory");
        }
        return found;
    }

    /** Adds a range; one that continues the last one becomes part of it. */
    private static void add(List<DamonSetup.AddressRange> to, long start, long end) {
        int last = to.size() - 1;
        if (last >= 0 && to.get(last).end() == start) {
            to.set(last, new DamonSetup.AddressRange(to.get(last).start(), end));
        } else {
            to.add(new DamonSetup.AddressRange(start, end));
        }
    }

    private static List<DamonSetup.AddressRange> intersect(
            List<DamonSetup.AddressRange> a, List<DamonSetup.AddressRange> b) {
        List<DamonSetup.AddressRange> both = new ArrayList<>();
        for (DamonSetup.AddressRange x : a) {
            for (DamonSetup.AddressRange y : b) {
                long start = Long.compareUnsigned(x.start(), y.start()) > 0 ? x.start() : y.start();
                long end = Long.compareUnsigned(x.end(), y.end()) < 0 ? x.end() : y.end();
                if (Long.compareUnsigned(start, end) < 0) {
                    add(both, start, end);
                }
            }
        }
        return both;
    }
}
