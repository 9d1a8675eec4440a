package org.damson.engine;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import org.damson.api.InvalidTraceException;
import org.damson.api.MissingCapabilityException;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceFormatException;

/** Tells damson's own failures as those of the interface; the file system's stay what they are. */
final class Failures {
    /** What may fail. */
    interface Work<T> {
        T run() throws IOException;
    }

    private Failures() {}

    /** Runs {@code work}; what a trace lacks is the trace's fault, and what is not loaded the machine's. */
    static <T> T telling(Work<T> work) throws IOException {
        try {
            return work.run();
        } catch (InvalidInputException e) {
            throw new InvalidTraceException(e.getMessage(), e);
        } catch (IOException e) {
            throw asDeclared(e);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            // The second is what a library that was not loaded once is called from then on.
            throw asDeclared(org.damson.model.MissingCapabilityException.notLoaded("a library", e));
        }
    }

    static IOException asDeclared(IOException e) {
        if (e instanceof TraceFormatException) {
            return new InvalidTraceException(e.getMessage(), e);
        }
        if (e instanceof org.damson.model.MissingCapabilityException) {
            return new MissingCapabilityException(e.getMessage(), e);
        }
        if (e instanceof ClosedByInterruptException) {
            return (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
        return e;
    }
}
