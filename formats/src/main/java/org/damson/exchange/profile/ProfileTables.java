package org.damson.exchange.profile;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.stacks.Frame;
import org.damson.model.stacks.StackSamples;

/** The tables of one thread of a Firefox profile: a tree of stacks, its frames, functions, files and texts. */
final class ProfileTables {
    /** A file of code, once in a profile. */
    record Lib(String name, String path, String buildId) {
        static Lib of(Frame f) {
            String path = f.path();
            return new Lib(path.substring(path.lastIndexOf('/') + 1), path, Frame.harmless(f.buildId()));
        }
    }

    /** A function by its name in its file; -1: in none that is known. */
    private record Function(String name, int lib) {}

    private record Node(int prefix, int frame) {}

    private final StackSamples samples;
    private final Map<Lib, Integer> libs;
    private final List<Lib> libList;
    private final Map<Node, Integer> nodes = new LinkedHashMap<>();
    private final Map<Integer, Integer> nodeOfStack = new HashMap<>();
    private final Map<Integer, Integer> frames = new LinkedHashMap<>();
    private final Map<Function, Integer> functions = new LinkedHashMap<>();
    private final Map<Integer, Integer> resources = new LinkedHashMap<>();
    private final Map<String, Integer> strings = new LinkedHashMap<>();

    /** @param of the thread's samples */
    ProfileTables(StackSamples samples, int[] of, Map<Lib, Integer> libs, List<Lib> libList) {
        this.samples = samples;
        this.libs = libs;
        this.libList = libList;
        for (int i : of) {
            nodeOfStack.computeIfAbsent(samples.stacks()[i], this::addStack);
        }
        for (int f : frames.keySet()) {
            place(functions, function(f));
        }
        functions.keySet().forEach(f -> {
            place(strings, f.name);
            if (f.lib >= 0) {
                place(resources, f.lib);
                place(strings, libList.get(f.lib).name());
            }
        });
    }

    /** All files of code, each with its place, in their order. */
    static Map<Lib, Integer> libs(List<Frame> frames) {
        Map<Lib, Integer> libs = new LinkedHashMap<>();
        frames.stream().filter(f -> !f.path().isBlank()).map(Lib::of).forEach(lib -> place(libs, lib));
        return libs;
    }

    /** Where a stack ends in the tree. */
    int node(int stack) {
        return nodeOfStack.get(stack);
    }

    private int addStack(int stack) {
        int[] of = samples.stackTable()[stack];
        int node = -1;
        for (int d = of.length - 1; d >= 0; d--) {
            node = place(nodes, new Node(node, place(frames, of[d])));
        }
        return node;
    }

    private static <K> int place(Map<K, Integer> places, K key) {
        return places.computeIfAbsent(key, k -> places.size());
    }

    private Function function(int frame) {
        Frame f = samples.frameTable().get(frame);
        return new Function(f.name(), f.path().isBlank() ? -1 : libs.get(Lib.of(f)));
    }

    /** A value of a column for each key of a table. */
    private interface Value<K> {
        Object of(K key);
    }

    private static <K> void column(JsonGenerator g, String name, Iterable<K> keys, Value<K> value) throws IOException {
        g.writeArrayFieldStart(name);
        for (K key : keys) {
            Object v = value.of(key);
            if (v == null) {
                g.writeNull();
            } else if (v instanceof Boolean b) {
                g.writeBoolean(b);
            } else if (v instanceof Long n) {
                g.writeNumber(n);
            } else if (v instanceof Integer n) {
                g.writeNumber(n);
            } else {
                g.writeString(v.toString());
            }
        }
        g.writeEndArray();
    }

    void write(JsonGenerator g) throws IOException {
        Set<Node> tree = nodes.keySet();
        begin(g, "stackTable", tree.size());
        column(g, "frame", tree, n -> n.frame);
        column(g, "prefix", tree, n -> n.prefix < 0 ? null : n.prefix);
        List<Integer> used = List.copyOf(frames.keySet());
        column(g, "category", tree, n -> category(used.get(n.frame)));
        column(g, "subcategory", tree, n -> 0);
        g.writeEndObject();
        frames(g);
        functions(g);
        Set<Integer> files = resources.keySet();
        begin(g, "resourceTable", files.size());
        column(g, "lib", files, lib -> lib);
        column(g, "name", files, lib -> strings.get(libList.get(lib).name()));
        column(g, "host", files, lib -> null);
        column(g, "type", files, lib -> 1);
        g.writeEndObject();
        begin(g, "nativeSymbols", 0);
        for (String name : List.of("libIndex", "address", "name", "functionSize")) {
            column(g, name, List.of(), n -> null);
        }
        g.writeEndObject();
        column(g, "stringArray", strings.keySet(), s -> s);
    }

    private static void begin(JsonGenerator g, String table, int length) throws IOException {
        g.writeObjectFieldStart(table);
        g.writeNumberField("length", length);
    }

    private void frames(JsonGenerator g) throws IOException {
        Set<Integer> all = frames.keySet();
        List<Frame> table = samples.frameTable();
        begin(g, "frameTable", all.size());
        column(g, "address", all, f -> table.get(f).hasOffset() ? table.get(f).offset() : -1L);
        column(g, "inlineDepth", all, f -> 0);
        column(g, "category", all, this::category);
        column(g, "subcategory", all, f -> 0);
        column(g, "func", all, f -> functions.get(function(f)));
        for (String name : List.of("nativeSymbol", "implementation", "line", "column")) {
            column(g, name, all, f -> null);
        }
        column(g, "innerWindowID", all, f -> 0);
        g.writeEndObject();
    }

    /** Of the profile's categories: the kernel's code, or other. */
    private int category(int frame) {
        return samples.frameTable().get(frame).isKernel() ? 1 : 0;
    }

    private void functions(JsonGenerator g) throws IOException {
        Set<Function> all = functions.keySet();
        begin(g, "funcTable", all.size());
        column(g, "name", all, f -> strings.get(f.name));
        column(g, "isJS", all, f -> false);
        column(g, "relevantForJS", all, f -> false);
        column(g, "resource", all, f -> f.lib < 0 ? -1 : resources.get(f.lib));
        for (String name : List.of("fileName", "lineNumber", "columnNumber")) {
            column(g, name, all, f -> null);
        }
        g.writeEndObject();
    }
}
