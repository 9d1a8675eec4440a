package org.damson.analyzer.fleet.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.damson.analyzer.fleet.Origin;
import org.damson.model.InvalidInputException;

/** What traces are grouped by. */
public enum Level {
    FLEET("fleet"),
    SERVICE("services", "service"),
    DAY("days", "service", "day"),
    HOST("hosts", "service", "host"),
    HOST_DAY("host_days", "service", "host", "day");

    private static final String SEPARATOR = "\0";

    /** What its groups' names begin with. */
    private final String name;

    /** The columns that name a group. */
    public final List<String> keys;

    Level(String name, String... keys) {
        this.name = name;
        this.keys = List.of(keys);
    }

    /**
     * What {@code --by} names.
     *
     * @param by {@code all}, {@code service}, {@code day} or {@code host}
     */
    public static Level of(String by) {
        return switch (by.toLowerCase(Locale.ROOT)) {
            case "all" -> FLEET;
            case "service" -> SERVICE;
            case "day" -> DAY;
            case "host" -> HOST;
            default -> throw new InvalidInputException("'" + by + "': expected one of all, service, day and host");
        };
    }

    /** The name of the group that a trace is in. */
    public String group(Origin o) {
        return name
                + SEPARATOR
                + String.join(
                        SEPARATOR,
                        switch (this) {
                            case FLEET -> List.of("all");
                            case SERVICE -> List.of(o.service());
                            case DAY -> List.of(o.service(), o.day());
                            case HOST -> List.of(o.service(), o.host());
                            case HOST_DAY -> List.of(o.service(), o.host(), o.day());
                        });
    }

    boolean has(String group) {
        return group.startsWith(name + SEPARATOR);
    }

    /** What a group of this level has for {@link #keys}. */
    public List<String> values(String group) {
        return keys.isEmpty()
                ? List.of()
                : Arrays.asList(group.substring(name.length() + 1).split(SEPARATOR, -1));
    }
}
