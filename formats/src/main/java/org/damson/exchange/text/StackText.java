package org.damson.exchange.text;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.exchange.build.CallStacks;
import org.damson.model.text.NativeText;

/**
 * Reads samples with call chains as {@code perf script} prints them: a line that tells who and when, then one for each frame,
 * leaf first, then an empty one. What stands between these, such as lines of source, is passed over. A sample without call chain
 * has its only frame on the line itself, behind the address of data if it has one.
 *
 * <pre>
 *   masim     162 [001]    12.276579:    5025125 cpu-clock:
 *           55aa711de8da do_seq_wo+0x5c (/root/masim/masim)
 *           7f2e93f3bca8 [unknown] (/usr/lib/x86_64-linux-gnu/libc.so.6)
 *   masim     162 [001]    12.276580:          1 page-faults:     7f2e93000000
 *           55aa711de8da touch (inlined)
 *           55aa711de8da fill+0x1a (/root/masim/masim+0x18da)
 * </pre>
 */
final class StackText {
    /** Names may hold characters that Unicode takes for line ends, such as 0x85: each byte is one character here. */
    private static final String NAME = "(?<name>\\S.*?)";

    private static final String THREAD = "(?<pid>-1|\\d{1,10})(?:/(?<tid>-1|\\d{1,10}))?";

    /** What follows the thread: processor, mode, times, period and event; {@code perf script -F} may omit some. */
    private static final String REST = "\\s+(?:\\[(?<cpu>\\d{1,6})]\\s+)?(?:[A-Za-z]{1,5}\\s+)?"
            + "(?:\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6,9}\\s+)?(?<seconds>\\d{1,10})\\.(?<fraction>\\d{6}|\\d{9}):"
            + "(?:\\s+(?<period>\\d{1,20})(?=\\s|\\z))?(?:\\s+(?!PERF_RECORD_)(?<event>\\S{1,400}):(?<behind>\\s.*)?|(?<place>\\s+[0-9a-f]{4,16} .*)|\\s*)";

    /** The form of tracefs and trace-cmd: name and thread in one word. */
    private static final String NO_TRACE = "(?!.*-\\d{1,10}\\s+[\\[(\\d])";

    /** Heads with thread and name, with the thread alone, with the name alone. */
    private static final List<Pattern> HEADS = List.of(
            Pattern.compile("\\s*" + NAME + "\\s" + THREAD + REST, Pattern.DOTALL),
            Pattern.compile("\\s*(?<name>)" + THREAD + REST, Pattern.DOTALL),
            Pattern.compile(NO_TRACE + "\\s*(?<name>\\S.{0,14}?)(?<pid>)(?<tid>)" + REST, Pattern.DOTALL));

    /** A time, which every head has. */
    private static final Pattern TIME = Pattern.compile("\\d\\.(?:\\d{6}|\\d{9}):(?:\\s|\\z)");

    private static final String UNNAMED = "unnamed";
    private static final int MAX_NAMES = 1 << 12;

    private static final Pattern ADDRESS = Pattern.compile("\\s+([0-9a-f]{1,16})(?: |$)");
    /** A data address and perf's description of it. */
    private static final Pattern DATA = Pattern.compile("\\s+([0-9a-f]{5,16})(?=\\s|$)(?: \\S.*?\\))?");

    /** The address of the code, behind the data address. */
    private static final Pattern CODE = Pattern.compile("\\s+[0-9a-f]{4,16} .*", Pattern.DOTALL);

    private static final Pattern OFFSET = Pattern.compile("\\+0x([0-9a-f]{1,15})$");
    private static final String DELETED = " (deleted))";
    private static final String INLINED = " (inlined)";
    private static final String UNKNOWN = "[unknown]";

