package org.damson.recorder.damon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.damson.recorder.kernel.DamonUnavailableException;
import org.damson.recorder.kernel.Kernel;
import org.damson.recorder.kernel.TraceInstance;
import org.damson.recorder.kernel.Tracefs;

/** Remains of a killed DAMON recording in the kernel: its running set-up, and its trace ring. */
public final class KilledRecording {
    private KilledRecording() {}

    /**
     * Undoes what a killed recorder left in the kernel, including its trace ring. Changes nothing if there is no
     * journal, or if its owner is alive.
     *
     * @return one line for people for each thing done
     */
    public static List<String> undo(Path sys, Path run, LongSupplier clock) throws IOException {
        List<String> told = Changes.undoLeft(Kernel.ofProcess(), sys, run, clock);
        Path tracefs = Tracefs.find();
        if (tracefs != null) {
            try {
                TraceInstance.removeOrphans(Kernel.ofProcess(), tracefs);
            } catch (DamonUnavailableException e) {
                return told; // who may not look there has left nothing there
            }
        }
        return told;
    }

    /**
     * Lists what a killed recorder left in the kernel and changes nothing; {@link #undo} undoes it.
     *
     * @return one line for people for each thing; also when this user may not see what there is
     */
    public static List<String> left(Path sys, Path run) {
        List<String> told = new ArrayList<>();
        try {
            Kernel kernel = Kernel.ofProcess();
            told.addAll(Changes.left(kernel, sys, run));
            Path tracefs = Tracefs.find();
            if (tracefs != null) {
                for (Path ring : TraceInstance.orphans(kernel, tracefs)) {
                    told.add("trace ring " + ring + " is still there");
                }
            }
        } catch (IOException e) {
            told.add("its kdamond and its trace ring may still run, which only root can see (" + e.getMessage() + ")");
        }
        return told;
    }
}
