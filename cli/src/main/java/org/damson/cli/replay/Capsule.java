package org.damson.cli.replay;

import java.util.List;
import org.damson.analyzer.compare.Behaviour;
import org.damson.analyzer.compare.NoiseFloor;

/**
 * What a replay of a plan is to reach: all that a check asks of the original.
 *
 * @param recorded how the original was recorded
 * @param durationNs how long the plan takes
 * @param filledBytes memory that the plan fills
 * @param places memory of the plan that {@code behaviour} is of, in order
 * @param behaviour of the original
 * @param noise how far recordings of the original are apart; null if there was but one
 */
record Capsule(
        RecordedAs recorded,
        long durationNs,
        long filledBytes,
        List<ReplayPlace> places,
        Behaviour behaviour,
        NoiseFloor noise) {
    Capsule {
        places = List.copyOf(places);
    }
}
