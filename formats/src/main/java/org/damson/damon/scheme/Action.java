package org.damson.damon.scheme;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a scheme does to a region, in the kernel's words; {@code mlock} comes from the first patches of DAMOS. */
public enum Action {
    WILLNEED,
    COLD,
    PAGEOUT,
    HUGEPAGE,
    NOHUGEPAGE,
    COLLAPSE,
    LRU_PRIO,
    LRU_DEPRIO,
    MIGRATE_HOT,
    MIGRATE_COLD,
    MLOCK,
    STAT;

    /** The word in sysfs and on damo's command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether applying it keeps the region's age. */
    public boolean keepsAge() {
        return this == STAT;
    }

    static List<String> words() {
        List<String> words = new ArrayList<>();
        for (Action a : values()) {
            words.add(a.word());
        }
        return words;
    }

    /**
     * The action of this word; {@code madv_...} of the first posting is the word without the prefix.
     *
     * @throws UnknownWordException if there is none
     */
    public static Action of(String word) {
        String w = word.toLowerCase(Locale.ROOT);
        if (w.startsWith("madv_")) {
            w = w.substring(5);
        }
        for (Action a : values()) {
            if (a.word().equals(w)) {
                return a;
            }
        }
        throw new UnknownWordException("action", word, words());
    }
}
