package org.damson.analyzer.compare;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Distances between recordings of one program; no replay can be expected to be nearer than that.
 *
 * @param recordings how many there were
 * @param distances the greatest of any two of them, by the names of {@link Fidelity#distances}
 */
public record NoiseFloor(int recordings, Map<String, Double> distances) {
    public NoiseFloor {
        distances = Collections.unmodifiableMap(new LinkedHashMap<>(distances));
    }

    /** @param pairs each recording against each other one */
    public static NoiseFloor of(int recordings, List<Fidelity> pairs) {
        Map<String, Double> greatest = new LinkedHashMap<>();
        for (Fidelity pair : pairs) {
            pair.distances().forEach((name, value) -> greatest.merge(name, value, Math::max));
        }
        // What one pair could not tell is not known of all.
        greatest.keySet()
                .removeIf(name -> pairs.stream().anyMatch(p -> !p.distances().containsKey(name)));
        return new NoiseFloor(recordings, greatest);
    }
}