    private final CallStacks stacks;
    private final Map<String, Integer> byName = new HashMap<>();
    private boolean open;
    private boolean passing;
    private long stray;
    private long newestNs = Long.MIN_VALUE;
    private long early;
    private long timeNs;
    private String name;
    private int pid;
    private int tid;
    private int cpu;
    private String event;
    private long weight;
    private long address;
    /** The text behind the event's name: an address of code if no frames follow. */
    private String behind;

    /** Functions inlined into that of the next frame, which names their file. */
    private final List<String> inlined = new ArrayList<>();

    StackText(CallStacks stacks) {
        this.stacks = stacks;
    }

    /** Takes a line that is no DAMON event; false if it does not belong to a sample either. */
    boolean line(String line) throws IOException {
        if (line.isBlank()) {
            end();
            return true;
        }
        boolean indented = Character.isWhitespace(line.charAt(0));
        // A head may be indented too, and a thread's name may look like an address.
        boolean isTimed = line.indexOf(':') >= 0 && TIME.matcher(line).find();
        Matcher head = isTimed ? headOf(line) : null;
        if (head != null) {
            end();
            head(head);
        } else if (isTimed) {
            end(); // a head of an unknown shape, however it begins
            return false;
        } else if (indented && open && frame(line)) {
            data();
        } else if (indented && (open || passing)) {
            return true; // of source, or of a stack that is not kept
        } else if (indented && isFrame(line)) {
            stray += passing ? 0 : 1;
            passing = true;
        } else {
            end();
            return false;
        }
        return true;
    }

    private static Matcher headOf(String line) {
        for (Pattern pattern : HEADS) {
            Matcher head = pattern.matcher(line);
            if (head.matches()) {
                return head;
            }
        }
        return null;
    }

    private void head(Matcher head) throws IOException {
        name = text(head.group("name")).strip();
        String thread = head.group("pid");
        pid = thread.isEmpty() ? byName(name) : Integer.parseInt(thread);
        tid = thread.isEmpty() ? pid : number(head.group("tid"), pid);
        cpu = number(head.group("cpu"), -1);
        String fraction = head.group("fraction");
        timeNs = Long.parseLong(head.group("seconds")) * 1_000_000_000
                + Long.parseLong(fraction) * (fraction.length() == 6 ? 1000 : 1);
        weight = head.group("period") == null ? 1 : weight(head.group("period"));
        event = head.group("event") == null ? UNNAMED : text(head.group("event"));
        String place = head.group("place") == null ? "" : head.group("place");
        behind = head.group("behind") == null ? place : head.group("behind");
        address = 0;
        open = true;
    }

    private static int number(String digits, int otherwise) {
        return digits == null ? otherwise : Integer.parseInt(digits);
    }

    /** The thread number made up for a name; names beyond the limit share one. */
    private int byName(String thread) {
        int next = -2 - Math.min(byName.size(), MAX_NAMES);
        return byName.size() == MAX_NAMES
                ? byName.getOrDefault(thread, next)
                : byName.computeIfAbsent(thread, n -> next);
    }

    /** Threads that are known by name only. */
    int names() {
        return byName.size();
    }

    /** Frames follow: the text behind the event describes its data. */
    private void data() {
        Matcher data = DATA.matcher(behind);
        address = data.lookingAt() ? Long.parseUnsignedLong(data.group(1), 16) : address;
        behind = "";
    }

    /** No frames follow: the text behind the event is the address of code, after the data address if there is one. */
    private void place() throws IOException {
        Matcher data = DATA.matcher(behind);
        if (data.lookingAt()
                && CODE.matcher(behind).region(data.end(), behind.length()).matches()) {
            address = Long.parseUnsignedLong(data.group(1), 16);
            behind = behind.substring(data.end());
        }
        frame(behind);
    }

    /** An unsigned 64-bit period, as a trace stores it. */
    private static long weight(String digits) {
        return new BigInteger(digits).min(BigInteger.valueOf(Long.MAX_VALUE)).longValue();
    }

