package org.damson.trace.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 digests, which every Java has. */
public final class Sha256 {
    private Sha256() {}

    /** The 32 bytes of a text's digest, in UTF-8. */
    public static byte[] of(String text) {
        return digest().digest(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A text's digest in hexadecimal. */
    public static String hex(String text) {
        return HexFormat.of().formatHex(of(text));
    }

    /** The digest of the first {@code length} bytes. */
    public static String hex(byte[] bytes, int length) {
        MessageDigest digest = digest();
        digest.update(bytes, 0, length);
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The digest of a part of a file, up to the end of the file. */
    public static String hex(FileChannel channel, long from, long length) throws IOException {
        MessageDigest digest = digest();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        long at = from;
        while (at < from + length) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), from + length - at));
            int n = channel.read(buffer, at);
            if (n < 0) {
                break;
            }
            digest.update(buffer.flip());
            at += n;
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
