package org.damson.trace.redact;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.damson.model.Batch;
import org.damson.model.Mapping;
import org.damson.model.Table;

/** Names and other texts of a redacted trace: what reports tell kinds of memory and code by stays, the rest becomes pseudonyms. */
public final class RedactedTexts {
    private static final int FUNCTION = Table.FRAMES.indexOf("function");
    private static final int MODULE = Table.FRAMES.indexOf("module");

    /** Names of mappings that the kernel gives, the same in every process. */
    private static final Set<String> KERNEL_MAPPINGS =
            Set.of("[heap]", "[stack]", "[vdso]", "[vvar]", "[vvar_vclock]", "[vsyscall]", "[anon]", "[uprobes]");

    /** In front of the name that a program gave to anonymous memory. */
    private static final String ANONYMOUS = "[anon:";

    /** In front of what perf calls the kernel, and what their pseudonym is. */
    private static final Map<String, String> KERNELS =
            Map.of("[kernel", "[kernel.kallsyms]", "[guest.kernel", "[guest.kernel.kallsyms]");

    /** The words of counters, scheme statistics, events and causes of loss, which say nothing about anybody. */
    private static final Set<String> WORDS = Set.copyOf(List.of(("nr sz tried applied ops filter passed qt exceeds"
                    + " snapshots snapshot max min quota effective active bytes time vsz rss swap anon file shmem pss mem"
                    + " total free available used cached psi memory cpu io some full us pswpin pswpout pgmajfault pgfault"
                    + " thp fault alloc fallback charge collapse failed split page pages pmd pud deferred zero underused"
                    + " mapped migrate swpout swpin instructions cycles cache misses references tlb dtlb itlb dTLB iTLB LLC load store"
                    + " stores loads branch branches task clock context switches faults minor major the a of and or in at"
                    + " by to for not no was were is it its before after while recorder import damon referenced perf"
                    + " tracefs trace ring buffer overrun side batches batch writer behind missing region regions lost"
                    + " events event samples sample target ended interrupted last unfinished aggregation interval line"
                    + " lines unreadable incomplete torn truncated journal recovered flush unknown count end first kernel"
                    + " dropped stat idle ms per s bandwidth damos apply esz user system shared kdamond stopped another program stacks"
                    + " records full held back came too often that cannot be read copies unwind them locked ns p pp ppp P u k pu ppu pppu")
            .split(" ")));

    /** A percentile in the name of a counter. */
    private static final Pattern PERCENTILE = Pattern.compile("p(100|[0-9]{1,2})");

    private static final Pattern PERMISSIONS = Pattern.compile("[r-][w-][x-][ps]");

    /** Replaces a pseudonym in strict redaction. */
    private static final String RARE = "redacted";

    private final Pseudonyms pseudonyms;
    private final boolean isStrict;
    private final Map<String, Map<Long, Long>> places = new HashMap<>();

    /** @param isStrict whether names of files, events and counters are left out instead of replaced by pseudonyms */
    RedactedTexts(Pseudonyms pseudonyms, boolean isStrict) {
        this.pseudonyms = pseudonyms;
        this.isStrict = isStrict;
    }

    /** Whether a mapping of this name is one of a file. */
    public static boolean isFile(String mapping) {
        return !mapping.isEmpty() && !KERNEL_MAPPINGS.contains(mapping) && !mapping.startsWith(ANONYMOUS);
    }

    /** The names of a frame that strict redaction leaves out. */
    static String rare() {
        return RARE;
    }

    /** @param kind what stands in front of a pseudonym */
    String text(Redactor.Rule rule, String kind, String value) {
        return switch (rule) {
            case NAME -> pseudonyms.text(kind, value);
            case THREAD_NAME -> value.isEmpty() ? "" : name(kind, value);
            case MODULE -> module(kind, value);
            case WORDS -> isPublic(value) ? value : name(kind, value);
            case MAPPING_NAME -> mapping(kind, value);
            case PERMISSIONS -> PERMISSIONS.matcher(value).matches() ? value : "";
            default -> "";
        };
    }

    private String mapping(String kind, String value) {
        if (KERNEL_MAPPINGS.contains(value)) {
            return value;
        }
        // What it is of decides where its pages go and what a replay maps.
        String kept = Mapping.kindWithoutFile(value);
        return kept + name(kind, value) + (kept.startsWith("[") ? "]" : "");
    }

    private String name(String kind, String value) {
        return isStrict ? RARE : pseudonyms.text(kind, value);
    }

    private String module(String kind, String value) {
        for (Map.Entry<String, String> kernel : KERNELS.entrySet()) {
            if (value.startsWith(kernel.getKey())) {
                return kernel.getValue();
            }
        }
        return pseudonyms.text(kind, value);
    }

    /** Places in one function, or in one file where no function is known, are numbered in order of appearance. */
    long place(Batch frames, int row, long offset) {
        Map<Long, Long> known = places.computeIfAbsent(
                frames.text(FUNCTION, row) + '\0' + frames.text(MODULE, row), f -> new HashMap<>());
        return known.computeIfAbsent(offset, o -> (long) known.size());
    }

    /** Whether a text consists of known words alone; digits could be anything. */
    public static boolean isPublic(String text) {
        for (String word : text.split("[ _:,.()-]+")) {
            if (!word.isEmpty()
                    && !WORDS.contains(word)
                    && !PERCENTILE.matcher(word).matches()) {
                return false;
            }
        }
        return true;
    }
}
