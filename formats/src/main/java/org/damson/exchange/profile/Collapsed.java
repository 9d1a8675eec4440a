package org.damson.exchange.profile;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.stacks.Frame;
import org.damson.model.stacks.StackSamples;

/**
 * Collapsed stacks, as flame graphs read them: a line for each stack, frames from root to leaf between semicolons, a space,
 * and its number of samples. With several events the event is the root.
 */
public final class Collapsed {
    private Collapsed() {}

    public static void write(StackSamples samples, OutputStream out) throws IOException {
        boolean several =
                samples.threadTable().stream().map(t -> t.event()).distinct().count() > 1;
        Map<String, Long> counts = new TreeMap<>();
        for (int i = 0; i < samples.count(); i++) {
            StringBuilder line = new StringBuilder();
            if (several) {
                line.append(frame(Frame.harmless(
                        samples.threadTable().get(samples.threads()[i]).event())));
                line.append(';');
            }
            int[] stack = samples.stackTable()[samples.stacks()[i]];
            for (int d = stack.length - 1; d >= 0; d--) {
                Frame f = samples.frameTable().get(stack[d]);
                line.append(frame(f.name()));
                if (!f.hasFunction() && !f.buildId().isBlank()) {
                    line.append(frame(" (build id " + Frame.harmless(f.buildId()) + ")"));
                }
                line.append(d == 0 ? "" : ";");
            }
            counts.merge(line.toString(), 1L, Long::sum);
        }
        for (Map.Entry<String, Long> e : counts.entrySet()) {
            out.write((e.getKey() + ' ' + e.getValue() + '\n').getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String frame(String name) {
        return name.replace(';', ':');
    }
}
