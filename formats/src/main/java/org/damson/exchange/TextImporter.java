package org.damson.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code trace_pipe}, {@code perf script} and {@code trace-cmd report} text as a stream: DAMON's events, and other events
 * that have call stacks.
 */
final class TextImporter {
    /** What tracefs, perf script and trace-cmd report print where events are missing; the number may be. */
    private static final Pattern LOST = Pattern.compile(
            "\\[LOST (\\d+) EVENTS]|PERF_RECORD_LOST(?:_SAMPLES)? lost (\\d+)|\\[(?:(\\d+) )?EVENTS DROPPED]");

    private final TraceBuilder trace;
    private final EventAssembler events;
    private final TextEvent text = new TextEvent();
    private final CallStacks stacks;
    private final StackText stackText;
    private long malformed;
    private String firstMalformed = "";

    TextImporter(TraceBuilder trace) {
        this.trace = trace;
        events = new EventAssembler(trace);
        stacks = new CallStacks(trace);
        stackText = new StackText(stacks);
    }

    ImportReport read(String name, InputStream in) throws IOException {
        LineReader lines = new LineReader(name, in);
        for (String line = lines.next(); line != null; line = lines.next()) {
            line(line, lines.number());
        }
        stackText.end();
        stacks.finish();
        if (trace.isEmpty()) {
            throw trace.bad(
                    firstMalformed,
                    "no whole DAMON event and no call stack in it; expected a recording of perf, trace-cmd, tracefs or damo");
        }
        if (malformed > 0) {
            trace.note(malformed + " event lines could not be read, the first: " + firstMalformed);
        }
        return events.finish("text", malformed);
    }

    private void line(String line, long number) throws IOException {
        try {
            if (text.parse(line)) {
                stackText.end();
                events.add(text.event);
            } else if (line.contains("LOST") || line.contains("DROPPED")) {
                lost(line);
            } else {
                stackText.line(line);
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            malformed++;
            if (firstMalformed.isEmpty()) {
                firstMalformed = "line " + number + ": " + e.getMessage();
            }
        }
    }

    private void lost(String line) {
        Matcher gap = LOST.matcher(line);
        if (gap.find()) {
            for (int g = 1; g <= gap.groupCount(); g++) {
                if (gap.group(g) != null) {
                    events.lost(DamoValues.count(gap.group(g)));
                    return;
                }
            }
            events.lost(-1);
        }
    }
}
