package org.damson.model.stacks;

/**
 * The samples of one event in one thread: weights of different events do not add up.
 *
 * @param event as recorded, such as {@code cpu-clock:u}
 */
public record SampledThread(int pid, int tid, String event) {
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

    /** Whether an event is a page fault, with or without a modifier: with an address it says who touched memory first. */
    public static boolean isPageFault(String event) {
        return event.equals("page-faults") || event.startsWith("page-faults:");
    }

    /** For people: which event, thread and process, on one line. */
    public String label() {
        return Frame.harmless(event) + ", thread " + tid + " of process " + pid;
    }
}
