package org.damson.damon;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;

/**
 * Hits of data attribute probes, as {@link Snapshot#probeHits} has them: 16 bits for each probe, the first lowest;
 * {@link Snapshot#NO_HITS} where they are not known or there are no probes.
 */
public final class ProbeHits {
    /** Probes that a trace has room for. */
    public static final int PROBES = 4;

    private static final int MAX_HITS = (1 << 15) - 1;
    private static final Pattern ARRAY = Pattern.compile("(__data_loc |__rel_data_loc )?(?:const )?(.+?) ?\\[(\\d*)]");

    private enum Place {
        IN_THE_RECORD,
        SAID_FROM_THE_RECORD,
        SAID_FROM_THE_FIELD
    }

    private final EventFormat.Field field;
    private final Place place;
    private final int hitBytes;

    private ProbeHits(EventFormat.Field field, Place place, int hitBytes) {
        this.field = field;
        this.place = place;
        this.hitBytes = hitBytes;
    }

    /** How an event's format says that its hits are stored; null if it has none, or in no way that is known. */
    static ProbeHits of(EventFormat format) {
        EventFormat.Field field = format.find("probe_hits");
        Matcher m = field == null ? null : ARRAY.matcher(field.type());
        if (m == null || !m.matches()) {
            return null;
        }
        int hitBytes =
                switch (m.group(2)) {
                    case "char", "unsigned char", "u8", "__u8" -> 1;
                    case "short", "unsigned short", "u16", "__u16" -> 2;
                    case "int", "unsigned int", "u32", "__u32" -> 4;
                    case "long", "unsigned long", "u64", "__u64" -> 8;
                    default -> 0;
                };
        Place place = m.group(1) == null
                ? Place.IN_THE_RECORD
                : m.group(1).startsWith("__rel") ? Place.SAID_FROM_THE_FIELD : Place.SAID_FROM_THE_RECORD;
        boolean placed = place == Place.IN_THE_RECORD || field.size() == 4;
        return hitBytes == 0 || !placed ? null : new ProbeHits(field, place, hitBytes);
    }

    /**
     * Whether the hits of a record lie within it.
     *
     * @param record where it starts
     * @param length its bytes
     */
    boolean isWithin(ByteBuffer page, int record, int length) {
        return first(page, record) - record + bytes(page, record) <= length;
    }

    /** The hits of a record; {@link Snapshot#NO_HITS} also if there are more than fit. */
    long read(ByteBuffer page, int record) {
        int count = bytes(page, record) / hitBytes;
        int first = first(page, record);
        long hits = Snapshot.NO_HITS;
        for (int probe = 0; probe < count; probe++) {
            int at = first + probe * hitBytes;
            long n =
                    switch (hitBytes) {
                        case 1 -> page.get(at) & 0xff;
                        case 2 -> page.getShort(at) & 0xffff;
                        case 4 -> page.getInt(at) & 0xffffffffL;
                        default -> page.getLong(at);
                    };
            if (!fits(probe, n)) {
                return Snapshot.NO_HITS;
            }
            hits = with(hits, probe, n);
        }
        return hits;
    }

    /** Whether the record tells of hits that {@link #read} cannot give. */
    boolean isTooMuch(ByteBuffer page, int record) {
        return bytes(page, record) >= hitBytes && read(page, record) == Snapshot.NO_HITS;
    }

    private int first(ByteBuffer page, int record) {
        int at = record + field.offset();
        return switch (place) {
            case IN_THE_RECORD -> at;
            case SAID_FROM_THE_RECORD -> record + (page.getInt(at) & 0xffff);
            case SAID_FROM_THE_FIELD -> record + field.end() + (page.getInt(at) & 0xffff);
        };
    }

    private int bytes(ByteBuffer page, int record) {
        return place == Place.IN_THE_RECORD ? field.size() : page.getInt(record + field.offset()) >>> 16;
    }

    /** Gives a snapshot the column, with nothing known in it, if it has none yet. */
    static void addColumn(Snapshot s) {
        s.reserve(s.regions);
        if (!s.has(Snapshot.HAS_PROBE_HITS)) {
            Arrays.fill(s.probeHits, Snapshot.NO_HITS);
            s.columns |= Snapshot.HAS_PROBE_HITS;
        }
    }

    /** Whether a trace has room for hits of this probe. */
    public static boolean fits(int probe, long count) {
        return probe < PROBES && count >= 0 && count <= MAX_HITS;
    }

    /**
     * Those of one probe.
     *
     * @param hits known ones of all probes
     * @param probe its number, from 0, less than {@link #PROBES}
     */
    public static int of(long hits, int probe) {
        return (int) (hits >>> 16 * probe) & 0xffff;
    }

    /**
     * How many probes a snapshot tells of, up to the last that has a hit: a trace does not keep how many there were.
     *
     * @return 0 if no region's hits are known, else 1 or more
     */
    public static int probes(Snapshot s) {
        long any = 0;
        boolean known = false;
        for (int i = 0; s.has(Snapshot.HAS_PROBE_HITS) && i < s.regions; i++) {
            if (s.probeHits[i] != Snapshot.NO_HITS) {
                any |= s.probeHits[i];
                known = true;
            }
        }
        return known ? Math.max(1, (64 - Long.numberOfLeadingZeros(any) + 15) / 16) : 0;
    }

    /** Hits of region {@code i} by probe, of so many probes; none if they are not known. */
    public static List<Integer> list(Snapshot s, int i, int probes) {
        if (!s.has(Snapshot.HAS_PROBE_HITS) || s.probeHits[i] == Snapshot.NO_HITS) {
            return List.of();
        }
        return IntStream.range(0, probes)
                .mapToObj(probe -> of(s.probeHits[i], probe))
                .toList();
    }

    /**
     * Adds those of one probe.
     *
     * @param probe its number, from 0
     * @throws InvalidInputException if they do not {@linkplain #fits fit}
     */
    public static long with(long hits, int probe, long count) {
        if (!fits(probe, count)) {
            throw new InvalidInputException("hits of more than " + PROBES + " probes, or more than " + MAX_HITS);
        }
        return (hits == Snapshot.NO_HITS ? 0 : hits) | count << 16 * probe;
    }
}
