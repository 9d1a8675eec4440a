package org.damson.model.stacks;

import java.util.Comparator;
import java.util.Map;

/**
 * The samples of one event in one thread: weights of different events do not add up.
 *
 * @param event as recorded, such as {@code cpu-clock:u}
 * @param name what the thread was called last; empty if that is not known
 * @param processName what the first thread of its process was called last; empty if that is not known
 */
public record SampledThread(int pid, int tid, String event, String name, String processName) {
    /** Whether weights are nanoseconds of CPU time. */
    public boolean isClock() {
        return isClock(event);
    }

    /** Whether an event counts nanoseconds: perf's software clocks, with or without a modifier. */
    public static boolean isClock(String event) {
        int colon = event.indexOf(':');
        String name = colon < 0 ? event : event.substring(0, colon);
        return name.equals("cpu-clock") || name.equals("task-clock");
    }

    /**
     * The event whose samples tell what ran: that of a clock if there is one, else the one with the most samples; page faults only if
     * there is nothing else.
     *
     * @param counts samples of each event; one at least
     */
    public static String countedEvent(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .max(Comparator.<Map.Entry<String, Long>, Boolean>comparing(e -> isClock(e.getKey()))
                        .thenComparing(e -> !isPageFault(e.getKey()))
                        .thenComparing(Map.Entry::getValue)
                        .thenComparing(Map.Entry::getKey))
                .orElseThrow()
                .getKey();
    }

    /** Whether an event is a page fault, with or without a modifier: with an address it says first touches of memory. */
    public static boolean isPageFault(String event) {
        return event.equals("page-faults") || event.startsWith("page-faults:");
    }

    /** For people: which process, on one line. */
    public String processLabel() {
        return processName.isEmpty() ? "process " + pid : Frame.harmless(processName) + ", process " + pid;
    }

    /** For people: which event, thread and process, on one line. */
    public String label() {
        return Frame.harmless(event) + ", thread " + tid + (name.isEmpty() ? "" : " (" + Frame.harmless(name) + ")")
                + " of process " + pid;
    }
}
