package org.damson.exchange.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.damson.model.stacks.Frame;
import org.damson.model.stacks.SampledThread;
import org.damson.model.stacks.StackSamples;

/**
 * speedscope's JSON: a sampled profile for each event of each thread, its samples in order of time. speedscope takes each frame of
 * the file for a function of its own, so places in one function are one frame here.
 */
public final class Speedscope {
    /** As speedscope shows a function; null: in no file that is known. */
    private record Shown(String name, String file) {}

    private final StackSamples samples;
    private final JsonGenerator g;
    private final Map<Shown, Integer> frames = new LinkedHashMap<>();

    /** By the frames of the samples, the place in the file's. */
    private final int[] frameOf;

    private Speedscope(StackSamples samples, JsonGenerator g) {
        this.samples = samples;
        this.g = g;
        frameOf = samples.frameTable().stream()
                .mapToInt(f -> frames.computeIfAbsent(shown(f), s -> frames.size()))
                .toArray();
    }

    /** @param name of the whole, for people */
    public static void write(StackSamples samples, String name, OutputStream out) throws IOException {
        JsonGenerator g = new JsonFactory().createGenerator(out);
        g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        new Speedscope(samples, g).file(name);
        g.writeRaw('\n');
        g.close();
    }

    private void file(String name) throws IOException {
        g.writeStartObject();
        g.writeStringField("$schema", "https://www.speedscope.app/file-format-schema.json");
        g.writeStringField("exporter", "damson");
        g.writeStringField("name", Frame.harmless(name));
        g.writeNumberField("activeProfileIndex", samples.busiestThread());
        g.writeObjectFieldStart("shared");
        g.writeArrayFieldStart("frames");
        for (Shown f : frames.keySet()) {
            g.writeStartObject();
            g.writeStringField("name", f.name);
            if (f.file != null) {
                g.writeStringField("file", f.file);
            }
            g.writeEndObject();
        }
        g.writeEndArray();
        g.writeEndObject();
        g.writeArrayFieldStart("profiles");
        int[][] byThread = samples.byThread();
        for (int t = 0; t < byThread.length; t++) {
            profile(samples.threadTable().get(t), byThread[t]);
        }
        g.writeEndArray();
        g.writeEndObject();
    }

    private static Shown shown(Frame f) {
        if (f.path().isBlank()) {
            return new Shown(f.name(), null);
        }
        boolean named = f.hasFunction() || f.buildId().isBlank();
        return new Shown(f.name(), named ? f.path() : f.path() + " (build id " + Frame.harmless(f.buildId()) + ")");
    }

    private void profile(SampledThread thread, int[] of) throws IOException {
        long sum = 0;
        for (int i : of) {
            sum = StackSamples.sum(sum, samples.weights()[i]);
        }
        g.writeStartObject();
        g.writeStringField("type", "sampled");
        g.writeStringField("name", thread.label());
        g.writeStringField("unit", thread.isClock() ? "nanoseconds" : "none");
        g.writeNumberField("startValue", 0);
        g.writeNumberField("endValue", sum);
        g.writeArrayFieldStart("samples");
        for (int i : of) {
            int[] stack = samples.stackTable()[samples.stacks()[i]];
            g.writeStartArray();
            for (int d = stack.length - 1; d >= 0; d--) {
                g.writeNumber(frameOf[stack[d]]);
            }
            g.writeEndArray();
        }
        g.writeEndArray();
        g.writeArrayFieldStart("weights");
        for (int i : of) {
            g.writeNumber(samples.weights()[i]);
        }
        g.writeEndArray();
        g.writeEndObject();
    }
}
