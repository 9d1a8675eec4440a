package org.damson.analyzer.certificate;

/** Sums from which a {@link Score} is made. Weights are bytes times seconds. */
final class Tally {
    private final String name;
    private int snapshots;
    private double seconds;
    private double workingSet;
    private double workingSetOff;
    private double most;
    private double notKnown;
    private double common;
    private double recorded;
    private double touched;
    private double seen;
    private double mixed;
    private double bestCommon;
    private double weight;
    private double squareR;
    private double squareT;
    private double product;

    Tally(String name) {
        this.name = name;
    }

    /** A snapshot of a working set that was touched at least and at most: nearest to what was recorded is taken for true. */
    void snapshot(double lengthS, double recordedBytes, double leastBytes, double mostBytes) {
        double touchedBytes = Math.max(leastBytes, Math.min(recordedBytes, mostBytes));
        snapshots++;
        seconds += lengthS;
        workingSet += touchedBytes * lengthS;
        workingSetOff += Math.abs(recordedBytes - touchedBytes) * lengthS;
        most += mostBytes * lengthS;
        notKnown += (mostBytes - leastBytes) * lengthS;
    }

    /** Bytes of one recorded and one true heat, for some seconds. */
    void bytes(double byteSeconds, double recordedHeat, double trueHeat) {
        common += byteSeconds * Math.min(recordedHeat, trueHeat);
        recorded += byteSeconds * recordedHeat;
        touched += byteSeconds * trueHeat;
        weight += byteSeconds;
        squareR += byteSeconds * recordedHeat * recordedHeat;
        squareT += byteSeconds * trueHeat * trueHeat;
        product += byteSeconds * recordedHeat * trueHeat;
    }

    /** What a recorded region could tell at best, when it had the mean heat of its bytes. */
    void region(double bestByteSeconds, double touchedByteSeconds) {
        bestCommon += bestByteSeconds;
        if (touchedByteSeconds > 0 && bestByteSeconds / touchedByteSeconds < Score.MIN_F1) {
            mixed += touchedByteSeconds;
        }
    }

    /** What a mapping had of the heat that was true in it. */
    void place(double recordedByteSeconds, double touchedByteSeconds) {
        seen += Math.min(recordedByteSeconds, touchedByteSeconds);
    }

    Score score() {
        double r = recorded / weight;
        double t = touched / weight;
        double varianceR = squareR / weight - r * r;
        double varianceT = squareT / weight - t * t;
        double both = recorded + touched;
        return new Score(
                name,
                snapshots,
                workingSet / seconds,
                workingSet == 0 ? Double.NaN : workingSetOff / workingSet,
                both == 0 ? Double.NaN : 2 * common / both,
                varianceR < 1e-12 || varianceT < 1e-12
                        ? Double.NaN
                        : (product / weight - r * t) / Math.sqrt(varianceR * varianceT),
                touched == 0 ? Double.NaN : seen / touched,
                touched == 0 ? Double.NaN : mixed / touched,
                touched == 0 ? Double.NaN : bestCommon / touched,
                most == 0 ? 0 : notKnown / most);
    }
}
