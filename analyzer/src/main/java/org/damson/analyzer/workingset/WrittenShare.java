package org.damson.analyzer.workingset;

import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.Snapshot;
import org.damson.model.Units;

/**
 * How much of what was touched within one sample was written, mean of the snapshots: what was written, what was only read,
 * and what was touched without it being known which.
 */
public final class WrittenShare {
    private double writtenBytes;
    private double readBytes;
    private double notKnownBytes;
    private long snapshots;
    private long withWrites;

    /** Adds a snapshot of one target; what of its regions counts is as for the working set. */
    void add(Snapshot s, WorkingSetOptions options) {
        snapshots++;
        if (!s.has(Snapshot.HAS_WRITTEN)) {
            return;
        }
        withWrites++;
        for (int i = 0; i < s.regions; i++) {
            if (!options.counts(s, i)) {
                continue;
            }
            long touched = TouchedBytes.perSample(s, i);
            long written = TouchedBytes.writtenPerSample(s, i);
            if (written == Snapshot.NOT_KNOWN) {
                notKnownBytes += touched;
            } else {
                writtenBytes += written;
                readBytes += touched - written;
            }
        }
    }

    void addAll(WrittenShare o) {
        writtenBytes += o.writtenBytes;
        readBytes += o.readBytes;
        notKnownBytes += o.notKnownBytes;
        snapshots += o.snapshots;
        withWrites += o.withWrites;
    }

    /** Whether every snapshot says of some memory whether it was written. */
    public boolean isRecorded() {
        return snapshots > 0 && withWrites == snapshots;
    }

    /** Written within a sample, bytes; what is not known is not in it. */
    public double writtenBytes() {
        return writtenBytes / snapshots;
    }

    /** Touched within a sample and not written, bytes. */
    public double readBytes() {
        return readBytes / snapshots;
    }

    /** Touched within a sample, and the recording does not say whether by writes, bytes. */
    public double notKnownBytes() {
        return notKnownBytes / snapshots;
    }

    /** One line for people. */
    public String text() {
        return "of the mean working set " + Units.bytes(Math.round(writtenBytes())) + " were written, "
                + Units.bytes(Math.round(readBytes())) + " only read"
                + (notKnownBytes > 0 ? ", " + Units.bytes(Math.round(notKnownBytes())) + " not known" : "");
    }
}
