package org.damson.recorder.referenced;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads {@code /proc/PID/pagemap}: which pages of a process were written since its soft-dirty bits were cleared. Reads many
 * pages at once through a reused buffer, and no more in one sample than its budget.
 */
final class PageMap {
    /** Takes {@link #UNIT_BYTES} of a written page. */
    interface Visitor {
        void written(long address);
    }

    /** Unit of written memory, in bytes: the machine's pages are multiples of it. */
    static final long UNIT_BYTES = 4096;

    private static final long SOFT_DIRTY = 1L << 55;
    /** In memory, or in swap: what is neither has no page, though a new mapping's bit may be set. */
    private static final long HAS_PAGE = 1L << 63 | 1L << 62;

    private static final int ENTRY_BYTES = 8;
    private static final int BUFFER_PAGES = 32 << 10;

    private final ByteBuffer bytes =
            ByteBuffer.allocateDirect(BUFFER_PAGES * ENTRY_BYTES).order(ByteOrder.nativeOrder());
    private final LongBuffer entries = bytes.asLongBuffer();
    private final long budgetPages;
    private final long pageBytes;
    private long leftPages;

    /**
     * @param budgetPages most pages to look at between two calls of {@link #begin}
     * @param pageBytes size of the machine's pages, of which each has an entry in the map
     */
    PageMap(long budgetPages, long pageBytes) {
        this.budgetPages = budgetPages;
        this.pageBytes = pageBytes;
    }

    /** A sample begins: the whole budget is there again. */
    void begin() {
        leftPages = budgetPages;
    }

    /** Whether the budget has room for so many bytes; takes them from it if it has. */
    boolean take(long sizeBytes) {
        long pages = sizeBytes / pageBytes;
        if (pages > leftPages) {
            return false;
        }
        leftPages -= pages;
        return true;
    }

    /** Opens the page map of a process. */
    static FileChannel open(Path proc, long pid) throws IOException {
        return FileChannel.open(proc.resolve(pid + "/pagemap"), StandardOpenOption.READ);
    }

    /**
     * Shows the written pages of {@code [start, end)}, both multiples of a page, in their order, unit by unit.
     *
     * @return false if the process has ended or the map does not reach so far
     */
    boolean read(FileChannel map, long start, long end, Visitor visitor) throws IOException {
        for (long at = start; at < end; ) {
            int pages = (int) Math.min(BUFFER_PAGES, (end - at) / pageBytes);
            bytes.clear().limit(pages * ENTRY_BYTES);
            while (bytes.hasRemaining()) {
                if (map.read(bytes, at / pageBytes * ENTRY_BYTES + bytes.position()) <= 0) {
                    return false;
                }
            }
            for (int i = 0; i < pages; i++) {
                long entry = entries.get(i);
                if ((entry & SOFT_DIRTY) != 0 && (entry & HAS_PAGE) != 0) {
                    for (long unit = 0; unit < pageBytes; unit += UNIT_BYTES) {
                        visitor.written(at + i * pageBytes + unit);
                    }
                }
            }
            at += pages * pageBytes;
        }
        return true;
    }
}
