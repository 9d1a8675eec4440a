package org.damson.analyzer.scan;

import org.damson.model.Snapshot;

/**
 * Whose address space a number is about. Target ids alone repeat between kdamonds.
 *
 * @param scheme {@link Snapshot#NO_SCHEME} unless the snapshots are one scheme's tried regions
 */
public record TargetKey(int kdamond, int context, int scheme, long target) implements Comparable<TargetKey> {
    public static TargetKey of(Snapshot s) {
        return new TargetKey(s.kdamond, s.context, s.scheme, s.target);
    }

    public boolean matches(Snapshot s) {
        return target == s.target && kdamond == s.kdamond && context == s.context && scheme == s.scheme;
    }

    @Override
    public int compareTo(TargetKey o) {
        int c = Integer.compare(kdamond, o.kdamond);
        c = c != 0 ? c : Integer.compare(context, o.context);
        c = c != 0 ? c : Integer.compare(scheme, o.scheme);
        return c != 0 ? c : Long.compareUnsigned(target, o.target);
    }

    /** For people: {@code target 0}, with kdamond, context and scheme where they are not the first. */
    public String label() {
        StringBuilder b = new StringBuilder("target ").append(Long.toUnsignedString(target));
        if (kdamond != 0 || context != 0) {
            b.append(" of kdamond ").append(kdamond).append(" context ").append(context);
        }
        if (scheme != Snapshot.NO_SCHEME) {
            b.append(" scheme ").append(scheme);
        }
        return b.toString();
    }
}
