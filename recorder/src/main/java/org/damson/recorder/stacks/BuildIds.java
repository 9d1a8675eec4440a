package org.damson.recorder.stacks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import org.damson.model.text.MapsLine;
import org.damson.model.text.NativeText;

/**
 * Build ids of files that processes had mapped before they were recorded, of which the kernel tells none: read from the files
 * themselves, where their processes see them. Whatever is in a file, little of it is read.
 */
final class BuildIds {
    private static final int MAX_FILES = 1 << 14;

    // struct elf64_hdr and struct elf64_phdr
    private static final int HEADER_BYTES = 64;
    private static final int MAGIC = 0x464c457f;
    private static final int CLASS_64 = 2;
    private static final int LITTLE_ENDIAN = 1;
    private static final int SEGMENT_BYTES = 56;
    private static final int MAX_SEGMENTS = 256;
    private static final int NOTES = 4;
    private static final int MAX_NOTE_BYTES = 1 << 16;
    private static final int BUILD_ID = 3;
    private static final int GNU = 0x00554e47;
    private static final int MAX_BUILD_ID_BYTES = 20;

    private record Mapped(long inode, String name) {}

    private final Map<Mapped, String> known = new HashMap<>();

    /**
     * That of a mapped file, in hexadecimal; empty if it has none. Of one that was deleted since, the program itself can be read, and the
     * rest by who may see {@code map_files}.
     */
    String of(long pid, MapsLine mapped) {
        if (!mapped.name().startsWith("/") || mapped.inode() <= 0 || known.size() == MAX_FILES) {
            return "";
        }
        String range = Long.toHexString(mapped.start()) + "-" + Long.toHexString(mapped.end());
        return known.computeIfAbsent(new Mapped(mapped.inode(), mapped.name()), m -> Stream.of(
                        "root" + m.name, isProgram(pid, m) ? "exe" : "map_files/" + range)
                .map(place -> read("/proc/" + pid + "/" + place, m))
                .filter(id -> !id.isEmpty())
                .findFirst()
                .orElse(""));
    }

    private static boolean isProgram(long pid, Mapped mapped) {
        try {
            Path program = Files.readSymbolicLink(Path.of("/proc/" + pid + "/exe"));
            return NativeText.readable(NativeText.of(program)).equals(mapped.name);
        } catch (IOException e) {
            return false;
        }
    }

    private static String read(String name, Mapped mapped) {
        try {
            Path file = NativeText.path(name);
            // What has its name now may be another file than the one that is mapped.
            boolean isSame = Files.isRegularFile(file) && (long) Files.getAttribute(file, "unix:ino") == mapped.inode;
            return isSame ? read(file) : "";
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }

    /** The build id of a loaded kernel module, in hexadecimal; empty if unknown. */
    static String ofKernelModule(String name) {
        try {
            byte[] notes = Files.readAllBytes(Path.of("/sys/module", name, "notes/.note.gnu.build-id"));
            return inNotes(ByteBuffer.wrap(notes).order(ByteOrder.nativeOrder()));
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }

    /** The build id of a 64-bit ELF file. */
    static String read(Path file) throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer head = bytes(in, 0, HEADER_BYTES);
            boolean isRead = head.limit() == HEADER_BYTES
                    && head.getInt(0) == MAGIC
                    && head.get(4) == CLASS_64
                    && head.get(5) == LITTLE_ENDIAN
                    && head.getShort(54) == SEGMENT_BYTES;
            int segments = isRead ? Math.min(head.getShort(56) & 0xffff, MAX_SEGMENTS) : 0;
            ByteBuffer table = bytes(in, head.limit() == HEADER_BYTES ? head.getLong(32) : 0, segments * SEGMENT_BYTES);
            for (int at = 0; at + SEGMENT_BYTES <= table.limit(); at += SEGMENT_BYTES) {
                if (table.getInt(at) == NOTES) {
                    long size = Math.max(0, Math.min(table.getLong(at + 32), MAX_NOTE_BYTES));
                    String id = inNotes(bytes(in, table.getLong(at + 8), (int) size));
                    if (!id.isEmpty()) {
                        return id;
                    }
                }
            }
            return "";
        }
    }

    /** Up to so many bytes; none where there are none. */
    private static ByteBuffer bytes(FileChannel in, long at, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (at >= 0 && bytes.hasRemaining() && in.read(bytes, at + bytes.position()) > 0) {
            // to the end
        }
        return bytes.flip();
    }

    private static String inNotes(ByteBuffer notes) {
        int at = 0;
        while (at + 16 <= notes.limit()) {
            long nameBytes = notes.getInt(at) & 0xffffffffL;
            long bytes = notes.getInt(at + 4) & 0xffffffffL;
            long content = at + 12 + (nameBytes + 3) / 4 * 4;
            long next = content + (bytes + 3) / 4 * 4;
            if (next > notes.limit()) {
                return "";
            }
            if (notes.getInt(at + 8) == BUILD_ID && nameBytes == 4 && notes.getInt(at + 12) == GNU) {
                byte[] id = new byte[(int) Math.min(bytes, MAX_BUILD_ID_BYTES)];
                notes.get((int) content, id);
                return HexFormat.of().formatHex(id);
            }
            at = (int) next;
        }
        return "";
    }
}
