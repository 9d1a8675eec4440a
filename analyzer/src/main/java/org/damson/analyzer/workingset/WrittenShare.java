package org.damson.analyzer.workingset;

import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.Snapshot;
import org.damson.model.Units;
import org.damson.model.summary.LongSum;
import org.damson.model.summary.SnapshotSums;

/**
 * How much of what was touched within one sample was written, mean of the snapshots: what was written, what was only read,
 * and what was touched without it being known which.
 */
public final class WrittenShare {
    private final LongSum writtenBytes = new LongSum();
    private final LongSum readBytes = new LongSum();
    private final LongSum notKnownBytes = new LongSum();
    private long snapshots;
    private long withWrites;

    /** Adds a snapshot of one target; what of its regions counts is as for the working set. */
    void add(Snapshot s, WorkingSetOptions options) {
        snapshots++;
        if (!s.has(Snapshot.HAS_WRITTEN)) {
            return;
        }
        withWrites++;
        long ofWritten = 0;
        long ofRead = 0;
        long ofNotKnown = 0;
        for (int i = 0; i < s.regions; i++) {
            if (!options.counts(s, i)) {
                continue;
            }
            long touched = TouchedBytes.perSample(s, i);
            long written = TouchedBytes.writtenPerSample(s, i);
            if (written == Snapshot.NOT_KNOWN) {
                ofNotKnown = SnapshotSums.plus(ofNotKnown, touched);
            } else {
                ofWritten = SnapshotSums.plus(ofWritten, written);
                ofRead = SnapshotSums.plus(ofRead, touched - written);
            }
        }
        add(ofWritten, ofRead, ofNotKnown);
    }

    /** Adds what is kept of a snapshot's regions with an access. */
    void add(SnapshotSums sums) {
        snapshots++;
        if ((sums.columns() & Snapshot.HAS_WRITTEN) != 0) {
            withWrites++;
            long written = sums.writtenBytes();
            add(written, sums.touchedBytes() - written - sums.notKnownBytes(), sums.notKnownBytes());
        }
    }

    private void add(long written, long read, long notKnown) {
        writtenBytes.add(written);
        readBytes.add(read);
        notKnownBytes.add(notKnown);
    }

    void addAll(WrittenShare o) {
        writtenBytes.add(o.writtenBytes);
        readBytes.add(o.readBytes);
        notKnownBytes.add(o.notKnownBytes);
        snapshots += o.snapshots;
        withWrites += o.withWrites;
    }

    /** Whether every snapshot says of some memory whether it was written. */
    public boolean isRecorded() {
        return snapshots > 0 && withWrites == snapshots;
    }

    /** Written within a sample, bytes; what is not known is not in it. */
    public double writtenBytes() {
        return writtenBytes.value() / snapshots;
    }

    /** Touched within a sample and not written, bytes. */
    public double readBytes() {
        return readBytes.value() / snapshots;
    }

    /** Touched within a sample, and the recording does not say whether by writes, bytes. */
    public double notKnownBytes() {
        return notKnownBytes.value() / snapshots;
    }

    /** One line for people. */
    public String text() {
        return "of the mean working set " + Units.bytes(Math.round(writtenBytes())) + " were written, "
                + Units.bytes(Math.round(readBytes())) + " only read"
                + (notKnownBytes() > 0 ? ", " + Units.bytes(Math.round(notKnownBytes())) + " not known" : "");
    }
}
