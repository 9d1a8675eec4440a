package org.damson.damon.scheme;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.damson.model.InvalidInputException;

/**
 * A filter of a scheme. {@code addr} and {@code target} are decided by DAMOS itself; the others look at pages, which a
 * trace does not have.
 *
 * @param matching whether the filter is about memory that is of the type, or about memory that is not
 * @param allow whether what it is about passes or is rejected
 * @param from first address, target index or least huge page size, by type
 * @param to end address, exclusive, or greatest huge page size
 * @param memcgPath for {@code memcg}
 */
public record Filter(Type type, boolean matching, boolean allow, long from, long to, String memcgPath) {
    /** What a filter tests, in the kernel's words. */
    public enum Type {
        ANON,
        ACTIVE,
        MEMCG,
        YOUNG,
        HUGEPAGE_SIZE,
        UNMAPPED,
        ADDR,
        TARGET;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Type of(String word) {
            List<String> words = new ArrayList<>();
            for (Type t : values()) {
                if (t.word().equals(word.toLowerCase(Locale.ROOT))) {
                    return t;
                }
                words.add(t.word());
            }
            throw new UnknownWordException("filter", word, words);
        }
    }

    public Filter {
        if (type == Type.ADDR && Long.compareUnsigned(from, to) >= 0) {
            throw new InvalidInputException("an addr filter needs a start below its end");
        }
        Scheme.requireLine(memcgPath);
    }

    /** Whether DAMOS decides it from addresses and targets alone, without looking at pages. */
    public boolean isCore() {
        return type == Type.ADDR || type == Type.TARGET;
    }
}
