package org.damson.replayer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Plays a plan with the native generator. */
public final class Replayer {
    private Replayer() {}

    /** The command that plays {@code plan}; its standard output is for {@link #parse}. */
    public static List<String> command(Path accessgen, Path plan) {
        return List.of(accessgen.toString(), "plan", plan.toAbsolutePath().toString());
    }

    /**
     * Plays a plan in a process of its own and waits for it.
     *
     * @throws IOException with the generator's own line if it fails
     */
    public static ReplayReport run(Path accessgen, Path plan) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command(accessgen, plan)).start();
        try {
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(err.isBlank() ? "accessgen failed" : err.strip());
            }
            return parse(out);
        } finally {
            process.destroy();
        }
    }

    /** Reads the generator's one line of JSON. */
    static ReplayReport parse(String json) throws IOException {
        return new ReplayReport(
                number(json, "intended_pages"),
                number(json, "touched_pages"),
                number(json, "slices"),
                number(json, "late_slices"),
                number(json, "max_late_ns"),
                number(json, "mean_late_ns"),
                number(json, "wall_ns"));
    }

    private static long number(String json, String key) throws IOException {
        Matcher m = Pattern.compile("\"" + key + "\":(\\d+)").matcher(json);
        if (!m.find()) {
            throw new IOException("accessgen's report lacks " + key + ": " + json.strip());
        }
        return Long.parseLong(m.group(1));
    }
}
