package org.damson.damon.setup;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.damon.scheme.DamoNode;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Units;

/**
 * A whole set-up of DAMON as damo writes it ({@code .kdamonds} files, {@code damo args damon}), in JSON or YAML: one
 * kdamond with one context. Values are numbers in the unit of their key, or text with a unit.
 */
public final class SetupFile {
    private static final List<String> DEFAULTS = List.of("false", "0", "null", "", "N");

    /** Keys of each object that has keys of its own, besides schemes. */
    private static final Map<String, List<String>> KEYS = Map.of(
            "a kdamond", List.of("contexts", "state", "pid", "name", "refresh_ms"),
            "a context",
                    List.of(
                            "ops",
                            "operations",
                            "addr_unit",
                            "targets",
                            "intervals",
                            "nr_regions",
                            "schemes",
                            "probes",
                            "sample_control",
                            "pause",
                            "name"),
            "intervals", List.of("sample_us", "aggr_us", "ops_update_us", "intervals_goal"),
            "intervals_goal", List.of("access_bp", "aggrs", "min_sample_us", "max_sample_us"),
            "nr_regions", List.of("min", "max"),
            "a target", List.of("pid", "obsolete", "regions"));

    private SetupFile() {}

    /** Every key that a file may have outside of its schemes, as in {@code intervals/sample_us} or {@code a target/pid}. */
    public static List<String> keys() {
        return KEYS.entrySet().stream()
                .flatMap(e -> e.getValue().stream().map(key -> e.getKey() + "/" + key))
                .sorted()
                .toList();
    }

    /**
     * Reads a set-up.
     *
     * @throws InvalidInputException naming what is wrong
     */
    public static DamonSetup parse(String text) {
        DamoNode context = context(DamoNode.document(text));
        onlyKeys(context, "a context");
        refuse(context.get("pause"), "pause");
        refuse(context.get("sample_control").get("sample_filters"), "sample_control/sample_filters");
        refuse(
                context.get("sample_control").get("primitives_enabled").get("page_fault"),
                "sample_control/primitives_enabled/page_fault");
        MonitoringAttrs defaults = DamonSetup.DEFAULT.attrs();
        DamoNode intervals = member(context, "intervals");
        DamoNode regions = member(context, "nr_regions");
        MonitoringAttrs attrs = new MonitoringAttrs(
                timeUs(intervals, "sample_us", defaults.sampleUs()),
                timeUs(intervals, "aggr_us", defaults.aggrUs()),
                timeUs(intervals, "ops_update_us", defaults.updateUs()),
                number(regions, "min", defaults.minRegions()),
                number(regions, "max", defaults.maxRegions()),
                MonitoringAttrs.IntervalsOrigin.GIVEN);
        DamoNode goal = member(intervals, "intervals_goal");
        long aggrs = number(goal, "aggrs", 0);
        List<DamonSetup.Target> targets = new ArrayList<>();
        for (DamoNode target : list(context, "targets")) {
            targets.add(target(object(target, "a target")));
        }
        DamoNode ops = context.get(context.names().contains("ops") ? "ops" : "operations");
        DamonSetup setup = new DamonSetup(
                ops.isThere() ? ops.text() : "vaddr",
                attrs,
                aggrs == 0
                        ? null
                        : new DamonSetup.IntervalsGoal(
                                bp(goal.get("access_bp")),
                                aggrs,
                                timeUs(goal, "min_sample_us", 0),
                                timeUs(goal, "max_sample_us", 0)),
                context.get("addr_unit").isThere() ? bytes(context.get("addr_unit")) : 1,
                targets,
                List.of(),
                probes(context));
        DamoNode schemes = list(context, "schemes");
        return schemes.size() == 0 ? setup : setup.withSchemes(SchemeParser.parse(schemes));
    }

    private static List<DamonSetup.Probe> probes(DamoNode context) {
        List<DamonSetup.Probe> probes = new ArrayList<>();
        for (DamoNode probe : list(context, "probes")) {
            for (String key : object(probe, "a probe").names()) {
                if (!key.equals("filters")) {
                    refuse(probe.get(key), "a probe's " + key);
                }
            }
            List<DamonSetup.ProbeFilter> filters = new ArrayList<>();
            for (DamoNode f : list(object(probe, "a probe"), "filters")) {
                DamoNode path = object(f, "a filter of a probe").get("path");
                filters.add(new DamonSetup.ProbeFilter(
                        f.get("filter_type").text(),
                        yes(f, "matching"),
                        yes(f, "allow"),
                        path.isThere() && !path.text().equals("null") ? path.text() : ""));
            }
            probes.add(new DamonSetup.Probe(filters));
        }
        return probes;
    }

