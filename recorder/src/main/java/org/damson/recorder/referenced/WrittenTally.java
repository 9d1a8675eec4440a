package org.damson.recorder.referenced;

/** Of how many mappings in use it could be told, sample by sample, what of them was written. */
final class WrittenTally {
    long told;
    long notKnown;
}
