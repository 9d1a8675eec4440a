package org.damson.analyzer.scan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.text.Printable;

/** Names of a trace's targets, if known: names of processes, or the recorded command. */
public final class TargetNames {
    private final Map<Long, String> byTarget;

    private TargetNames(Map<Long, String> byTarget) {
        this.byTarget = byTarget;
    }

    public static TargetNames of(Manifest manifest) {
        Map<Long, String> names = new HashMap<>();
        List<?> pids = ManifestKey.PIDS_RECORDED.list(manifest);
        List<?> command = ManifestKey.COMMAND.list(manifest);
        // The command is the first process; what it started has other names.
        if (!pids.isEmpty() && !command.isEmpty() && pids.get(0) instanceof Number pid) {
            String program = String.valueOf(command.get(0));
            add(names, pid, program.substring(program.lastIndexOf('/') + 1));
        }
        for (Object process : ManifestKey.PROCESSES.list(manifest)) {
            if (process instanceof Map<?, ?> facts && facts.get("target") instanceof Number target) {
                add(names, target, facts.get("name"));
            }
        }
        return new TargetNames(names);
    }

    private static void add(Map<Long, String> names, Number target, Object name) {
        if (name instanceof String text && !text.isEmpty()) {
            names.put(target.longValue(), Printable.line(text));
        }
    }

    /** Empty if nobody says. */
    public String of(long target) {
        return byTarget.getOrDefault(target, "");
    }

    /** The key, with the name of its target. */
    public TargetKey named(TargetKey key) {
        return key.named(of(key.target()));
    }

    /** The same map, its keys with the names of their targets. */
    public <T> Map<TargetKey, T> named(Map<TargetKey, T> map) {
        Map<TargetKey, T> named = new TreeMap<>();
        map.forEach((key, value) -> named.put(named(key), value));
        return named;
    }

    /** A target's number, with its name in brackets. */
    public String label(long target) {
        String name = of(target);
        return Long.toUnsignedString(target) + (name.isEmpty() ? "" : " (" + name + ")");
    }
}