    /** The bytes of the line decoded as UTF-8, where they are valid. */
    private static String text(String bytes) {
        boolean ascii = bytes.chars().allMatch(c -> c < 0x80);
        return ascii ? bytes : NativeText.readable(NativeText.decode(bytes.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Skips the stack of an event that is not kept. */
    void pass() {
        passing = true;
    }

    /** Samples earlier than one before them; perf prints samples in order unless times are differences. */
    long early() {
        return early;
    }

    /** Call stacks without a sample before them. */
    long stray() {
        return stray;
    }

    private static boolean isFrame(String line) {
        return line.endsWith(")") && ADDRESS.matcher(line).lookingAt();
    }

    private boolean frame(String line) throws IOException {
        Matcher ip = ADDRESS.matcher(line);
        if (!ip.lookingAt()) {
            return false;
        }
        if (line.endsWith(INLINED)) {
            String function = line.substring(ip.end(), Math.max(ip.end(), line.length() - INLINED.length()));
            inlined.add(text(withoutOffset(function)));
            return true;
        }
        int module = module(line, ip.end() - 1);
        String function = module <= ip.end() ? UNKNOWN : line.substring(ip.end(), module);
        String file = module == line.length() ? UNKNOWN : line.substring(module + 2, line.length() - 1);
        long offset = 0;
        // The place in the file, which perf script prints with dsoff.
        Matcher inFile = OFFSET.matcher(file);
        boolean isInFile = inFile.find();
        if (function.equals(UNKNOWN)) {
            // Where there is no function to count from and no place in the file, the address itself.
            offset = isInFile ? Long.parseLong(inFile.group(1), 16) : Long.parseUnsignedLong(ip.group(1), 16);
            function = "";
        } else {
            Matcher inFunction = OFFSET.matcher(function);
            offset = inFunction.find() ? Long.parseLong(inFunction.group(1), 16) : 0;
            function = text(withoutOffset(function));
        }
        file = isInFile ? file.substring(0, inFile.start()) : file;
        named(function, file.equals(UNKNOWN) ? "" : text(file), offset);
        return true;
    }

    /** Adds a frame and those of the functions inlined into it. */
    private void named(String function, String file, long offset) throws IOException {
        for (String inner : inlined) {
            stacks.frame(inner, file, "", 0);
        }
        inlined.clear();
        stacks.frame(function, file, "", offset);
    }

    /** Where the file name in parentheses begins; the end of the line if there is none. */
    private static int module(String line, int from) {
        if (!line.endsWith(")")) {
            return line.length();
        }
        // A path may have brackets and blanks of its own; functions hardly have one with a slash or a bracket behind
        // it.
        int before = line.length() - (line.endsWith(DELETED) ? DELETED.length() : 1);
        int path = line.indexOf(" (/", from);
        int kernel = line.indexOf(" ([", from);
        int last = path >= 0 ? path : kernel >= 0 ? kernel : line.lastIndexOf(" (", before - 1);
        return last < from ? line.length() : last;
    }

    private static String withoutOffset(String function) {
        Matcher offset = OFFSET.matcher(function);
        return offset.find() ? function.substring(0, offset.start()) : function;
    }

    /** Ends the sample that is being read; one without frames is counted. */
    void end() throws IOException {
        if (open && !inlined.isEmpty()) {
            String outer = inlined.remove(inlined.size() - 1);
            named(outer, "", 0);
        }
        if (open && stacks.isEmpty()) {
            place();
        }
        if (open && stacks.isEmpty()) {
            stacks.without(event);
        } else if (open) {
            // perf prints the number behind a colon where it knows no name.
            stacks.threads().named(timeNs, pid, tid, name.equals(":" + tid) ? "" : name);
            stacks.sample(timeNs, pid, tid, cpu, event, address, weight);
            early += timeNs < newestNs ? 1 : 0;
            newestNs = Math.max(newestNs, timeNs);
        }
        stacks.forget();
        open = false;
        passing = false;
    }
}
