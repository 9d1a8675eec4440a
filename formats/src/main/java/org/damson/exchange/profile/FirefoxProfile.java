package org.damson.exchange.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.stacks.Frame;
import org.damson.model.stacks.SampledThread;
import org.damson.model.stacks.StackSamples;

/**
 * The Firefox Profiler's processed profile, version 48, which its newer ones take. Each event of each thread is a thread of
 * the profile. Clocks' weights are CPU time; samples of other events count 1 each, since the format has no unit for theirs.
 */
public final class FirefoxProfile {
    private static final int FORMAT_VERSION = 48;
    private static final int GECKO_VERSION = 29;

    private final StackSamples samples;
    private final JsonGenerator g;
    private final double originNs;

    /** By process, the thread of the profile that stands for it: the viewer has room for one, and shows none of others that claim to be. */
    private final Map<Integer, Integer> mainThreads = new HashMap<>();

    private FirefoxProfile(StackSamples samples, double originNs, JsonGenerator g) {
        this.samples = samples;
        this.originNs = originNs;
        this.g = g;
        String event = samples.count() == 0 ? "" : samples.countedEvent();
        for (int t = 0; t < samples.threadTable().size(); t++) {
            SampledThread thread = samples.threadTable().get(t);
            if (thread.pid() == thread.tid()) {
                if (thread.event().equals(event)) {
                    mainThreads.put(thread.pid(), t);
                } else {
                    mainThreads.putIfAbsent(thread.pid(), t);
                }
            }
        }
    }

    /**
     * @param name of the whole, for people
     * @param toEpochNs from the trace's clock to nanoseconds since 1970; null if not known
     */
    public static void write(StackSamples samples, String name, Long toEpochNs, OutputStream out) throws IOException {
        JsonGenerator g = new JsonFactory().createGenerator(out);
        g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        double originNs = samples.count() == 0 ? 0 : samples.timesNs()[0];
        FirefoxProfile profile = new FirefoxProfile(samples, originNs, g);
        g.writeStartObject();
        profile.meta(Frame.harmless(name), toEpochNs == null ? 0 : originNs + toEpochNs);
        Map<ProfileTables.Lib, Integer> libs = ProfileTables.libs(samples.frameTable());
        List<ProfileTables.Lib> libList = List.copyOf(libs.keySet());
        profile.libs(libList);
        g.writeArrayFieldStart("threads");
        int[][] byThread = samples.byThread();
        for (int t = 0; t < byThread.length; t++) {
            profile.thread(t, byThread[t], new ProfileTables(samples, byThread[t], libs, libList));
        }
        g.writeEndArray();
        g.writeEndObject();
        g.writeRaw('\n');
        g.close();
    }

    private void meta(String name, double startEpochNs) throws IOException {
        g.writeObjectFieldStart("meta");
        g.writeNumberField("interval", interval());
        g.writeNumberField("startTime", startEpochNs / 1e6);
        g.writeNumberField("processType", 0);
        g.writeStringField("product", name);
        g.writeNumberField("stackwalk", 1);
        g.writeNumberField("version", GECKO_VERSION);
        g.writeNumberField("preprocessedProfileVersion", FORMAT_VERSION);
        g.writeBooleanField("debug", false);
        g.writeBooleanField("symbolicated", true);
        g.writeStringField("importedFrom", "damson");
        if (samples.count() > 0) {
            g.writeArrayFieldStart("initialSelectedThreads");
            g.writeNumber(samples.busiestThread());
            g.writeEndArray();
        }
        g.writeArrayFieldStart("categories");
        category("Other", "grey");
        category("Kernel", "orange");
        g.writeEndArray();
        g.writeArrayFieldStart("markerSchema");
        g.writeEndArray();
        g.writeEndObject();
    }

    private void category(String name, String colour) throws IOException {
        g.writeStartObject();
        g.writeStringField("name", name);
        g.writeStringField("color", colour);
        g.writeArrayFieldStart("subcategories");
        g.writeString("Other");
        g.writeEndArray();
        g.writeEndObject();
    }

    /** Milliseconds between samples: the least weight of a clock, else 1, which the viewer takes as unknown. */
    private double interval() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < samples.count(); i++) {
            boolean known = samples.threadTable().get(samples.threads()[i]).isClock() && samples.weights()[i] > 0;
            least = known ? Math.min(least, samples.weights()[i]) : least;
        }
        return least == Long.MAX_VALUE ? 1 : least / 1e6;
    }

    private void libs(List<ProfileTables.Lib> libs) throws IOException {
        g.writeArrayFieldStart("libs");
        for (ProfileTables.Lib lib : libs) {
            g.writeStartObject();
            g.writeStringField("arch", "");
            for (String key : List.of("name", "debugName")) {
                g.writeStringField(key, lib.name());
            }
            for (String key : List.of("path", "debugPath")) {
                g.writeStringField(key, lib.path());
            }
            g.writeStringField("breakpadId", "");
            g.writeStringField("codeId", lib.buildId());
            g.writeEndObject();
        }
        g.writeEndArray();
    }

    private void thread(int t, int[] of, ProfileTables tables) throws IOException {
        SampledThread thread = samples.threadTable().get(t);
        g.writeStartObject();
        g.writeStringField("processType", "default");
        g.writeNumberField("processStartupTime", 0);
        g.writeNullField("processShutdownTime");
        g.writeNumberField("registerTime", 0);
        g.writeNullField("unregisterTime");
        g.writeArrayFieldStart("pausedRanges");
        g.writeEndArray();
        g.writeStringField("name", thread.label());
        g.writeBooleanField(
                "isMainThread", mainThreads.get(thread.pid()) != null && mainThreads.get(thread.pid()) == t);
        g.writeStringField("processName", thread.processLabel());
        g.writeStringField("pid", Integer.toString(thread.pid()));
        g.writeNumberField("tid", thread.tid());
        samples(thread, of, tables);
        g.writeObjectFieldStart("markers");
        for (String column : List.of("data", "name", "startTime", "endTime", "phase", "category")) {
            g.writeArrayFieldStart(column);
            g.writeEndArray();
        }
        g.writeNumberField("length", 0);
        g.writeEndObject();
        tables.write(g);
        g.writeEndObject();
    }

    private void samples(SampledThread thread, int[] of, ProfileTables tables) throws IOException {
        g.writeObjectFieldStart("samples");
        g.writeNumberField("length", of.length);
        g.writeStringField("weightType", thread.isClock() ? "tracing-ms" : "samples");
        g.writeArrayFieldStart("stack");
        for (int i : of) {
            g.writeNumber(tables.node(samples.stacks()[i]));
        }
        g.writeEndArray();
        g.writeArrayFieldStart("time");
        for (int i : of) {
            g.writeNumber((samples.timesNs()[i] - originNs) / 1e6);
        }
        g.writeEndArray();
        if (thread.isClock()) {
            g.writeArrayFieldStart("weight");
            for (int i : of) {
                g.writeNumber(samples.weights()[i] / 1e6);
            }
            g.writeEndArray();
        } else {
            g.writeNullField("weight");
        }
        g.writeEndObject();
    }
}
