package org.damson.model.summary;

import org.damson.model.Snapshot;

/** Key of what is summed up: target ids alone repeat between kdamonds, and schemes have snapshots of their own. */
public record StreamKey(int kdamond, int context, int scheme, long target) implements Comparable<StreamKey> {
    public static StreamKey of(Snapshot s) {
        return new StreamKey(s.kdamond, s.context, s.scheme, s.target);
    }

    public boolean matches(Snapshot s) {
        return target == s.target && kdamond == s.kdamond && context == s.context && scheme == s.scheme;
    }

    @Override
    public int compareTo(StreamKey o) {
        int c = Integer.compare(kdamond, o.kdamond);
        c = c != 0 ? c : Integer.compare(context, o.context);
        c = c != 0 ? c : Integer.compare(scheme, o.scheme);
        return c != 0 ? c : Long.compareUnsigned(target, o.target);
    }
}
