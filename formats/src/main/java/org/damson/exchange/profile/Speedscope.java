package org.damson.exchange.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import org.damson.model.stacks.Frame;
import org.damson.model.stacks.SampledThread;
import org.damson.model.stacks.StackSamples;

/** speedscope's JSON: a sampled profile for each event of each thread, its samples in order of time. */
public final class Speedscope {
    private Speedscope() {}

    /** @param name of the whole, for people */
    public static void write(StackSamples samples, String name, OutputStream out) throws IOException {
        JsonGenerator g = new JsonFactory().createGenerator(out);
        g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        g.writeStartObject();
        g.writeStringField("$schema", "https://www.speedscope.app/file-format-schema.json");
        g.writeStringField("exporter", "damson");
        g.writeStringField("name", Frame.harmless(name));
        g.writeObjectFieldStart("shared");
        g.writeArrayFieldStart("frames");
        for (Frame f : samples.frameTable()) {
            g.writeStartObject();
            g.writeStringField("name", f.name());
            if (!f.path().isBlank()) {
                boolean named = f.hasFunction() || f.buildId().isBlank();
                g.writeStringField(
                        "file", named ? f.path() : f.path() + " (build id " + Frame.harmless(f.buildId()) + ")");
            }
            g.writeEndObject();
        }
        g.writeEndArray();
        g.writeEndObject();
        g.writeArrayFieldStart("profiles");
        int[][] byThread = samples.byThread();
        for (int t = 0; t < byThread.length; t++) {
            profile(g, samples, samples.threadTable().get(t), byThread[t]);
        }
        g.writeEndArray();
        g.writeEndObject();
        g.writeRaw('\n');
        g.close();
    }

    private static void profile(JsonGenerator g, StackSamples samples, SampledThread thread, int[] of)
            throws IOException {
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
                g.writeNumber(stack[d]);
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
