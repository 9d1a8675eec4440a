package org.damson.recorder.referenced;

/** Counts, sample by sample, the mappings in use for which it is known what was written. */
final class WrittenTally {
    long told;
    long notKnown;
}
