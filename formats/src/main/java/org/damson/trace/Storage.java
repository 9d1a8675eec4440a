package org.damson.trace;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.files.Sha256;
import org.damson.trace.files.ZipDigest;
import org.damson.trace.parquet.ParquetTableReader;

/** Where the files of a trace lie: a directory, or a zip of stored entries. */
interface Storage extends Closeable {
    byte[] small(String file, int maxBytes) throws IOException;

    ParquetTableReader table(String file, Table table) throws IOException;

    /** Problems of the container itself, such as a wrong digest of a zip; one line each. Reads all of it. */
    List<String> findings();

    /** Names of all files there are. */
    List<String> names() throws IOException;

    /** Length of a file. */
    long size(String file) throws IOException;

    /** Its SHA-256, in lower-case hexadecimal. */
    String sha256(String file) throws IOException;

    /** Writes all of a file to a channel. */
    void copy(String file, FileChannel to) throws IOException;

    /** The directory, or null for a zip. */
    Path directory();

    static Storage open(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return new Directory(path);
        }
        // Throws what it is: no such file, or a directory on the way that may not be searched.
        Files.readAttributes(path, BasicFileAttributes.class);
        if (Files.isDirectory(path)) {
            return new Directory(path.toRealPath());
        }
        if (!Files.isRegularFile(path)) {
            throw new TraceFormatException(path.toString(), "", "neither a trace directory nor a .damson.zip");
        }
        return new Zip(path);
    }

    private static byte[] read(FileChannel channel, long from, long length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(length));
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
            // until full or the end
        }
        if (bytes.hasRemaining()) {
            throw new EOFException("file ends early");
        }
        return bytes.array();
    }

    private static void copy(FileChannel channel, long from, long length, FileChannel to) throws IOException {
        for (long done = 0; done < length; ) {
            long n = channel.transferTo(from + done, length - done, to);
            if (n <= 0) {
                throw new EOFException("file ends early");
            }
            done += n;
        }
    }

    /** A trace directory. Symbolic links inside it are refused. */
    final class Directory implements Storage {
        private final Path dir;

        Directory(Path dir) {
            this.dir = dir;
        }

        @Override
        public byte[] small(String file, int maxBytes) throws IOException {
            Path path = dir.resolve(file);
            if (!Files.isReadable(dir) || !Files.isExecutable(dir)) {
                // Of what may not be looked into nobody can say whether it is a trace.
                throw new AccessDeniedException(dir.toString());
            }
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new TraceFormatException(dir.toString(), "", "not a trace: no regular file " + file);
            }
            try (FileChannel channel = SafeFiles.open(path)) {
                if (channel.size() > maxBytes) {
                    throw new TraceFormatException(path.toString(), "", "larger than " + maxBytes + " bytes");
                }
                return read(channel, 0, channel.size());
            }
        }

        @Override
        public ParquetTableReader table(String file, Table table) throws IOException {
            Path path = dir.resolve(file);
            if (!Files.isReadable(dir) || !Files.isExecutable(dir)) {
                // Of what may not be looked into nobody can say whether it is a trace.
                throw new AccessDeniedException(dir.toString());
            }
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new TraceFormatException(path.toString(), "", "missing or not a regular file");
            }
            return ParquetTableReader.open(path, table);
        }

        @Override
        public List<String> findings() {
            return List.of();
        }

        @Override
        public List<String> names() throws IOException {
            try (Stream<Path> files = Files.list(dir)) {
                return files.map(file -> file.getFileName().toString()).toList();
            }
        }

        @Override
        public long size(String file) throws IOException {
            Path path = dir.resolve(file);
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new TraceFormatException(path.toString(), "", "missing or not a regular file");
            }
            return Files.size(path);
        }

        @Override
        public String sha256(String file) throws IOException {
            try (FileChannel channel = SafeFiles.open(dir.resolve(file))) {
                return Sha256.hex(channel, 0, channel.size());
            }
        }

        @Override
        public void copy(String file, FileChannel to) throws IOException {
            try (FileChannel channel = SafeFiles.open(dir.resolve(file))) {
                Storage.copy(channel, 0, channel.size(), to);
            }
        }

        @Override
        public Path directory() {
            return dir;
        }

        @Override
        public void close() {
            // nothing is held
        }
    }

    /** A zip whose entries are stored, so that they can be read in place. */
    final class Zip implements Storage {
        private static final int CENTRAL = 0x02014b50;
        private static final int LOCAL = 0x04034b50;
        private static final int LOCAL_BYTES = 30;
        private static final int MAX_ENTRIES = 65_534;
        /** Of so many entries with names as damson gives. */
        private static final int MAX_DIRECTORY_BYTES = 8 << 20;

        private static final int ENCRYPTED = 1;
        /** Placeholder for a number that a zip64 stores elsewhere. */
        private static final int NONE_16 = 0xffff;

        private static final long NONE_32 = 0xffffffffL;

        private final Path path;
        private final Map<String, long[]> entries = new HashMap<>();
        /** End of the bytes of an entry, header included, that begins at an offset. */
        private final TreeMap<Long, Long> taken = new TreeMap<>();

        Zip(Path path) throws IOException {
            this.path = path;
            try (FileChannel channel = FileChannel.open(path)) {
                readDirectory(channel);
            } catch (TraceFormatException e) {
                throw e;
            } catch (RuntimeException | EOFException e) {
                throw new TraceFormatException(path.toString(), "", "damaged zip", e);
            }
        }

        private void readDirectory(FileChannel channel) throws IOException {
            long size = channel.size();
            int tailLength = (int) Math.min(size, 65_557);
            ByteBuffer tail = little(read(channel, size - tailLength, tailLength));
            int end = tailLength - 22;
            while (end >= 0 && tail.getInt(end) != ZipDigest.END) {
                end--;
            }
            if (end < 0) {
                boolean isZip = size >= 4 && little(read(channel, 0, 4)).getInt(0) == LOCAL;
                throw bad(
                        isZip
                                ? "cut short: the end of a zip is not there"
                                : "neither a trace directory nor a .damson.zip");
            }
            if ((tail.getShort(end + 20) & 0xffff) != tailLength - end - 22) {
                throw bad("cut short, or other bytes follow it");
            }
            int count = tail.getShort(end + 10) & 0xffff;
            long length = tail.getInt(end + 12) & 0xffffffffL;
            long start = tail.getInt(end + 16) & 0xffffffffL;
            if (count == NONE_16 || length == NONE_32 || start == NONE_32) {
                throw bad("is a zip64, which damson neither writes nor reads");
            }
            if (count > MAX_ENTRIES || start + length > size || length > MAX_DIRECTORY_BYTES) {
                throw bad("zip directory lies outside the file");
            }
            if ((tail.getShort(end + 8) & 0xffff) != count || tail.getInt(end + 4) != 0) {
                throw bad("is one part of a zip in several");
            }
            ByteBuffer central = little(read(channel, start, length));
            for (int i = 0; i < count; i++) {
                readEntry(channel, central, start);
            }
            if (central.hasRemaining()) {
                throw bad("damaged zip directory: it lists more entries than it counts");
            }
            requireApart();
        }

        /** Bytes that are of two files at once are a trick: a zip as damson packs it has each once. */
        private void requireApart() throws IOException {
            long end = 0;
            for (Map.Entry<Long, Long> e : taken.entrySet()) {
                if (e.getKey() < end) {
                    throw bad("entries overlap at byte " + e.getKey());
                }
                end = e.getValue();
            }
        }

        private void readEntry(FileChannel channel, ByteBuffer central, long limit) throws IOException {
            int at = central.position();
            if (central.remaining() < 46 || central.getInt(at) != CENTRAL) {
                throw bad("damaged zip directory");
            }
            int flags = central.getShort(at + 8);
            int method = central.getShort(at + 10);
            long stored = central.getInt(at + 20) & 0xffffffffL;
            int nameLength = central.getShort(at + 28) & 0xffff;
            int skip = (central.getShort(at + 30) & 0xffff) + (central.getShort(at + 32) & 0xffff);
            long local = central.getInt(at + 42) & 0xffffffffL;
            byte[] name = new byte[nameLength];
            central.position(at + 46);
            central.get(name);
            central.position(at + 46 + nameLength + skip);
            String entry = new String(name, StandardCharsets.UTF_8);
            if (!entry.matches("[a-z_0-9.-]+") || entry.contains("..")) {
                throw bad("illegal entry name '" + entry.replaceAll("[^ -~]", "?") + "'");
            }
            if (entry.equals("plan")) {
                throw bad("is a capsule, which damson replay --check plays, and not a trace");
            }
            if ((flags & ENCRYPTED) != 0) {
                throw bad("entry " + entry + " is encrypted");
            }
            if (method != 0) {
                throw bad("entry " + entry + " is compressed; a .damson.zip stores its entries");
            }
            if (stored == NONE_32 || local == NONE_32) {
                throw bad("entry " + entry + " is one of a zip64, which damson neither writes nor reads");
            }
            long from = contentOf(channel, entry, name, local);
            if (from + stored > limit
                    || entries.put(entry, new long[] {from, stored}) != null
                    || taken.put(local, from + stored) != null) {
                throw bad("entry " + entry + " lies outside the file or is there twice");
            }
        }

        /** Start of the bytes of an entry. Its own header must agree with the directory, since other programs read it. */
        private long contentOf(FileChannel channel, String entry, byte[] name, long local) throws IOException {
            ByteBuffer header = little(read(channel, local, LOCAL_BYTES));
            if (header.getInt(0) != LOCAL) {
                throw bad("entry " + entry + " has no local header");
            }
            if ((header.getShort(6) & ENCRYPTED) != 0 || header.getShort(8) != 0) {
                throw bad("entry " + entry + " is stored by the directory, and not by its own header");
            }
            int nameLength = header.getShort(26) & 0xffff;
            if (nameLength != name.length || !Arrays.equals(name, read(channel, local + LOCAL_BYTES, nameLength))) {
                throw bad("entry " + entry + " has another name in its own header");
            }
            return local + LOCAL_BYTES + nameLength + (header.getShort(28) & 0xffff);
        }

        private static ByteBuffer little(byte[] bytes) {
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        private TraceFormatException bad(String rule) {
            return new TraceFormatException(path.toString(), "", rule);
        }

        private long[] entry(String file) throws IOException {
            long[] entry = entries.get(file);
            if (entry == null) {
                throw bad("not a trace: no entry " + file);
            }
            return entry;
        }

        @Override
        public byte[] small(String file, int maxBytes) throws IOException {
            long[] entry = entry(file);
            if (entry[1] > maxBytes) {
                throw bad("entry " + file + " is larger than " + maxBytes + " bytes");
            }
            try (FileChannel channel = FileChannel.open(path)) {
                return read(channel, entry[0], entry[1]);
            }
        }

        @Override
        public ParquetTableReader table(String file, Table table) throws IOException {
            long[] entry = entry(file);
            return new ParquetTableReader(path + "!" + file, table, FileChannel.open(path), entry[0], entry[1]);
        }

        @Override
        public List<String> findings() {
            try {
                String problem = ZipDigest.problem(path);
                return problem.isEmpty() ? List.of() : List.of(path + ": " + problem);
            } catch (IOException e) {
                return List.of(path + ": " + e.getMessage());
            }
        }

        @Override
        public List<String> names() {
            return List.copyOf(entries.keySet());
        }

        @Override
        public long size(String file) throws IOException {
            return entry(file)[1];
        }

        @Override
        public String sha256(String file) throws IOException {
            long[] entry = entry(file);
            try (FileChannel channel = FileChannel.open(path)) {
                return Sha256.hex(channel, entry[0], entry[1]);
            }
        }

        @Override
        public void copy(String file, FileChannel to) throws IOException {
            long[] entry = entry(file);
            try (FileChannel channel = FileChannel.open(path)) {
                Storage.copy(channel, entry[0], entry[1], to);
            }
        }

        @Override
        public Path directory() {
            return null;
        }

        @Override
        public void close() {
            // nothing is held
        }
    }
}
