package org.damson.analyzer.fleet.report;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.scan.Quantiles;
import org.damson.analyzer.scan.WeightedValues;

/**
 * The figures of a group of traces. A host is what its traces of one service are together, weighted by their time.
 *
 * @param hosts how many
 * @param wssTotal bytes: sum over the hosts of their mean working sets
 * @param wssOfHosts percentiles 50, 90, 98 and 100 over the hosts of their mean working sets
 * @param wssOverTime percentiles 50, 95, 99 and 100 over the snapshots; of several traces the greatest of each
 * @param coldTotal bytes: sum over the hosts of what was seen touched and is idle for 120 s or longer, mean over time
 * @param touchedTotal the same of all that was ever seen touched; 0 if no trace tells ages
 * @param idleNs percentiles 50, 90 and 99 by bytes and time of how long touched memory has been idle; null likewise
 * @param promotionOfHosts percentiles 50, 90, 98 and 100 over the hosts of what comes back after 120 s, in percent of the
 *     working set of 120 s a minute; null likewise
 * @param change since a week before; null if unknown
 * @param mixedHosts hosts that have recordings of the machine's memory and others of processes: their figures are means over both
 */
public record GroupFigures(
        long traces,
        long hosts,
        long recordedNs,
        double wssTotal,
        double[] wssOfHosts,
        long[] wssOverTime,
        double coldTotal,
        double touchedTotal,
        long[] idleNs,
        double[] promotionOfHosts,
        WeekChange change,
        long mixedHosts)
        implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final double[] OF_HOSTS = {50, 90, 98, 100};
    private static final double[] OF_BYTES = {50, 90, 99};

    /** One host and service. */
    private static final class Host {
        double ns;
        double wssNs;
        double seconds;
        double touched;
        double recent;
        double cold;
        double back;
        boolean hasPhysical;
        boolean hasProcesses;

        void add(TraceFigures f) {
            // A snapshot alone counts for something too.
            double weight = Math.max(1, f.recordedNs());
            ns += weight;
            wssNs += f.wssMean() * weight;
            seconds += f.coveredSeconds();
            touched += f.touchedByteS();
            recent += f.recentByteS();
            cold += f.coldByteS();
            back += f.backBytes();
            hasPhysical |= f.isPhysical();
            hasProcesses |= !f.isPhysical();
        }

        double wss() {
            return wssNs / ns;
        }

        private double mean(double byteS) {
            return seconds <= 0 ? 0 : byteS / seconds;
        }

        double promotion() {
            return recent <= 0 ? 0 : back * 60 / recent * 100;
        }
    }

    /** The share of touched memory that is cold; 0 if no trace tells ages. */
    public double coldPercent() {
        return touchedTotal <= 0 ? 0 : 100 * coldTotal / touchedTotal;
    }

    static GroupFigures of(ReportSums sums) {
        Map<String, Host> hosts = new TreeMap<>();
        long recordedNs = 0;
        long[] overTime = new long[4];
        for (TraceFigures f : sums.figures()) {
            hosts.computeIfAbsent(f.origin().service() + '\0' + f.origin().host(), k -> new Host())
                    .add(f);
            recordedNs += f.recordedNs();
            long[] its = {f.wssP50(), f.wssP95(), f.wssP99(), f.wssMax()};
            for (int i = 0; i < its.length; i++) {
                overTime[i] = Math.max(overTime[i], its[i]);
            }
        }
        boolean hasAges = hosts.values().stream().anyMatch(h -> h.seconds > 0);
        return new GroupFigures(
                sums.figures().size(),
                hosts.size(),
                recordedNs,
                total(hosts, Host::wss),
                percentiles(hosts, Host::wss, false),
                overTime,
                total(hosts, h -> h.mean(h.cold)),
                total(hosts, h -> h.mean(h.touched)),
                hasAges ? idle(sums) : null,
                hasAges ? percentiles(hosts, Host::promotion, true) : null,
                WeekChange.of(sums.figures()),
                hosts.values().stream()
                        .filter(h -> h.hasPhysical && h.hasProcesses)
                        .count());
    }

    private static double total(Map<String, Host> hosts, ToDoubleFunction<Host> figure) {
        return hosts.values().stream().mapToDouble(figure).reduce(0, Double::sum);
    }

    private static double[] percentiles(Map<String, Host> hosts, ToDoubleFunction<Host> figure, boolean withAges) {
        double[] sorted = hosts.values().stream()
                .filter(h -> !withAges || h.seconds > 0)
                .mapToDouble(figure)
                .sorted()
                .toArray();
        return Arrays.stream(OF_HOSTS).map(p -> Quantiles.of(sorted, p)).toArray();
    }

    private static long[] idle(ReportSums sums) {
        WeightedValues idle = new WeightedValues();
        for (Curves c : sums.curves().byInterval().values()) {
            c.eachIdle((us, byteNs) -> idle.add(us * 1000, byteNs));
        }
        return Arrays.stream(OF_BYTES).mapToLong(idle::at).toArray();
    }
}
