package org.damson.replayer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.MissingCapabilityException;

/**
 * What a plan needs, and how much of it this machine can do, computed from the cost of touches, first touches and TLB flushes and the
 * delay of wake-ups, measured with the load there is.
 *
 * @param processes processes that play
 * @param cpus processors that they may use
 * @param neededBytes maximum memory filled at any time
 * @param availableBytes memory that is available without swapping
 * @param pageNs cost of touching a page, nanoseconds; 0 if not measured, for lack of memory
 * @param flushedPageNs the same after a TLB flush
 * @param flushNs cost of a TLB flush, nanoseconds
 * @param fillNs cost of the first touch of a page
 * @param lateNs mean delay of a wake-up from sleep
 * @param slices slices with touches
 * @param lateSlices slices that would not end in time
 * @param intendedPages page touches in the plan
 * @param pagesInTime those of slices that would begin in time
 */
public record Feasibility(
        long processes,
        long cpus,
        long neededBytes,
        long availableBytes,
        double pageNs,
        double flushedPageNs,
        double flushNs,
        double fillNs,
        double lateNs,
        long slices,
        long lateSlices,
        long intendedPages,
        long pagesInTime) {
    /** Measures with the generator for about a second. */
    public static Feasibility measure(Path accessgen, Path plan, PlayOptions options) throws IOException {
        List<String> command = new ArrayList<>(List.of(accessgen.toString(), "feasible"));
        command.addAll(options.measured());
        command.add(plan.toAbsolutePath().toString());
        Process process = new ProcessBuilder(command).start();
        try {
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (out.isBlank()) {
                String said = errors.isBlank() ? "accessgen ended without output" : errors.strip();
                if (process.waitFor() == Replayer.LACKING) {
                    throw new MissingCapabilityException(said);
                }
                throw new IOException(said);
            }
            return of(new ObjectMapper().readTree(out));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } finally {
            process.destroy();
        }
    }

    private static Feasibility of(JsonNode json) throws IOException {
        return new Feasibility(
                Replayer.number(json, "processes"),
                Replayer.number(json, "cpus"),
                Replayer.number(json, "most_bytes"),
                Replayer.number(json, "available_bytes"),
                json.path("page_ns").asDouble(),
                json.path("flushed_page_ns").asDouble(),
                json.path("flush_ns").asDouble(),
                json.path("fill_ns").asDouble(),
                json.path("late_ns").asDouble(),
                Replayer.number(json, "slices"),
                Replayer.number(json, "late_slices"),
                Replayer.number(json, "intended_pages"),
                Replayer.number(json, "pages_in_time"));
    }

    /** Whether the machine has as much memory as the plan fills. */
    public boolean hasMemory() {
        return neededBytes <= availableBytes;
    }

    /** Share of the touches that this machine would make, 0..1. */
    public double achievable() {
        return intendedPages == 0 ? 1 : (double) pagesInTime / intendedPages;
    }
}
