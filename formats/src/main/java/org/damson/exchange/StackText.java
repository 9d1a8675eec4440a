package org.damson.exchange;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads samples with call chains as {@code perf script} prints them: a line that tells who and when, then one for each frame,
 * leaf first, then an empty one.
 *
 * <pre>
 *   masim     162 [001]    12.276579:    5025125 cpu-clock:
 *           55aa711de8da do_seq_wo+0x5c (/root/masim/masim)
 *           7f2e93f3bca8 [unknown] (/usr/lib/x86_64-linux-gnu/libc.so.6)
 * </pre>
 */
final class StackText {
    private static final Pattern HEAD = Pattern.compile(
            "\\s*\\S.*?\\s(\\d{1,9})(?:/(\\d{1,9}))?\\s+(?:\\[(\\d{1,6})]\\s+)?(\\d{1,9})\\.(\\d{6}|\\d{9}):\\s+(?:(\\d{1,18})\\s+)?"
                    + "([\\w:./=,-]{1,100}):\\s*");

    private static final Pattern ADDRESS = Pattern.compile("\\s+([0-9a-f]{1,16}) ");
    private static final Pattern OFFSET = Pattern.compile("\\+0x([0-9a-f]{1,15})$");
    private static final String DELETED = " (deleted))";
    private static final String UNKNOWN = "[unknown]";

    private final CallStacks stacks;
    private boolean open;
    private long timeNs;
    private int pid;
    private int tid;
    private int cpu;
    private String event;
    private long weight;

    StackText(CallStacks stacks) {
        this.stacks = stacks;
    }

    /** Takes a line that is no event of DAMON's. */
    void line(String line) throws IOException {
        if (open && !line.isEmpty() && Character.isWhitespace(line.charAt(0)) && frame(line)) {
            return;
        }
        end();
        if (line.endsWith(": ") || line.endsWith(":")) {
            Matcher head = HEAD.matcher(line);
            if (head.matches()) {
                open = true;
                pid = Integer.parseInt(head.group(1));
                tid = head.group(2) == null ? pid : Integer.parseInt(head.group(2));
                cpu = head.group(3) == null ? -1 : Integer.parseInt(head.group(3));
                long fraction = Long.parseLong(head.group(5));
                timeNs = Long.parseLong(head.group(4)) * 1_000_000_000
                        + (head.group(5).length() == 6 ? fraction * 1000 : fraction);
                weight = head.group(6) == null ? 1 : Long.parseLong(head.group(6));
                event = head.group(7);
            }
        }
    }

    private boolean frame(String line) throws IOException {
        Matcher address = ADDRESS.matcher(line);
        int before = line.length() - (line.endsWith(DELETED) ? DELETED.length() : 1);
        int module = line.lastIndexOf(" (", before - 1);
        if (!line.endsWith(")") || !address.lookingAt() || module < address.end()) {
            return false;
        }
        String function = line.substring(address.end(), module);
        long offset = 0;
        if (function.equals(UNKNOWN)) {
            // Where there is no function to count from, the address itself.
            function = "";
            offset = Long.parseUnsignedLong(address.group(1), 16);
        } else {
            int plus = function.lastIndexOf("+0x");
            Matcher digits = OFFSET.matcher(function);
            if (plus >= 0 && digits.find(plus)) {
                offset = Long.parseLong(digits.group(1), 16);
                function = function.substring(0, plus);
            }
        }
        String name = line.substring(module + 2, line.length() - 1);
        stacks.frame(function, name.equals(UNKNOWN) ? "" : name, "", offset);
        return true;
    }

    /** Ends the sample that is being read; one without frames is none. */
    void end() throws IOException {
        if (open && !stacks.isEmpty()) {
            stacks.sample(timeNs, pid, tid, cpu, event, 0, weight);
        }
        stacks.forget();
        open = false;
    }
}
