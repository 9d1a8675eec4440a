package org.damson.trace.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The comment of a {@code .damson.zip}: {@code damson sha256 } and the digest of all bytes before the comment, so that damage
 * to what zip itself writes around the files is noticed too. A zip that others packed has none.
 */
public final class ZipDigest {
    /** Signature of the record at the end of a zip. */
    public static final int END = 0x06054b50;

    private static final String MARK = "damson sha256 ";
    private static final int COMMENT_BYTES = MARK.length() + 64;
    private static final int END_BYTES = 22;

    private ZipDigest() {}

    /** A comment of the right length, to be replaced by {@link #put}. */
    public static String placeholder() {
        return MARK + "0".repeat(64);
    }

    /** Writes the digest into a zip that ends in the placeholder. */
    public static void put(Path zip) throws IOException {
        try (FileChannel channel = FileChannel.open(
                zip, StandardOpenOption.READ, StandardOpenOption.WRITE, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            long covered = channel.size() - COMMENT_BYTES;
            ByteBuffer comment =
                    ByteBuffer.wrap((MARK + Sha256.hex(channel, 0, covered)).getBytes(StandardCharsets.US_ASCII));
            while (comment.hasRemaining()) {
                channel.write(comment, covered + comment.position());
            }
            channel.force(true);
        }
    }

    /** A problem of the digest in a zip's comment; empty if it agrees or there is no comment. */
    public static String problem(Path zip) throws IOException {
        try (FileChannel channel = FileChannel.open(zip)) {
            long size = channel.size();
            if (endsAt(channel, size, 0)) {
                return "";
            }
            long covered = size - COMMENT_BYTES;
            String mark = covered < 0 ? "" : text(channel, covered, MARK.length());
            if (!mark.equals(MARK) && !endsAt(channel, covered, COMMENT_BYTES)) {
                return "cut short, or other bytes follow it";
            }
            String right = MARK + Sha256.hex(channel, 0, covered);
            return right.equals(text(channel, covered, COMMENT_BYTES)) ? "" : "differs from the digest in its comment";
        }
    }

    /** How long a zip's list of its files is by the zip's last record, bytes. */
    public static long directoryBytes(Path zip) throws IOException {
        try (FileChannel channel = FileChannel.open(zip)) {
            long size = channel.size();
            long at = size - (endsAt(channel, size, 0) ? 0 : COMMENT_BYTES) - END_BYTES;
            return at < 0 ? 0 : read(channel, at, END_BYTES).getInt(12) & 0xffffffffL;
        }
    }

    /** Whether the last record of a zip is before {@code at}, with a comment of that length. */
    private static boolean endsAt(FileChannel channel, long at, int commentBytes) throws IOException {
        if (at < END_BYTES) {
            return false;
        }
        ByteBuffer end = read(channel, at - END_BYTES, END_BYTES);
        return end.getInt(0) == END && end.getShort(END_BYTES - 2) == commentBytes;
    }

    private static String text(FileChannel channel, long from, int length) throws IOException {
        return StandardCharsets.ISO_8859_1.decode(read(channel, from, length)).toString();
    }

    private static ByteBuffer read(FileChannel channel, long from, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
            // until full or the end
        }
        return bytes.flip();
    }
}
