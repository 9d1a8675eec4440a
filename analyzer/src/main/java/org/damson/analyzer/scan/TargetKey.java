package org.damson.analyzer.scan;

import java.util.Objects;
import org.damson.model.Snapshot;

/**
 * Whose address space a number is about. Target ids alone repeat between kdamonds.
 *
 * @param scheme {@link Snapshot#NO_SCHEME} unless the snapshots are one scheme's tried regions
 * @param name what the target is called, for people; empty if nobody says. It tells no keys apart
 */
public record TargetKey(int kdamond, int context, int scheme, long target, String name)
        implements Comparable<TargetKey> {
    public TargetKey(int kdamond, int context, int scheme, long target) {
        this(kdamond, context, scheme, target, "");
    }

    public static TargetKey of(Snapshot s) {
        return new TargetKey(s.kdamond, s.context, s.scheme, s.target);
    }

    public boolean matches(Snapshot s) {
        return target == s.target && kdamond == s.kdamond && context == s.context && scheme == s.scheme;
    }

    TargetKey named(String newName) {
        return new TargetKey(kdamond, context, scheme, target, newName);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TargetKey o && compareTo(o) == 0;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kdamond, context, scheme, target);
    }

    @Override
    public int compareTo(TargetKey o) {
        int c = Integer.compare(kdamond, o.kdamond);
        c = c != 0 ? c : Integer.compare(context, o.context);
        c = c != 0 ? c : Integer.compare(scheme, o.scheme);
        return c != 0 ? c : Long.compareUnsigned(target, o.target);
    }

    /** For people: {@code target 32193 (sleep)}, with kdamond, context and scheme where they are not the first. */
    public String label() {
        StringBuilder b = new StringBuilder("target ").append(Long.toUnsignedString(target));
        if (kdamond != 0 || context != 0) {
            b.append(" of kdamond ").append(kdamond).append(" context ").append(context);
        }
        if (scheme != Snapshot.NO_SCHEME) {
            b.append(" scheme ").append(scheme);
        }
        return b.append(name.isEmpty() ? "" : " (" + name + ")").toString();
    }
}
