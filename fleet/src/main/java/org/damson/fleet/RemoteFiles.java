package org.damson.fleet;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.Serializable;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.damson.analyzer.fleet.FleetFiles;
import org.damson.analyzer.fleet.FleetPlan;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.analyzer.fleet.TraceAnswer;
import org.damson.analyzer.fleet.Trouble;
import org.damson.model.text.NativeText;
import org.damson.trace.files.PrivateDirectory;

/**
 * Traces and bundles in Spark's file systems, as HDFS or an object store. A trace is read where it can be mapped and checked as
 * a whole: a task copies it into a private directory, and removes it when it has its answer.
 */
final class RemoteFiles {
    private static final String MANIFEST = "manifest.json";
    private static final String BUNDLE = ".damson.zip";
    private static final String TRACE = ".damson";

    private final Configuration hadoop;
    private final List<String> found = new ArrayList<>();
    private final List<Trouble> troubles = new ArrayList<>();

    RemoteFiles(Configuration hadoop) {
        this.hadoop = hadoop;
    }

    /** As {@link org.damson.analyzer.fleet.FleetFiles#find}. */
    void find(String root) throws IOException {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(root);
        FileSystem fs = path.getFileSystem(hadoop);
        FileStatus status;
        try {
            status = fs.getFileStatus(path);
        } catch (FileNotFoundException e) {
            throw new NoSuchFileException(root);
        }
        if (status.isFile()) {
            found.add(path.toString());
        } else {
            below(fs, path);
        }
    }

    List<String> found() {
        return found;
    }

    List<Trouble> troubles() {
        return troubles;
    }

    private void below(FileSystem fs, org.apache.hadoop.fs.Path directory) {
        FileStatus[] children;
        try {
            children = fs.listStatus(directory);
        } catch (IOException | IllegalArgumentException e) { // the latter of a name that Hadoop takes for a URI
            troubles.add(new Trouble(directory.toString(), Trouble.Kind.LEFT_OUT, "cannot be read: " + e.getMessage()));
            return;
        }
        Arrays.sort(children, Comparator.comparing(FileStatus::getPath));
        boolean hasManifest =
                Arrays.stream(children).anyMatch(c -> c.getPath().getName().equals(MANIFEST));
        boolean hasDirectories = Arrays.stream(children).anyMatch(FileStatus::isDirectory);
        if (FleetFiles.isTrace(directory.getName(), hasManifest, hasDirectories)) {
            found.add(directory.toString());
            return;
        }
        for (FileStatus child : children) {
            if (child.isDirectory()) {
                if (!FleetFiles.isPartOfTrace(child.getPath().getName())) {
                    below(fs, child.getPath());
                }
            } else if (child.getPath().getName().endsWith(BUNDLE)
                    || child.getPath().getName().endsWith(TRACE)) {
                found.add(child.getPath().toString());
            }
        }
    }

    /** What a plan makes of a trace, wherever that is. */
    static <V extends Serializable> TraceAnswer<V> answer(
            FleetTrace trace,
            FleetPlan<V, ?, ?> plan,
            Map<String, String> where,
            Broadcast<SerializableConfiguration> files)
            throws InterruptedIOException {
        if (!FleetTrace.isRemote(trace.path())) {
            return TraceAnswer.of(trace, trace.local(), plan, where);
        }
        try {
            try (PrivateDirectory copies = PrivateDirectory.create("damson-fleet-")) {
                org.apache.hadoop.fs.Path from = new org.apache.hadoop.fs.Path(trace.path());
                Path copy = NativeText.path(copies.path() + "/" + from.getName());
                from.getFileSystem(files.value().value())
                        .copyToLocalFile(false, from, new org.apache.hadoop.fs.Path(copy.toUri()), true);
                return TraceAnswer.of(trace, copy, plan, where);
            }
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException | RuntimeException e) { // file systems of others throw both
            return TraceAnswer.failed(trace, e);
        }
    }
}
