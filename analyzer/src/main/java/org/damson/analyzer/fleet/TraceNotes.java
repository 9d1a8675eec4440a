package org.damson.analyzer.fleet;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What simulations over many traces leave open: each note once, with how many traces it is of. Notes that differ only in their
 * numbers are one, in the words of the trace whose path comes first. The order of adding changes nothing.
 */
public final class TraceNotes implements Serializable {
    private static final long serialVersionUID = 1L;

    private record Note(String path, String text, long traces) implements Serializable {
        private static final long serialVersionUID = 1L;

        private Note and(Note o) {
            Note first = path.compareTo(o.path) <= 0 ? this : o;
            return new Note(first.path, first.text, traces + o.traces);
        }
    }

    private final TreeMap<String, Note> notes = new TreeMap<>();

    /**
     * Adds those of a trace that was not added before.
     *
     * @return this
     */
    public TraceNotes add(String path, List<String> texts) {
        Set<String> own = new TreeSet<>();
        for (String text : texts) {
            String like = text.replaceAll("\\d[\\d,.]*", "0");
            // A trace may have several that are alike, of one scheme each.
            while (!own.add(like)) {
                like += "'";
            }
            notes.merge(like, new Note(path, text, 1), Note::and);
        }
        return this;
    }

    /**
     * Adds those of other traces.
     *
     * @return this
     */
    public TraceNotes add(TraceNotes o) {
        o.notes.forEach((like, note) -> notes.merge(like, note, Note::and));
        return this;
    }

    /** One line each. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Note n : notes.values()) {
            lines.add((n.traces == 1 ? "" : n.traces + " traces, the first is ") + n.path + ": " + n.text);
        }
        return lines;
    }
}
