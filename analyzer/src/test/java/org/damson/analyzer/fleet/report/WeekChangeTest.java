package org.damson.analyzer.fleet.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.damson.analyzer.fleet.Origin;
import org.junit.jupiter.api.Test;

final class WeekChangeTest {
    private static TraceFigures of(String host, String day, double wssMean, long seconds) {
        Origin origin = new Origin("web", host, day);
        long ns = seconds * 1_000_000_000L;
        return new TraceFigures(host + day, origin, 10, 100, ns, wssMean, 0, 0, 0, 0, 0, 0, 0, 0, 0, false);
    }

    /** Differences 10 and 30: mean 20, deviation sqrt(200), and the quantile of one degree of freedom is 12.7062. */
    @Test
    void hostsOfBothDaysAreCompared() {
        WeekChange change = WeekChange.of(List.of(
                of("a", "2026-11-23", 100, 10),
                of("b", "2026-11-23", 200, 10),
                of("gone", "2026-11-23", 9999, 10),
                of("a", "2026-11-30", 110, 10),
                of("b", "2026-11-30", 230, 10),
                of("new", "2026-11-30", 9999, 10)));
        assertEquals("2026-11-23", change.from());
        assertEquals("2026-11-30", change.to());
        assertEquals(2, change.hosts());
        assertEquals(150, change.beforeBytes());
        assertEquals(20, change.changeBytes());
        double half = 12.706204736 * Math.sqrt(200) / Math.sqrt(2);
        assertEquals(20 - half, change.lowBytes(), 1e-5);
        assertEquals(20 + half, change.highBytes(), 1e-5);
    }

    @Test
    void severalTracesOfAHostAreWeightedByTheirTime() {
        WeekChange change = WeekChange.of(
                List.of(of("a", "2026-11-23", 100, 1), of("a", "2026-11-23", 400, 2), of("a", "2026-11-30", 310, 5)));
        assertEquals(300, change.beforeBytes());
        assertEquals(10, change.changeBytes());
        assertTrue(Double.isNaN(change.lowBytes()) && Double.isNaN(change.highBytes()), "one host has no interval");
    }

    /** A clock that is years ahead makes a last day that has no other a week before. */
    @Test
    void theLastDayThatHasOneAWeekBeforeCounts() {
        List<TraceFigures> figures = List.of(
                of("a", "2026-11-16", 1, 1),
                of("a", "2026-11-23", 100, 1),
                of("a", "2026-11-30", 110, 1),
                of("a", "2031-01-01", 5, 1),
                of("a", "-", 7, 1),
                of("a", "monday", 7, 1),
                of("a", "-999999999-01-01", 7, 1), // the first day there is in Java has none before
                of("a", "+999999999-12-31", 7, 1));
        assertEquals("2026-11-30", WeekChange.of(figures).to());
        assertNull(WeekChange.of(figures.subList(3, 8)));
        assertNull(WeekChange.of(List.of(of("a", "2026-11-23", 1, 1), of("b", "2026-11-30", 2, 1))));
        assertNull(WeekChange.of(List.of()));
    }
}
