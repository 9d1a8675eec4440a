package org.damson.trace.redact;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;

/** Copies of a manifest what may be shown: of each declared key what its {@link ManifestKey.Redaction} says, of others nothing. */
final class ManifestRedactor {
    private static final Pattern RELEASE =
            Pattern.compile("^([0-9]{1,3}\\.[0-9]{1,4})(\\.[0-9]{1,4})?\\b.*", Pattern.DOTALL);
    private static final Set<String> OPERATIONS = Set.of("vaddr", "fvaddr", "paddr");
    private static final String LEFT_OUT = "redacted";

    private final Pseudonyms pseudonyms;
    private final LongUnaryOperator times;
    private final boolean isStrict;

    /** @param times a time of the trace as it is told in the redacted one, nanoseconds */
    ManifestRedactor(Pseudonyms pseudonyms, LongUnaryOperator times, boolean isStrict) {
        this.isStrict = isStrict;
        this.pseudonyms = pseudonyms;
        this.times = times;
    }

    void copy(Manifest old, Manifest made) {
        made.clock = old.clock;
        made.attrs = old.attrs;
        made.source = old.source;
        if (!old.source.isEmpty() && Source.of(old) == null) {
            made.source = pseudonyms.text("source", old.source);
            made.foreign.add("source");
        }
        for (ManifestKey key : ManifestKey.values()) {
            Object value = key.get(old);
            Object shown = key.accepts(value) || isOld(key, value) ? redacted(key, value) : null;
            if (shown != null) {
                key.put(made, shown);
            }
        }
        ManifestKey.REDACTED.put(
                made,
                "addresses moved, times from the first snapshot, names and process ids replaced by pseudonyms"
                        + (isStrict ? "; strict: sizes rounded up, rare rows and names left out" : ""));
    }

    /** Earlier versions wrote a command as one text, and redacted a list to its length. */
    private static boolean isOld(ManifestKey key, Object value) {
        return value instanceof String && key.redaction() == ManifestKey.Redaction.PSEUDONYM
                || value instanceof Integer && key.redaction() == ManifestKey.Redaction.COUNT;
    }

    /** Null for what is left out. */
    private Object redacted(ManifestKey key, Object value) {
        return switch (key.redaction()) {
            case KEEP -> value;
            case COARSE -> isStrict ? powerOfTwo(number(value)) : value;
            case RELEASE -> release(key, (String) value);
            case WORD -> OPERATIONS.contains(value) ? value : null;
            case PSEUDONYM -> isStrict ? null : List.of(pseudonyms.text(key.key(), String.valueOf(value)));
            case PIDS ->
                ((List<?>) value).stream().map(p -> pseudonyms.pid(number(p))).toList();
            case TIMES ->
                ((List<?>) value)
                        .stream().map(t -> times.applyAsLong(number(t))).toList();
            case COUNT ->
                Collections.nCopies(value instanceof List<?> list ? list.size() : (int) number(value), LEFT_OUT);
            case DROP, MADE -> null;
        };
    }

    private String release(ManifestKey key, String text) {
        Matcher m = RELEASE.matcher(text);
        if (!m.matches()) {
            return isStrict ? null : pseudonyms.text(key.key(), text);
        }
        return m.group(1) + (isStrict || m.group(2) == null ? "" : m.group(2));
    }

    private static long powerOfTwo(long value) {
        return value <= 1 ? value : Long.highestOneBit(value - 1) << 1;
    }

    private static long number(Object value) {
        return ((Number) value).longValue();
    }
}
