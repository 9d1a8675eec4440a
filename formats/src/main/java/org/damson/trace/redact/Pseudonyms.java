package org.damson.trace.redact;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Names and numbers that stand for others: the same for the same, and without the key no way back. */
final class Pseudonyms {
    private static final int CACHED = 1 << 16;

    private final Mac mac;
    private final Map<String, String> texts = new HashMap<>();
    private final Map<Long, Long> numbers = new HashMap<>();
    private final Map<Long, Long> ids = new HashMap<>();
    private final Set<Long> taken = new HashSet<>();

    Pseudonyms(byte[] key) {
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@code kind-0123456789abcdef}; nothing stays nothing. */
    String text(String kind, String original) {
        if (original.isEmpty()) {
            return "";
        }
        if (texts.size() > CACHED) {
            texts.clear();
        }
        return texts.computeIfAbsent(kind + '\0' + original, whole -> kind + "-" + "%016x".formatted(hash(whole, 0)));
    }

    /** Stands for a process or thread id: positive, different for different ones; 0 and below mean no process and stay. */
    long pid(long original) {
        if (original <= 0) {
            return original;
        }
        Long known = numbers.get(original);
        if (known != null) {
            return known;
        }
        // Above every id that Linux gives out (at most 2^22), so that no stand-in is the id of another process.
        for (int attempt = 0; ; attempt++) {
            long made = (1 << 30) + (hash("pid" + original, attempt) & 0x3fff_ffff);
            if (taken.add(made)) {
                numbers.put(original, made);
                return made;
            }
        }
    }

    /** Counts up from 0 in order of appearance: for ids that only have to be distinguished. */
    long id(long original) {
        return ids.computeIfAbsent(original, o -> (long) ids.size());
    }

    private long hash(String text, int attempt) {
        mac.update((byte) attempt);
        return ByteBuffer.wrap(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }
}
