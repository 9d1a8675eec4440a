package org.damson.analyzer.memory;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.LongSupplier;
import org.damson.model.InvalidInputException;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Units;
import org.damson.model.text.MapsLine;
import org.damson.trace.files.PrivateDirectory;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.parquet.PageCompression;

/**
 * Measures on this machine, in about a second, what a {@link CostModel} assumes: compressing and decompressing pages of
 * memory for zram and zswap, reading blocks past the page cache for nvme. What a program cannot measure of the kernel's own
 * work stays assumed, and {@link Result#assumptions} says what.
 */
public final class Calibration {
    private static final int PAGE = 4096;
    private static final int PAGES = 2048;
    private static final int BATCH = 32;
    private static final long BUDGET_NS = 400_000_000;
    private static final int FILE_BYTES = 32 << 20;

    /** Trap, page tables and the kernel's bookkeeping of one page, either way. */
    static final long KERNEL_NS = 1_000;

    /**
     * The result.
     *
     * @param assumptions one line: what was measured how, and what was not
     */
    public record Result(CostModel model, String assumptions) {}

    private final LongSupplier nanoTime;

    /** @param nanoTime a clock that counts nanoseconds */
    public Calibration(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * A model with this machine's figures.
     *
     * @param model one of those with a name
     * @throws InvalidInputException if its figures cannot be measured here: say which and why
     */
    public Result calibrate(CostModel model) throws IOException {
        return switch (model.name()) {
            case "zram", "zswap" -> compressed(model, ownPages(Path.of("/proc/self")));
            case "nvme" -> {
                Path lasting = Path.of("/var/tmp");
                yield stored(
                        model, Files.isWritable(lasting) ? lasting : Path.of(System.getProperty("java.io.tmpdir")));
            }
            default ->
                throw new InvalidInputException("the cost of '" + model.name()
                        + "' cannot be measured here; zram, zswap (compression) and nvme (reading a file) can");
        };
    }

    /** Pages of a process' private memory that hold something, evenly from all of it. */
    static List<byte[]> ownPages(Path process) throws IOException {
        List<long[]> areas = new ArrayList<>();
        long all = 0;
        for (String line : Files.readAllLines(process.resolve("maps"))) {
            MapsLine m = MapsLine.of(line);
            if (m != null && m.permissions().equals("rw-p")) {
                areas.add(new long[] {m.start(), m.end()});
                all += (m.end() - m.start()) / PAGE;
            }
        }
        // Most of what is mapped was never touched: look at more pages than are wanted.
        long step = Math.max(1, all / (16L * PAGES));
        List<byte[]> pages = new ArrayList<>();
        byte[] zero = new byte[PAGE];
        try (RandomAccessFile memory =
                new RandomAccessFile(process.resolve("mem").toFile(), "r")) {
            for (long[] area : areas) {
                for (long at = area[0]; at < area[1] && pages.size() < PAGES; at += step * PAGE) {
                    byte[] page = new byte[PAGE];
                    try {
                        memory.seek(at);
                        memory.readFully(page);
                    } catch (IOException e) {
                        break; // gone meanwhile, or of a device
                    }
                    if (!Arrays.equals(page, zero)) {
                        pages.add(page);
                    }
                }
            }
        }
        return pages;
    }

    /** Pages go out compressed and come back decompressed. */
    Result compressed(CostModel model, List<byte[]> pages) {
        if (pages.isEmpty()) {
            throw new InvalidInputException("no memory page to measure compression with");
        }
        List<Long> in = new ArrayList<>();
        List<Long> out = new ArrayList<>();
        byte[][] packed = new byte[BATCH][PageCompression.bound(PAGE)];
        int[] size = new int[BATCH];
        byte[] back = new byte[PAGE];
        long kept = 0;
        long tried = 0;
        try (PageCompression zstd = new PageCompression()) {
            long begin = nanoTime.getAsLong();
            int next = 0;
            // All pages once, so that the share that is kept is that of all, whatever the machine's speed.
            while (tried < pages.size() || nanoTime.getAsLong() - begin < BUDGET_NS) {
                int first = next;
                long from = nanoTime.getAsLong();
                for (int i = 0; i < BATCH; i++) {
                    size[i] = zstd.compress(pages.get((first + i) % pages.size()), packed[i]);
                }
                long middle = nanoTime.getAsLong();
                for (int i = 0; i < BATCH; i++) {
                    zstd.decompress(packed[i], size[i], back);
                }
                long to = nanoTime.getAsLong();
                out.add((middle - from) / BATCH);
                in.add((to - middle) / BATCH);
                for (int i = 0; i < BATCH && tried < pages.size(); i++, tried++) {
                    kept += Math.min(PAGE, size[i]);
                }
                next = (first + BATCH) % pages.size();
            }
        }
        double share = kept / (double) (tried * PAGE);
        CostModel m =
                new CostModel(model.name() + ", measured here", median(in) + KERNEL_NS, median(out) + KERNEL_NS, share);
        return new Result(
                m,
                String.format(
                        Locale.ROOT,
                        "measured: decompressing a page takes %s, compressing it %s, %.0f %% of it stays; by zstd, level 1, on"
                                + " %d pages of this process' memory; assumed: %s of the kernel's own work either way",
                        Units.duration(median(in)),
                        Units.duration(median(out)),
                        share * 100,
                        pages.size(),
                        Units.duration(KERNEL_NS)));
    }

    private static String typeOf(Path directory) throws IOException {
        try {
            return Files.getFileStore(directory).type();
        } catch (NoSuchFileException | AccessDeniedException e) {
            throw e;
        } catch (IOException e) { // below the root of a chroot there may be no mount
            throw new MissingCapabilityException(
                    directory + ": unknown whether it is on a disk or in memory: its mount is not visible here", e);
        }
    }

    /** Pages come back from a file. */
    Result stored(CostModel model, Path directory) throws IOException {
        String type = typeOf(directory);
        if (type.equals("tmpfs") || type.equals("ramfs")) {
            throw new InvalidInputException(directory + " is in memory (" + type
                    + "): reading from it is not reading from" + " a disk, and there is no other place to try");
        }
        try (PrivateDirectory own = PrivateDirectory.in(directory, ".damson-calibration-")) {
            Path file = own.resolve("pages");
            fill(file);
            List<Long> in = new ArrayList<>();
            ByteBuffer block = ByteBuffer.allocateDirect(2 * PAGE).alignedSlice(PAGE);
            Random random = new Random(1);
            try (FileChannel c = FileChannel.open(file, StandardOpenOption.READ, direct())) {
                long begin = nanoTime.getAsLong();
                while (in.isEmpty() || nanoTime.getAsLong() - begin < BUDGET_NS) {
                    block.clear().limit(PAGE);
                    long at = (long) random.nextInt(FILE_BYTES / PAGE) * PAGE;
                    long from = nanoTime.getAsLong();
                    c.read(block, at);
                    in.add(nanoTime.getAsLong() - from);
                }
            } catch (UnsupportedOperationException | IOException e) {
                throw new InvalidInputException(
                        directory + " cannot be read past the page cache (" + e.getMessage() + ")", e);
            }
            CostModel m = new CostModel(
                    model.name() + ", measured here", median(in) + KERNEL_NS, model.outNs(), model.keptShare());
            return new Result(
                    m,
                    String.format(
                            Locale.ROOT,
                            "measured: reading 4 KiB takes %s, median of %d at random places of a file in %s (%s), past the page"
                                    + " cache; assumed: %s of the kernel's own work, %s for a page out",
                            Units.duration(median(in)),
                            in.size(),
                            directory,
                            type,
                            Units.duration(KERNEL_NS),
                            Units.duration(model.outNs())));
        }
    }

    private static void fill(Path file) throws IOException {
        byte[] piece = new byte[1 << 20];
        Random random = new Random(2);
        try (FileChannel c = SafeFiles.create(file)) {
            for (int i = 0; i < FILE_BYTES / piece.length; i++) {
                random.nextBytes(piece);
                ByteBuffer b = ByteBuffer.wrap(piece);
                while (b.hasRemaining()) {
                    c.write(b);
                }
            }
            c.force(true);
        }
    }

    private static long median(List<Long> all) {
        return all.stream().sorted().skip(all.size() / 2).findFirst().orElseThrow();
    }

    /** Past the page cache; by name, since newer compilers call its class internal, though it is exported and documented. */
    private static OpenOption direct() {
        try {
            return (OpenOption) Class.forName("com.sun.nio.file.ExtendedOpenOption")
                    .getField("DIRECT")
                    .get(null);
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedOperationException("this Java has no direct reads", e);
        }
    }
}