    /** What is not default and would not reach the kernel is not accepted. */
    private static void refuse(DamoNode value, String what) {
        boolean isDefault = !value.isThere()
                || (value.isList() ? value.size() == 0 : !value.isObject() && DEFAULTS.contains(value.text()));
        if (!isDefault) {
            throw new InvalidInputException(what + " is not set up: leave it out");
        }
    }

    private static boolean yes(DamoNode in, String key) {
        String text = in.get(key).text();
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "y", "yes", "1" -> true;
            case "false", "n", "no", "0" -> false;
            default -> throw new InvalidInputException(key + ": '" + text + "' is neither yes nor no");
        };
    }

    private static DamoNode context(DamoNode root) {
        DamoNode node = root;
        for (String key : List.of("kdamonds", "contexts")) {
            if (key.equals("contexts") && node.names().contains(key)) {
                onlyKeys(node, "a kdamond");
                refuse(node.get("refresh_ms"), "refresh_ms");
            }
            if (node.names().contains(key)) {
                node = node.get(key);
            }
            if (node.isList()) {
                if (node.size() != 1) {
                    throw new InvalidInputException("one kdamond with one context is set up, not " + node.size());
                }
                node = node.get(0);
            }
        }
        return object(node, "a set-up");
    }

    private static DamonSetup.Target target(DamoNode target) {
        onlyKeys(target, "a target");
        refuse(target.get("obsolete"), "obsolete");
        List<DamonSetup.AddressRange> ranges = new ArrayList<>();
        for (DamoNode region : list(target, "regions")) {
            object(region, "a region");
            ranges.add(new DamonSetup.AddressRange(bytes(region.get("start")), bytes(region.get("end"))));
        }
        return new DamonSetup.Target(number(target, "pid", 0), ranges);
    }

    private static DamoNode object(DamoNode node, String what) {
        if (node.isObject()) {
            return node;
        }
        throw new InvalidInputException(what + " has keys and values, it is not " + node);
    }

    private static DamoNode member(DamoNode in, String key) {
        DamoNode node = in.get(key);
        return node.isThere() ? onlyKeys(object(node, key), key) : node;
    }

    private static DamoNode onlyKeys(DamoNode node, String what) {
        for (String key : node.names()) {
            if (!KEYS.get(what).contains(key)) {
                throw new InvalidInputException(what + " has no '" + key + "'");
            }
        }
        return node;
    }

    private static DamoNode list(DamoNode in, String key) {
        DamoNode node = in.get(key);
        if (node.isThere() && !node.isList()) {
            throw new InvalidInputException(key + " is a list");
        }
        return node;
    }

    private static long number(DamoNode in, String key, long otherwise) {
        DamoNode value = in.get(key);
        if (!value.isThere()) {
            return otherwise;
        }
        try {
            return Long.parseLong(plain(value));
        } catch (NumberFormatException e) {
            throw new InvalidInputException(key + ": " + value + " is not an integer", e);
        }
    }

    private static long timeUs(DamoNode in, String key, long otherwise) {
        DamoNode value = in.get(key);
        if (!value.isThere()) {
            return otherwise;
        }
        String text = plain(value);
        try {
            return text.matches("\\d+") ? Long.parseLong(text) : Units.parseDurationNs(text) / 1000;
        } catch (NumberFormatException e) {
            throw new InvalidInputException(key + ": " + value + " is too long", e);
        }
    }

    private static long bytes(DamoNode value) {
        String text = plain(value);
        try {
            return text.startsWith("0x") ? Long.parseUnsignedLong(text.substring(2), 16) : Units.parseBytes(text);
        } catch (NumberFormatException e) {
            throw new InvalidInputException(value + " is not an address", e);
        }
    }

    /** {@code 4 %} or 1/10000. */
    private static long bp(DamoNode value) {
        String text = plain(value);
        try {
            return text.endsWith("%")
                    ? Math.round(Double.parseDouble(
                                    text.substring(0, text.length() - 1).trim())
                            * 100)
                    : Math.round(Double.parseDouble(text));
        } catch (NumberFormatException e) {
            throw new InvalidInputException("access_bp: " + value + " is not a fraction", e);
        }
    }

    /** A value without damo's commas. */
    private static String plain(DamoNode value) {
        return value.text().replace(",", "").trim();
    }
}
