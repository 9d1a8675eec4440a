package org.damson.replayer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.model.MissingCapabilityException;

/**
 * A plan being played by the native generator, in processes that have nothing else in their memory: they map everything, wait
 * for {@link #go}, play, and keep the memory until {@link #end}, so that they can be watched.
 */
public final class Replayer implements AutoCloseable {
    /** Exit status after Ctrl-C, which reaches the generator as well. */
    private static final int INTERRUPTED = 130;

    /** Exit status if the machine lacks what the plan needs. */
    static final int LACKING = 4;

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String NOTE = "note ";

    private static final Pattern PROCESS = Pattern.compile("process \\d{1,4} (\\d{1,9})");

    private final Process process;
    private final BufferedReader output;
    private final List<Long> pids = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Thread hook;

    private Replayer(Process process) {
        this.process = process;
        output = process.inputReader(StandardCharsets.UTF_8);
        hook = new Thread(process::destroy, "damson-replay-end");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Plays with one thread for each process, on any processor. */
    public static Replayer start(Path accessgen, Path plan, boolean flushTlb) throws IOException {
        return start(accessgen, plan, PlayOptions.plain(flushTlb));
    }

    /**
     * Starts the generator and waits until its processes have created their initial mappings.
     *
     * @throws IOException with the generator's own line if it fails
     */
    public static Replayer start(Path accessgen, Path plan, PlayOptions options) throws IOException {
        List<String> command = new ArrayList<>(List.of(accessgen.toString(), "plan", "--gate"));
        command.addAll(options.arguments());
        command.add(plan.toAbsolutePath().toString());
        Replayer replayer = new Replayer(new ProcessBuilder(command).start());
        try {
            String line;
            while (!"ready".equals(line = replayer.line())) {
                if (line.startsWith(NOTE)) {
                    replayer.notes.add(line.substring(NOTE.length()));
                    continue;
                }
                Matcher m = PROCESS.matcher(line);
                if (!m.matches()) {
                    throw new IOException("unexpected output of accessgen: " + line);
                }
                replayer.pids.add(Long.parseLong(m.group(1)));
            }
            return replayer;
        } catch (IOException | RuntimeException e) {
            replayer.close();
            throw e;
        }
    }

    /** Plays a plan and waits for it. */
    public static ReplayReport run(Path accessgen, Path plan, PlayOptions options) throws IOException {
        try (Replayer replayer = start(accessgen, plan, options)) {
            replayer.go();
            return replayer.await();
        }
    }

    /** Ids of the playing processes, in the order of the plan. */
    public List<Long> pids() {
        return List.copyOf(pids);
    }

    /** Messages of the generator, in lines. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** Starts the replay: time 0 of the plan is now. */
    public void go() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    /** Waits until the last slice has ended. The processes and their memory remain. */
    public ReplayReport await() throws IOException {
        return parse(line());
    }

    @Override
    public void close() throws IOException {
        end();
    }

    /** Ends the processes and frees their memory. */
    public void end() throws IOException {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(2, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            output.close();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } finally {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // shutting down already; the hook does its work
            }
        }
    }

    private String line() throws IOException {
        String line = output.readLine();
        if (line == null) {
            try (BufferedReader errors =
                    new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
                String said = errors.readLine();
                boolean ended = process.waitFor(1, TimeUnit.SECONDS);
                if (ended && process.exitValue() == INTERRUPTED) {
                    throw new InterruptedIOException("interrupted");
                }
                if (said == null || said.isBlank()) {
                    throw new IOException("accessgen ended without output");
                }
                if (ended && process.exitValue() == LACKING) {
                    throw new MissingCapabilityException(said);
                }
                throw new IOException(said);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }
        return line;
    }

    /** Reads the generator's one line of JSON. */
    static ReplayReport parse(String line) throws IOException {
        JsonNode json;
        try {
            json = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IOException("accessgen's report is not JSON: " + line.strip(), e);
        }
        List<ReplayReport.Touches> classes = new ArrayList<>();
        for (int i = 0; i < ReplayPlanner.CLASSES.size(); i++) {
            classes.add(new ReplayReport.Touches(number(json, "intended_" + i), number(json, "touched_" + i)));
        }
        return new ReplayReport(
                number(json, "start_ns"),
                number(json, "intended_pages"),
                number(json, "touched_pages"),
                number(json, "again_pages"),
                classes,
                number(json, "slices"),
                number(json, "late_slices"),
                number(json, "late_wakeups"),
                number(json, "shed_slices"),
                number(json, "max_late_ns"),
                number(json, "mean_late_ns"),
                number(json, "wall_ns"),
                number(json, "beyond"),
                number(json, "tlb_flushes"),
                number(json, "tlb_flush_ns"));
    }

    static long number(JsonNode json, String key) throws IOException {
        JsonNode value = json.path(key);
        if (!value.canConvertToExactIntegral() || !value.canConvertToLong() || value.longValue() < 0) {
            throw new IOException("accessgen's report lacks " + key + ": " + json);
        }
        return value.longValue();
    }
}
