package org.damson.analyzer.scan;

import org.damson.model.Snapshot;
import org.damson.model.summary.StreamKey;

/**
 * Whose address space a number is about. Target ids alone repeat between kdamonds.
 *
 * @param name what the target is called, for people; empty if nobody says. It does not distinguish keys
 */
public record TargetKey(StreamKey stream, String name) implements Comparable<TargetKey> {
    /** @param scheme {@link Snapshot#NO_SCHEME} unless the snapshots are one scheme's tried regions */
    public TargetKey(int kdamond, int context, int scheme, long target) {
        this(new StreamKey(kdamond, context, scheme, target), "");
    }

    public static TargetKey of(Snapshot s) {
        return new TargetKey(StreamKey.of(s), "");
    }

    public int kdamond() {
        return stream.kdamond();
    }

    public int context() {
        return stream.context();
    }

    public int scheme() {
        return stream.scheme();
    }

    public long target() {
        return stream.target();
    }

    public boolean matches(Snapshot s) {
        return stream.matches(s);
    }

    TargetKey named(String newName) {
        return new TargetKey(stream, newName);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TargetKey o && stream.equals(o.stream);
    }

    @Override
    public int hashCode() {
        return stream.hashCode();
    }

    @Override
    public int compareTo(TargetKey o) {
        return stream.compareTo(o.stream);
    }

    /** For people: {@code target 32193 (sleep)}, with kdamond, context and scheme where they are not the first. */
    public String label() {
        StringBuilder b = new StringBuilder("target ").append(Long.toUnsignedString(target()));
        if (kdamond() != 0 || context() != 0) {
            b.append(" of kdamond ").append(kdamond()).append(" context ").append(context());
        }
        if (scheme() != Snapshot.NO_SCHEME) {
            b.append(" scheme ").append(scheme());
        }
        return b.append(name.isEmpty() ? "" : " (" + name + ")").toString();
    }
}
