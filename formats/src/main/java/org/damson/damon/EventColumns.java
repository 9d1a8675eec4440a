package org.damson.damon;

import java.lang.reflect.Array;
import org.damson.model.Snapshot;

/**
 * Decoded events in order of time, as columns, taken from the front: rows {@code [from, to)}. Grows to the most that waited and
 * is then reused. Cells that a row's kind does not name mean nothing.
 */
public final class EventColumns {
    /** A region at the end of an aggregation ({@code damon_aggregated}). */
    public static final byte REGION = 1;
    /** The same with {@link #probeHits} ({@code damon_region_aggregated}); a kernel may report both of each region. */
    public static final byte REGION_WITH_HITS = 2;
    /** A region to which a scheme is about to be applied ({@code damos_before_apply}). */
    public static final byte BEFORE_APPLY = 3;
    /** {@code damon_monitor_intervals_tune}: {@link #target} is the sampling interval in microseconds from now on. */
    public static final byte TUNED = 4;
    /** A statistic of a scheme: {@link #name} is its name, {@link #target} its value. */
    public static final byte STATISTIC = 5;
    /**
     * Not an event of DAMON: {@link #end} events of a ring are missing (-1: an unknown number) between {@link #start}, the last one
     * before them ({@link #NO_TIME} if there was none), and {@link #timeNs}.
     */
    public static final byte MISSED = 6;
    /** The same, where it is only known that they are missing before the next event. */
    public static final byte LOST = 7;
    /** damo's mark behind the only snapshot of {@link #target}, by which it tells how long that took: until then. */
    public static final byte END_MARK = 8;

    /** A time that is not known. */
    public static final long NO_TIME = Long.MIN_VALUE;

    public int from;
    public int to;
    public long[] timeNs = new long[0];
    public byte[] kind = new byte[0];
    /** Thread id of the kdamond, -1 if it is not known. */
    public int[] thread = new int[0];

    public long[] target = new long[0];
    /** Bounds of a region, in the kdamond's unit of addresses; unsigned, an end of 0 is that of the address space. */
    public long[] start = new long[0];

    public long[] end = new long[0];
    /** How many regions the target has. */
    public long[] regions = new long[0];
    /** From 0 to 2^32 - 1. */
    public long[] accesses = new long[0];
    /** From 0 to 2^32 - 1; -1 on kernels that do not report it. */
    public long[] age = new long[0];
    /** See {@link ProbeHits}. */
    public long[] probeHits = new long[0];

    public int[] context = new int[0];
    /** -1 if the event does not have it. */
    public int[] scheme = new int[0];

    /** Of a {@link #STATISTIC}. */
    public String[] name = new String[0];

    public boolean isEmpty() {
        return from == to;
    }

    /** A new row at the end; its cells are those of some row before until they are set. */
    public int add() {
        if (to == timeNs.length) {
            makeRoom();
        }
        return to++;
    }

    /** A new row without probe hits, context and scheme; target, bounds, counts and name are to be set. */
    public int add(byte kind, long timeNs, int thread) {
        int i = add();
        this.kind[i] = kind;
        this.timeNs[i] = timeNs;
        this.thread[i] = thread;
        probeHits[i] = Snapshot.NO_HITS;
        context[i] = 0;
        scheme[i] = -1;
        return i;
    }

    /** Notes that events of a ring are missing. */
    public void addMissed(long afterNs, long beforeNs, long count) {
        int i = add(MISSED, beforeNs, -1);
        start[i] = afterNs;
        end[i] = count;
    }

    /** Notes that events are missing between {@code afterNs}, which may be {@link #NO_TIME}, and the next event. */
    public void addLost(long timeNs, long afterNs, long count) {
        int i = add(LOST, timeNs, -1);
        start[i] = afterNs;
        end[i] = count;
    }

    /** Whether the row tells of a region at the end of an aggregation. */
    boolean isRegion(int i) {
        return kind[i] == REGION || kind[i] == REGION_WITH_HITS;
    }

    /** Copies row {@code j} of other columns over row {@code i}. */
    public void copy(int i, EventColumns other, int j) {
        timeNs[i] = other.timeNs[j];
        kind[i] = other.kind[j];
        thread[i] = other.thread[j];
        target[i] = other.target[j];
        start[i] = other.start[j];
        end[i] = other.end[j];
        regions[i] = other.regions[j];
        accesses[i] = other.accesses[j];
        age[i] = other.age[j];
        probeHits[i] = other.probeHits[j];
        context[i] = other.context[j];
        scheme[i] = other.scheme[j];
        name[i] = other.name[j];
    }

    private void makeRoom() {
        int kept = to - from;
        // What has been taken is given up first.
        int wanted = kept <= timeNs.length / 2 ? timeNs.length : timeNs.length * 2;
        wanted = Math.max(wanted, 64);
        timeNs = moved(timeNs, wanted);
        kind = moved(kind, wanted);
        thread = moved(thread, wanted);
        target = moved(target, wanted);
        start = moved(start, wanted);
        end = moved(end, wanted);
        regions = moved(regions, wanted);
        accesses = moved(accesses, wanted);
        age = moved(age, wanted);
        probeHits = moved(probeHits, wanted);
        context = moved(context, wanted);
        scheme = moved(scheme, wanted);
        name = moved(name, wanted);
        from = 0;
        to = kept;
    }

    /** The cells of the rows that are left, moved to the front of an array of this type and length. */
    @SuppressWarnings("unchecked")
    private <T> T moved(T cells, int length) {
        boolean fits = Array.getLength(cells) == length;
        Object moved = fits ? cells : Array.newInstance(cells.getClass().getComponentType(), length);
        System.arraycopy(cells, from, moved, 0, to - from);
        return (T) moved;
    }

    /** Forgets the taken rows when nothing is left. */
    public void reset() {
        if (from == to) {
            clear();
        }
    }

    /** Forgets all rows. */
    public void clear() {
        from = 0;
        to = 0;
    }
}
