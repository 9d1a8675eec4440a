package org.damson.exchange.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.damon.EventColumns;
import org.damson.damon.Kinds;
import org.damson.exchange.build.CallStacks;
import org.damson.exchange.build.DamoValues;
import org.damson.exchange.build.EventImport;
import org.damson.exchange.build.ImportReport;
import org.damson.exchange.build.LineReader;
import org.damson.exchange.build.TraceBuilder;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;
import org.damson.model.text.Printable;

/**
 * Reads {@code trace_pipe}, {@code perf script} and {@code trace-cmd report} text as a stream: DAMON's events, and other events
 * that have call stacks.
 */
public final class TextImporter {
    /** Prefix before the CPU: the name of one of several recordings, or that of a line of the kernel's log. */
    private static final String BEFORE_CPU = "(?:\\s*[^\\s:]+:\\s+"
            + "|.*\\[\\s*\\d{1,10}\\.\\d{6}](?:\\s?\\[\\s*[TC]\\d{1,9}])?\\s+(?:\\S+ kernel: +)?)?";

    /** What tracefs, perf script, perf trace and trace-cmd report print where events were lost, with or without a count. */
    private static final Pattern LOST =
            Pattern.compile("^" + BEFORE_CPU + "CPU:\\d{1,5} \\[(?:LOST (?:(\\d+) )?EVENTS|(?:(\\d+) )?EVENTS DROPPED)]"
                    // the last is of a text that damson exported
                    + "|PERF_RECORD_LOST lost (\\d+)|^(?:\\x1b\\[[0-9;]*m)*LOST (\\d+) events!"
                    + "|^perf 0 \\[000] \\d+\\.\\d{9}: \\[EVENTS DROPPED]");

    /** The processor that lost events. */
    private static final Pattern LOST_ON = Pattern.compile("^" + BEFORE_CPU + "CPU:(\\d{1,5}) |\\s\\[(\\d{3,5})]\\s");

    /** Characters of a line shown in a message. */
    private static final int SHOWN = 60;

    /** Losses reported by perf record: the total at the end has no time, a loss reported by the kernel has one. */
    private static final Pattern LOST_SAMPLES =
            Pattern.compile("(?:\\s(\\d+)\\.(\\d+):\\s+)?PERF_RECORD_LOST_SAMPLES lost (\\d+)");

    /** An event that is not DAMON's, as the kernel, trace-cmd or perf print it: time, optional period, and name. */
    private static final Pattern OTHER =
            Pattern.compile("\\s(?:\\d{1,10}\\.\\d{3,9}|\\d+us)\\s*[+!#*@$]?:\\s+(?:\\(\\+\\d+\\)\\s+)?(?:\\d+\\s+)?"
                    + "(<(?:user )?stack trace>|PERF_RECORD_\\w+|[A-Za-z_][\\w:./-]{0,99}(?=:\\s|:$|\\())");

    /** Lines that these tools print around events, and the frames of a kernel stack in the kernel's own text. */
    private static final Pattern AROUND = Pattern.compile(
            "\\s*(?:#.*|=> .*|[^\\s:]+: cpus=\\d+|cpus=\\d+|version = .*|CPU \\d+ is empty"
                    + "|damo_report_trace_output_.*|trace_clock: .*|CPU: +\\d+|entries: .*|overrun: .*|commit overrun: .*"
                    + "|bytes: .*|oldest event ts: .*|now ts: .*|dropped events: .*|read events: .*)",
            Pattern.DOTALL);

    /** The counts of events held and written in tracefs's {@code trace}. */
    private static final Pattern WRITTEN =
            Pattern.compile("#\\s*entries-in-buffer/entries-written:\\s*(\\d{1,18})/(\\d{1,18})(?:\\s.*)?");

    /** The counts of lost events in the statistics of a ring. */
    private static final Pattern OVERRUN =
            Pattern.compile("\\s*(?:overrun|commit overrun|dropped events): (\\d{1,18})");

    private final TraceBuilder trace;
    private final EventImport events;
    private final TextEvent text = new TextEvent();
    private final EventColumns loss = new EventColumns();
    /** Time of the last event of each processor. */
    private final Map<Integer, Long> lastNs = new HashMap<>();

    private final CallStacks stacks;
    private final StackText stackText;
    private final Kinds others = new Kinds();
    private long overwritten;
    private long strange;
    private String firstStrange = "";
    private long unseen;
    private boolean none;
    private boolean fourWords;
    private long malformed;
    private String firstMalformed = "";

    public TextImporter(TraceBuilder trace) {
        this.trace = trace;
        events = new EventImport(trace);
        stacks = new CallStacks(trace);
        stackText = new StackText(stacks);
    }

