package org.damson.recorder.system;

import java.nio.file.Path;

/** Watches one line of {@code /proc/pressure}: fires when it rises over a threshold, once until it has fallen again. */
public final class Pressure {
    private final Path file;
    private final double percent;
    private boolean over;

    public Pressure(Path file, double percent) {
        this.file = file;
        this.percent = percent;
    }

    /** Whether the share of the last ten seconds in which some task was stalled has just risen over the threshold. */
    public boolean fires() {
        double now = someAvg10(Proc.text(file));
        boolean before = over;
        over = now >= percent;
        return over && !before;
    }

    /** Percent; -1 if the text does not say. */
    static double someAvg10(String text) {
        for (String line : text.split("\n")) {
            if (line.startsWith("some avg10=")) {
                int end = line.indexOf(' ', 11);
                try {
                    return Double.parseDouble(line.substring(11, end < 0 ? line.length() : end));
                } catch (NumberFormatException e) {
                    return -1;
                }
            }
        }
        return -1;
    }
}
