package org.damson.recorder;

/** Receives the progress of a recording. What is displayed, and where, is up to the caller. */
public interface RecordingStatus {
    /** Nobody. */
    RecordingStatus NONE = line -> {};

    /** Takes a notice, one line without end of line. */
    void notice(String line);

    /** Takes a notice of something that has failed, or that keeps the recording from going on: it is told to everybody. */
    default void warning(String line) {
        notice(line);
    }

    /** Whether {@link #progress} is wanted. */
    default boolean wantsProgress() {
        return false;
    }

    /** Takes, about once a second and on another thread, how far the recording is: one line without end of line. */
    default void progress(String line) {}

    /** No progress follows. */
    default void ended() {}
}
