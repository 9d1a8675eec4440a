package org.damson.damon.scheme;

import java.util.List;
import java.util.Locale;
import org.damson.damon.scheme.SchemeBuilder.Dialect;
import org.damson.model.InvalidInputException;

/**
 * A line of the table that {@code damo schemes -c} took until its version 3: bounds of size, of access frequency in percent,
 * of age, and the action; then a quota of size with its interval, weights of size, accesses and age, and watermarks with metric,
 * interval, high, mid and low. Lines of 18 words have a quota of time before that of size.
 *
 * <p>A line of numbers alone is one of the {@code schemes} file that DAMON had in debugfs: of accesses and ages as the kernel counts
 * them, with a number for the action, and of 23 words with the scheme's statistics behind it.
 */
final class DamoTable {
    private static final List<Integer> LENGTHS = List.of(7, 9, 12, 17, 18, 23);
    private static final int LONGEST = 18;
    private static final List<String> ACTIONS =
            List.of("willneed", "cold", "pageout", "hugepage", "nohugepage", "stat");
    private static final List<String> METRICS = List.of("none", "free_mem_rate");
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

    /** Whether the number of words allows the line to be one of the table. */
    static boolean hasLength(int words) {
        return LENGTHS.contains(words);
    }

    /** @throws InvalidInputException naming what is wrong */
    static Scheme read(List<String> words) {
        boolean isOfKernel = words.stream().allMatch(w -> w.matches("\\d{1,20}"));
        if (words.size() > LONGEST && !isOfKernel) {
            throw new InvalidInputException(
                    words.size() + " words are no line of damo's table, which has up to " + LONGEST);
        }
        SchemeBuilder b = new SchemeBuilder(isOfKernel ? Dialect.SYSFS : Dialect.NATIVE);
        for (int i = 0; i < PATTERN.length; i++) {
            String word = words.get(i);
            boolean isBareFrequency = !isOfKernel && (i == 2 || i == 3) && word.matches("[\\d.]+");
            b.set("access_pattern/" + PATTERN[i], isBareFrequency ? word + "%" : word);
        }
        String action = words.get(PATTERN.length);
        b.set("action", isOfKernel ? numbered(ACTIONS, action) : action);
        int first = PATTERN.length + 1;
        // Only the longest lines have a quota of time.
        int skip = words.size() >= LONGEST ? 0 : 1;
        for (int i = first; i < Math.min(words.size(), LONGEST); i++) {
            String path = REST[i - first + skip];
            String word = words.get(i);
            boolean isMetric = path.equals("watermarks/metric");
            b.set(path, !isMetric ? word : isOfKernel ? numbered(METRICS, word) : word.toLowerCase(Locale.ROOT));
        }
        return b.build();
    }

    private static String numbered(List<String> names, String number) {
        long n = SchemeValues.integer(number);
        return n < names.size() ? names.get((int) n) : number;
    }
}
