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
    /** What the record at the end of a zip begins with. */
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

    /** Whether a zip has the digest of its comment, or no comment and so none. */
    public static boolean isRight(Path zip) throws IOException {
        try (FileChannel channel = FileChannel.open(zip)) {
            long size = channel.size();
            if (hasNoComment(channel, size)) {
                return true;
            }
            long covered = size - COMMENT_BYTES;
            if (covered < END_BYTES) {
                return false;
            }
            ByteBuffer comment = read(channel, covered, COMMENT_BYTES);
            String right = MARK + Sha256.hex(channel, 0, covered);
            return right.equals(StandardCharsets.ISO_8859_1.decode(comment).toString());
        }
    }

    private static boolean hasNoComment(FileChannel channel, long size) throws IOException {
        if (size < END_BYTES) {
            return false;
        }
        ByteBuffer end = read(channel, size - END_BYTES, END_BYTES);
        return end.getInt(0) == END && end.getShort(END_BYTES - 2) == 0;
    }

    private static ByteBuffer read(FileChannel channel, long from, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
            // until full or the end
        }
        return bytes.flip();
    }
}
