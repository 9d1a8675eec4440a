package org.damson.analyzer.fleet.tune;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;
import org.damson.trace.files.Sha256;
import org.hipparchus.distribution.continuous.BetaDistribution;
import org.hipparchus.distribution.discrete.HypergeometricDistribution;

/**
 * How many of the hosts that a scheme is chosen by may break its level, so that those held back keep it.
 *
 * <p>All hosts are one set, of which chance decides who is held back. A scheme is allowed if at most {@code k} of the {@code n}
 * hosts that it is chosen by break the level; it fails if more than {@code t} of the {@code m} held back do. Of schemes from
 * gentle to harsh, where a host that breaks the level under one breaks it under all harsher ones, the harshest allowed one
 * fails only if, of the first {@code k + t + 1} hosts to break it, at most {@code k} are among the {@code n}: chance makes
 * that as likely as the hypergeometric distribution says, whatever the hosts are like.
 */
final class HeldBack {
    private HeldBack() {}

    /** How many of {@code hosts} may break a level that {@code percent} of them shall keep. */
    static int mayBreak(int hosts, double percent) {
        return (int) Math.floor(hosts * (100 - percent) / 100 + 1e-9);
    }

    /** Probability that a scheme is allowed and fails. */
    static double risk(int n, int m, int k, int t) {
        int first = k + t + 1;
        return first > n + m || t >= m ? 0 : new HypergeometricDistribution(n + m, first, n).cumulativeProbability(k);
    }

    /** The greatest {@code k} whose risk is within a limit; -1 if there is none. */
    static int allowed(int n, int m, int t, double risk) {
        int k = -1;
        while (k + 1 <= n && risk(n, m, k + 1, t) <= risk) {
            k++;
        }
        return k;
    }

    /** The least number of hosts of which some scheme may be allowed, a share of them being held back. */
    static int needed(double heldBackPercent, double percent, double risk) {
        for (int all = 2; all < 1_000_000; all++) {
            int m = count(all, heldBackPercent);
            if (allowed(all - m, m, mayBreak(m, percent), risk) >= 0) {
                return all;
            }
        }
        return Integer.MAX_VALUE;
    }

    /** How many of all hosts are held back, one at least. */
    static int count(int all, double heldBackPercent) {
        return (int) Math.max(1, Math.min(all - 1L, Math.round(all * heldBackPercent / 100)));
    }

    /**
     * The share of hosts like these that keep a level, at least, by Clopper and Pearson.
     *
     * @param kept of {@code hosts} that the scheme was not chosen by
     */
    static double shareAtLeast(int kept, int hosts, double confidence) {
        return kept <= 0
                ? 0
                : new BetaDistribution(kept, hosts - kept + 1.0).inverseCumulativeProbability(1 - confidence);
    }

    /** The hosts that chance holds back; the same for the same names and seed. */
    static Set<String> draw(Collection<String> hosts, double heldBackPercent, long seed) {
        Set<String> drawn = new TreeSet<>();
        hosts.stream()
                .distinct()
                .sorted(Comparator.comparingLong((String h) -> random(h, seed)).thenComparing(h -> h))
                .limit(count((int) hosts.stream().distinct().count(), heldBackPercent))
                .forEach(drawn::add);
        return drawn;
    }

    private static long random(String host, long seed) {
        return ByteBuffer.wrap(Sha256.of(seed + " " + host)).getLong();
    }
}
