package org.damson.cli.trace;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** A file of ELF, 64 bits, with a build id and symbols of functions: each ends where the next begins. Offsets are addresses. */
final class SmallElf {
    private static final int HEADER = 64;
    private static final int PROGRAM_HEADER = 56;
    private static final int SECTION_HEADER = 64;
    private static final int SYMBOL = 24;

    private SmallElf() {}

    static byte[] of(byte[] buildId, SortedMap<Long, String> functions) {
        ByteArrayOutputStream strings = new ByteArrayOutputStream();
        strings.write(0);
        ByteBuffer symbols = little((functions.size() + 1) * SYMBOL);
        symbols.position(SYMBOL);
        List<Long> starts = new ArrayList<>(functions.keySet());
        for (int i = 0; i < starts.size(); i++) {
            long end = i + 1 < starts.size() ? starts.get(i + 1) : starts.get(i) + 4096;
            symbols.putInt(strings.size()).put((byte) 0x12).put((byte) 0).putShort((short) 1);
            symbols.putLong(starts.get(i)).putLong(end - starts.get(i));
            strings.writeBytes((functions.get(starts.get(i)) + "\0").getBytes(StandardCharsets.UTF_8));
        }
        ByteBuffer note = little(16 + buildId.length);
        note.putInt(4)
                .putInt(buildId.length)
                .putInt(3)
                .put("GNU\0".getBytes(StandardCharsets.US_ASCII))
                .put(buildId);
        byte[] names = "\0.text\0.symtab\0.strtab\0.note\0".getBytes(StandardCharsets.US_ASCII);
        int noteAt = HEADER + 2 * PROGRAM_HEADER;
        int symbolsAt = noteAt + note.capacity();
        int stringsAt = symbolsAt + symbols.capacity();
        int namesAt = stringsAt + strings.size();
        int sectionsAt = namesAt + names.length;
        long text = functions.isEmpty() ? 4096 : functions.lastKey() + 8192;
        ByteBuffer out = little(sectionsAt + 6 * SECTION_HEADER);
        out.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        out.putShort((short) 3)
                .putShort((short) 62)
                .putInt(1)
                .putLong(0)
                .putLong(HEADER)
                .putLong(sectionsAt)
                .putInt(0);
        for (int v : new int[] {HEADER, PROGRAM_HEADER, 2, SECTION_HEADER, 6, 4}) {
            out.putShort((short) v);
        }
        out.putInt(1)
                .putInt(5)
                .putLong(0)
                .putLong(0)
                .putLong(0)
                .putLong(text)
                .putLong(text)
                .putLong(4096);
        out.putInt(4).putInt(4).putLong(noteAt).putLong(noteAt).putLong(noteAt);
        out.putLong(note.capacity()).putLong(note.capacity()).putLong(4);
        out.put(note.array()).put(symbols.array()).put(strings.toByteArray()).put(names);
        out.position(sectionsAt + SECTION_HEADER);
        section(out, 1, 1, 6, 0, text, 0, 0);
        section(out, 7, 2, 0, symbolsAt, symbols.capacity(), 3, SYMBOL);
        section(out, 15, 3, 0, stringsAt, strings.size(), 0, 0);
        section(out, 15, 3, 0, namesAt, names.length, 0, 0);
        section(out, 23, 7, 2, noteAt, note.capacity(), 0, 0);
        return out.array();
    }

    private static void section(
            ByteBuffer out, int name, int type, int flags, long at, long bytes, int link, int entry) {
        out.putInt(name)
                .putInt(type)
                .putLong(flags)
                .putLong(flags == 0 ? 0 : at)
                .putLong(at)
                .putLong(bytes);
        out.putInt(link).putInt(0).putLong(1).putLong(entry);
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
