package org.damson.damon.scheme;

import java.util.List;
import org.damson.damon.scheme.SchemeBuilder.Dialect;
import org.damson.model.InvalidInputException;

/**
 * A line of the table that {@code damo schemes -c} took until its version 3: bounds of size, of access frequency in percent,
 * of age, and the action; then a quota of size with its interval, weights of size, accesses and age, and watermarks with metric,
 * interval, high, mid and low. Lines of 18 words have a quota of time before that of size.
 */
final class DamoTable {
    private static final List<Integer> LENGTHS = List.of(7, 9, 12, 17, 18);
    private static final String[] PATTERN = {
        "sz/min", "sz/max", "nr_accesses/min", "nr_accesses/max", "age/min", "age/max"
    };
    private static final String[] REST = {
        "quotas/ms",
        "quotas/bytes",
        "quotas/reset_interval_ms",
        "quotas/weights/sz_permil",
        "quotas/weights/nr_accesses_permil",
        "quotas/weights/age_permil",
        "watermarks/metric",
        "watermarks/interval_us",
        "watermarks/high",
        "watermarks/mid",
        "watermarks/low"
    };

    private DamoTable() {}

    /** Whether a line may be one of the table, by its number of words. */
    static boolean hasLength(int words) {
        return LENGTHS.contains(words);
    }

    /** @throws InvalidInputException naming what is wrong */
    static Scheme read(List<String> words) {
        SchemeBuilder b = new SchemeBuilder(Dialect.NATIVE);
        for (int i = 0; i < PATTERN.length; i++) {
            String word = words.get(i);
            boolean isBareFrequency = (i == 2 || i == 3) && word.matches("[\\d.]+");
            b.set("access_pattern/" + PATTERN[i], isBareFrequency ? word + "%" : word);
        }
        b.set("action", words.get(PATTERN.length));
        int first = PATTERN.length + 1;
        // Only the longest lines have a quota of time.
        int skip = words.size() == LENGTHS.get(LENGTHS.size() - 1) ? 0 : 1;
        for (int i = first; i < words.size(); i++) {
            String path = REST[i - first + skip];
            String word = words.get(i);
            b.set(path, path.equals("watermarks/metric") ? word.toLowerCase(java.util.Locale.ROOT) : word);
        }
        return b.build();
    }
}
