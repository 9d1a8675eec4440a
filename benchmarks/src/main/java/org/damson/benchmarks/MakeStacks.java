package org.damson.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/**
 * A trace of call stacks without names, as an hour at 99 Hz has them: {@code MakeStacks TRACE SAMPLES STACKS PLACES DIRECTORY}. Places are
 * drawn from the code of the largest shared libraries in a directory, seeded.
 */
public final class MakeStacks {
    private static final int FILES = 30;
    private static final int DEPTH = 20;

    private record Elf(String path, String buildId, long from, long bytes) {}

    private MakeStacks() {}

    public static void main(String[] args) throws IOException {
        int samples = Integer.parseInt(args[1]);
        int stacks = Integer.parseInt(args[2]);
        int places = Integer.parseInt(args[3]);
        List<Elf> files = files(Path.of(args[4]));
        Random random = new Random(14);
        Batch frames = new Batch(Table.FRAMES);
        for (int f = 0; f < places; f++) {
            Elf elf = files.get((int) (files.size() * Math.pow(random.nextDouble(), 2)));
            frames.add(f, "", elf.path, elf.buildId, elf.from + (long) (random.nextDouble() * elf.bytes));
        }
        Batch stackRows = new Batch(Table.STACKS);
        for (int s = 0; s < stacks; s++) {
            for (int d = 0; d < DEPTH; d++) {
                stackRows.add(s, d, random.nextInt(places));
            }
        }
        Batch rows = new Batch(Table.SAMPLES);
        for (int i = 0; i < samples; i++) {
            rows.add(i * 10_101_010L, 1000, 1000, 0, "cpu-clock", 0L, 10_101_010L, random.nextInt(stacks));
        }
        try (TraceSink sink = Traces.create(Path.of(args[0]), new Manifest(), WriterOptions.BATCH)) {
            sink.append(frames);
            sink.append(stackRows);
            sink.append(rows);
        }
        long bytes = files.stream().mapToLong(Elf::bytes).sum();
        System.out.println(files.size() + " files, " + bytes + " bytes of code");
    }

    private static List<Elf> files(Path dir) throws IOException {
        List<Elf> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(dir)) {
            List<Path> largest = all.filter(p -> p.getFileName().toString().contains(".so"))
                    .filter(p -> Files.isRegularFile(p) && !Files.isSymbolicLink(p))
                    .sorted((a, b) ->
                            Long.compare(b.toFile().length(), a.toFile().length()))
                    .limit(FILES)
                    .toList();
            for (Path p : largest) {
                Elf elf = read(p);
                if (elf != null) {
                    found.add(elf);
                }
            }
        }
        return found;
    }

    /** The executable segment of a file of 64 bits; null if it has none. */
    private static Elf read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer b = ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(b);
            String buildId = "";
            Elf code = null;
            for (int i = 0; i < b.getShort(56); i++) {
                int at = (int) b.getLong(32) + 56 * i;
                int type = b.getInt(at);
                long offset = b.getLong(at + 8);
                if (type == 1 && (b.getInt(at + 4) & 1) != 0) {
                    code = new Elf(file.toString(), "", offset, b.getLong(at + 32));
                } else if (type == 4 && offset < b.limit() - 64 && b.getInt((int) offset + 8) == 3) {
                    byte[] id = new byte[b.getInt((int) offset + 4)];
                    b.get((int) offset + 16, id);
                    buildId = HexFormat.of().formatHex(id);
                }
            }
            return code == null ? null : new Elf(code.path, buildId, code.from, code.bytes);
        }
    }
}