    public ImportReport read(InputStream in) throws IOException {
        LineReader lines = new LineReader(in);
        for (String line = lines.next(); line != null; line = lines.next()) {
            if (lines.wrong() == null) {
                line(line, lines.number());
            } else {
                malformed(lines.number(), lines.wrong());
            }
        }
        stackText.end();
        stacks.finish();
        if (trace.isEmpty()) {
            throw trace.bad(firstMalformed, "no whole DAMON event and no call stack in it" + whatElse());
        }
        if (malformed > 0) {
            trace.note(malformed + " event lines could not be read, the first: " + firstMalformed);
        }
        if (stackText.stray() > 0) {
            trace.note(stackText.stray() + " call stacks are left out: the line before them is not understood");
        }
        if (stackText.early() > 0) {
            trace.note(Units.count(stackText.early(), "sample", "is")
                    + " earlier than one before: the text is not in order of time, or its times are differences"
                    + " (perf script --deltatime)");
        }
        trace.noteUnkept(text.unkept);
        if (!others.isEmpty()) {
            trace.note(Units.count(others.total(), "event") + " other than DAMON's, without a call stack, left out: "
                    + others);
        }
        if (strange > 0) {
            trace.note(Units.count(strange, "line") + " not understood, the first: " + firstStrange);
        }
        if (overwritten > 0) {
            trace.note("the tracer says that it overwrote or dropped " + Units.count(overwritten, "event")
                    + ", of DAMON's or not, before these or among them");
        }
        if (stackText.names() > 0) {
            trace.note("the samples do not name their thread by number; threads are told apart by their names");
        }
        if (text.head.names() > 1) {
            trace.note("the events do not name their thread by number; kdamonds are told apart by their names");
        }
        if (text.head.isOfSeveral()) {
            trace.note("the text is of several recordings; kdamonds of each are told apart, whatever their numbers");
        }
        if (unseen > 0) {
            trace.damo("does not see " + Units.count(unseen, "event")
                    + ": it looks for the time in the third and fourth word of a line,"
                    + " and a space in a thread's name moves it");
        }
        return events.finish("text", malformed);
    }

    /** Describes the content of a text of which nothing is kept. */
    private String whatElse() {
        if (stackText.stray() > 0) {
            return "; what stands before " + Units.count(stackText.stray(), "call stack")
                    + " is not understood: perf script -F comm,tid,time,event,ip,sym prints who and when";
        }
        Kinds left = others.isEmpty() ? stacks.without() : others;
        return (left.isEmpty() ? "" : ": " + Units.count(left.total(), "event") + " without one, " + left)
                + "; expected a recording of perf, trace-cmd, tracefs or damo";
    }

    private void line(String printed, long number) throws IOException {
        String line = TextHead.withCpuInBrackets(printed);
        try {
            if (text.parse(line)) {
                stackText.end();
                stackText.pass();
                if (text.head.cpu >= 0) {
                    lastNs.put(text.head.cpu, text.head.timeNs);
                }
                while (!text.rows.isEmpty()) {
                    take(text.rows, number);
                }
                damo(number);
            } else if (!lost(line)) {
                fourWords(line, number);
                if (!stackText.line(line)) {
                    other(line, number);
                }
            }
        } catch (InvalidInputException | NumberFormatException | ArithmeticException e) {
            malformed(number, e.getMessage());
        }
    }

    /** Counts a line of which a trace keeps nothing. */
    private void other(String line, long number) {
        Matcher event = OTHER.matcher(line);
        if (AROUND.matcher(line).matches()) {
            overwritten(line);
            return;
        }
        if (event.find()) {
            others.add(event.group(1));
            return;
        }
        strange++;
        if (firstStrange.isEmpty()) {
            String text = Printable.line(line.strip());
            firstStrange = "line " + number + ": " + (text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text);
        }
    }

    /** Counts overwritten events as the tracer reports them, of any kind and at an unknown time. */
    private void overwritten(String line) {
        Matcher written = WRITTEN.matcher(line);
        Matcher overrun = OVERRUN.matcher(line);
        long count = written.matches()
                ? Long.parseLong(written.group(2)) - Long.parseLong(written.group(1))
                : overrun.matches() ? Long.parseLong(overrun.group(1)) : 0;
        overwritten += Math.max(0, count);
    }

    private void take(EventColumns rows, long number) throws IOException {
        String wrong = events.take(rows);
        if (wrong != null) {
            malformed(number, wrong);
        }
    }

    private void malformed(long number, String what) {
        malformed++;
        if (firstMalformed.isEmpty()) {
            firstMalformed = "line " + number + ": " + what;
        }
    }

    /** Notes how damo reads the last event differently. */
    private void damo(long number) {
        unseen += text.kind() == EventColumns.REGION && !text.head.damoFindsTime ? 1 : 0;
        if (text.none && !none) {
            none = true;
            trace.damo("wrote None for a number that it did not know, and fails to read it back: line " + number);
        }
    }

    /** Notes a line of four words whose third has no colon: damo takes it for an event and fails on its name. */
    private void fourWords(String line, long number) {
        if (fourWords || TextEvent.words(line, line.length(), 5) != 4) {
            return;
        }
        if (!line.trim().split("[ \t]+")[2].endsWith(":")) {
            fourWords = true;
            trace.damo("fails on line " + number + ", which it takes for an event, as any of four words");
        }
    }

    private boolean lost(String line) throws IOException {
        if (!line.contains("LOST") && !line.contains("DROPPED")) {
            return false;
        }
        Matcher samples = LOST_SAMPLES.matcher(line);
        if (samples.find()) {
            long count = Long.parseLong(samples.group(3));
            if (samples.group(1) == null || (samples.group(1) + samples.group(2)).matches("0+")) {
                events.lostInAll(count);
            } else {
                lostBeforeNext(line, count);
            }
            return true;
        }
        Matcher gap = LOST.matcher(line);
        if (!gap.find()) {
            return false;
        }
        long count = -1;
        for (int g = 1; g <= gap.groupCount(); g++) {
            count = gap.group(g) == null ? count : DamoValues.count(gap.group(g));
        }
        lostBeforeNext(line, count);
        return true;
    }

    private void lostBeforeNext(String line, long count) throws IOException {
        Matcher on = LOST_ON.matcher(line);
        int cpu = !on.find() ? -1 : Integer.parseInt(on.group(on.group(1) == null ? 2 : 1));
        loss.addLost(EventColumns.NO_TIME, lastNs.getOrDefault(cpu, EventColumns.NO_TIME), count);
        events.take(loss);
        loss.clear();
    }
}
