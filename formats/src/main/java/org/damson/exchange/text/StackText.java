package org.damson.exchange.text;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.exchange.build.CallStacks;

/**
 * Reads samples with call chains as {@code perf script} prints them: a line that tells who and when, then one for each frame,
 * leaf first, then an empty one. What stands between these, such as lines of source, is passed over. A sample without call chain
 * has its only frame on the line itself.
 *
 * <pre>
 *   masim     162 [001]    12.276579:    5025125 cpu-clock:
 *           55aa711de8da do_seq_wo+0x5c (/root/masim/masim)
 *           7f2e93f3bca8 [unknown] (/usr/lib/x86_64-linux-gnu/libc.so.6)
 * </pre>
 */
final class StackText {
    private static final Pattern HEAD = Pattern.compile(
            "\\s*\\S.*?\\s(\\d{1,9})(?:/(\\d{1,9}))?\\s+(?:\\[(\\d{1,6})]\\s+(?:[A-Z]{1,5}\\s+)?)?(\\d{1,9})\\.(\\d{6}|\\d{9}):"
                    + "\\s+(?:(\\d{1,18})\\s+)?([\\w:./=,-]{1,100}):(\\s.*)?");

    private static final Pattern ADDRESS = Pattern.compile("\\s+([0-9a-f]{1,16})(?: |$)");
    private static final Pattern MORE = Pattern.compile("\\s+[0-9a-f]{4,16}(?=\\s+[0-9a-f]{4,16} )");
    private static final Pattern OFFSET = Pattern.compile("\\+0x([0-9a-f]{1,15})$");
    private static final String DELETED = " (deleted))";
    private static final String UNKNOWN = "[unknown]";

    private final CallStacks stacks;
    private boolean open;
    private boolean passing;
    private long stray;
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
        if (line.isBlank()) {
            end();
            return;
        }
        boolean indented = Character.isWhitespace(line.charAt(0));
        // A head may be indented too, and a thread's name may look like an address.
        Matcher head = line.indexOf(':') < 0 ? null : HEAD.matcher(line);
        if (head != null && head.matches()) {
            end();
            head(head);
        } else if (indented && open && frame(line)) {
            return;
        } else if (indented && (open || passing)) {
            return; // a line of source, or of a stack that is not kept
        } else if (indented && isFrame(line)) {
            stray += passing ? 0 : 1;
            passing = true;
        } else {
            end();
        }
    }

    private void head(Matcher head) throws IOException {
        open = true;
        pid = Integer.parseInt(head.group(1));
        tid = head.group(2) == null ? pid : Integer.parseInt(head.group(2));
        cpu = head.group(3) == null ? -1 : Integer.parseInt(head.group(3));
        long fraction = Long.parseLong(head.group(5));
        timeNs = Long.parseLong(head.group(4)) * 1_000_000_000
                + (head.group(5).length() == 6 ? fraction * 1000 : fraction);
        weight = head.group(6) == null ? 1 : Long.parseLong(head.group(6));
        event = head.group(7);
        if (head.group(8) != null) {
            Matcher more = MORE.matcher(head.group(8));
            frame(more.lookingAt() ? head.group(8).substring(more.end()) : head.group(8));
        }
    }

    /** Takes the lines of the stack of an event that keeps none. */
    void pass() {
        passing = true;
    }

    /** Call stacks that no sample stands before. */
    long stray() {
        return stray;
    }

    private static boolean isFrame(String line) {
        return line.endsWith(")") && ADDRESS.matcher(line).lookingAt();
    }

    private boolean frame(String line) throws IOException {
        Matcher address = ADDRESS.matcher(line);
        if (!address.lookingAt()) {
            return false;
        }
        int before = line.length() - (line.endsWith(DELETED) ? DELETED.length() : 1);
        int module = line.endsWith(")") ? line.lastIndexOf(" (", before - 1) : -1;
        if (module < address.end() - 1) {
            module = line.length(); // without names of files
        }
        String function = module <= address.end() ? UNKNOWN : line.substring(address.end(), module);
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
        String name = module == line.length() ? UNKNOWN : line.substring(module + 2, line.length() - 1);
        stacks.frame(function, name.equals(UNKNOWN) ? "" : name, "", offset);
        return true;
    }

    /** Ends the sample that is being read; one without frames is counted. */
    void end() throws IOException {
        if (open && stacks.isEmpty()) {
            stacks.without(event);
        } else if (open) {
            stacks.sample(timeNs, pid, tid, cpu, event, 0, weight);
        }
        stacks.forget();
        open = false;
        passing = false;
    }
}
