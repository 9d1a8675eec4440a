package org.damson.recorder.damon;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One line of the journal of {@link Changes}: {@code KIND TAB PATH TAB VALUE}.
 *
 * @param path below {@code /sys}; of a module its name, of {@link #BOOT} the boot's id
 */
record ChangeLine(String kind, String path, String value) {
    static final String BOOT = "boot";
    /** A value of the tree before the changes; to be written back in this order. */
    static final String WAS = "was";
    /** A value that is about to be written. */
    static final String SET = "set";
    /** The kdamond's thread, its id and start time: path of the kdamond, identity. */
    static final String RUNS = "runs";
    /** A module's {@code enabled} that is about to become N. */
    static final String SUSPEND = "suspend";

    /** Files in which the kernel reports its state: not part of a set-up. */
    static final Set<String> NOT_SET_UP =
            Set.of("state", "pid", "avail_operations", "stats", "tried_regions", "effective_bytes");

    private static final int MAX_VALUE_CHARS = 4000;

    /** As it stands in the journal. */
    String text() {
        return kind + "\t" + escape(path) + "\t" + escape(value) + "\n";
    }

    /**
     * Whether a line is one that a recorder writes. A journal may have been written for an unprivileged recorder by its
     * helper, and is undone by root: it must not lead anywhere else.
     */
    private static boolean isOurs(ChangeLine line) {
        return switch (line.kind) {
            case BOOT -> true;
            case SUSPEND -> line.path.equals(DamonUsers.STAT);
            case WAS -> isSetting(line) && !NOT_SET_UP.contains(line.path.replaceAll(".*/", ""));
            case SET -> isSetting(line);
            case RUNS -> isSetting(line) && line.value.matches("none|-?\\d{1,10} \\d{0,20}");
            default -> false;
        };
    }

    /** A file of a kdamond and a value of the form that the kernel shows there: one word, and of a process its number. */
    private static boolean isSetting(ChangeLine line) {
        return line.path.matches("kernel/mm/damon/admin/kdamonds(/[a-z0-9_]+)+")
                && line.value.length() <= MAX_VALUE_CHARS
                && line.value.chars().noneMatch(Character::isISOControl)
                && (!line.path.endsWith("/pid_target") || line.value.matches("0|[1-9]\\d{0,9}|-1"));
    }

    /** The lines of a journal that a recorder writes. */
    static List<ChangeLine> parse(String text) {
        List<ChangeLine> all = new ArrayList<>();
        int from = 0;
        // A last line without its end was cut off by the crash: what it announces was not done.
        for (int to; (to = text.indexOf('\n', from)) >= 0; from = to + 1) {
            String[] parts = text.substring(from, to).split("\t", -1);
            if (parts.length == 3) {
                ChangeLine line = new ChangeLine(parts[0], unescape(parts[1]), unescape(parts[2]));
                if (isOurs(line)) {
                    all.add(line);
                }
            }
        }
        return all;
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
    }

    private static String unescape(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                char next = text.charAt(++i);
                c = next == 't' ? '\t' : next == 'n' ? '\n' : next;
            }
            out.append(c);
        }
        return out.toString();
    }
}
