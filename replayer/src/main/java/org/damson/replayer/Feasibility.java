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
 * What a plan asks for, and what of it this machine would do, reckoned from what touches and flushes were measured to take.
 *
 * @param processes processes that play
 * @param cpus processors that are online
 * @param neededBytes memory filled at a time, at most
 * @param availableBytes memory that can be had without swapping
 * @param pageNs what the touch of a page takes; 0 if nothing was measured, because there is not the memory
 * @param flushedPageNs the same after a flush of the TLB
 * @param flushNs what a flush takes
 * @param slices slices with touches
 * @param lateSlices those that would not be over in time
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
        long slices,
        long lateSlices,
        long intendedPages,
        long pagesInTime) {
    /** Has the generator measure, for half a second. */
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
                String said = errors.isBlank() ? "accessgen ended without a word" : errors.strip();
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
                Replayer.number(json, "slices"),
                Replayer.number(json, "late_slices"),
                Replayer.number(json, "intended_pages"),
                Replayer.number(json, "pages_in_time"));
    }

    /** Whether there is as much memory as it fills. */
    public boolean hasMemory() {
        return neededBytes <= availableBytes;
    }

    /** Share of the touches that would be made, 0..1. */
    public double achievable() {
        return intendedPages == 0 ? 1 : (double) pagesInTime / intendedPages;
    }
}
