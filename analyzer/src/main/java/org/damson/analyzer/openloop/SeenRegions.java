package org.damson.analyzer.openloop;

import java.util.Arrays;
import org.damson.model.Snapshot;

/**
 * The regions of a snapshot in the pieces that schemes which ran meanwhile saw, as far as the recording tells. Reused.
 *
 * <p>A piece may have been one with the next, until a scheme cut it, and it may have been in several.
 */
final class SeenRegions {
    private final Snapshot divided = new Snapshot();
    private Snapshot snapshot = divided;
    private final boolean losses;
    private int recorded;
    private int filled;
    private boolean joins;
    private boolean joinsOfOneAge;

    /** By piece: whether the bound behind it may be one that a scheme cut. */
    private boolean[] cutBehind = new boolean[16];

    /** In how many more pieces it may have been, and whether by schemes' cuts. */
    private int[] more = new int[16];

    private boolean[] mayBeCut = new boolean[16];

    /** @param losses whether the trace tells that something was lost while it was recorded */
    SeenRegions(boolean losses) {
        this.losses = losses;
    }

    boolean hasLosses() {
        return losses;
    }

    /** The regions as they were recorded, each one piece. */
    void take(Snapshot s) {
        snapshot = s;
        recorded = s.regions;
        joins = false;
        joinsOfOneAge = false;
        reserve(s.regions);
        Arrays.fill(cutBehind, 0, s.regions, false);
        Arrays.fill(more, 0, s.regions, 0);
        Arrays.fill(mayBeCut, 0, s.regions, false);
    }

    private void reserve(int n) {
        if (cutBehind.length < n) {
            cutBehind = Arrays.copyOf(cutBehind, n * 2);
            more = Arrays.copyOf(more, n * 2);
            mayBeCut = Arrays.copyOf(mayBeCut, n * 2);
        }
    }

    /** From now on regions are given piece by piece; each with {@link #add}. */
    void divide(Snapshot s) {
        divided.clear();
        divided.id = s.id;
        divided.kdamond = s.kdamond;
        divided.context = s.context;
        divided.target = s.target;
        divided.startNs = s.startNs;
        divided.endNs = s.endNs;
        divided.sampleUs = s.sampleUs;
        divided.aggrUs = s.aggrUs;
        divided.lost = s.lost;
        divided.columns = s.columns & Snapshot.HAS_AGE;
        snapshot = divided;
        filled = 0;
    }

    /** A piece of a region with its accesses and age. */
    void add(long start, long end, int nr, int age, boolean isCutBehind, int morePieces, boolean areCuts) {
        divided.add(start, end, nr, age);
        reserve(filled + 1);
        cutBehind[filled] = isCutBehind;
        more[filled] = morePieces;
        mayBeCut[filled++] = areCuts;
    }

    /** The pieces. */
    Snapshot snapshot() {
        return snapshot;
    }

    /** Regions that were recorded. */
    int recorded() {
        return recorded;
    }

    boolean[] cutBehind() {
        return cutBehind;
    }

    int[] more() {
        return more;
    }

    boolean[] mayBeCut() {
        return mayBeCut;
    }

    /**
     * Whether a kernel that joins neighbours after its schemes' turn may find some here.
     *
     * @param anyAge whether the schemes may make ages equal
     */
    boolean haveJoin(boolean anyAge) {
        return anyAge ? joins : joinsOfOneAge;
    }

    /** There are neighbours that may be joined if their ages are equal. */
    void foundJoin(boolean areOfOneAge) {
        joins = true;
        joinsOfOneAge |= areOfOneAge;
    }
}
