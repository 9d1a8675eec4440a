package org.damson.exchange.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.damson.exchange.build.StackSink;
import org.damson.exchange.build.StackUnwinder;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.junit.jupiter.api.Test;

/** Samples with copies of user stacks, as a ring has them. */
final class LiveStacksTest {
    private static final int ID = 77;
    private static final int PID = 4711;
    private static final long CODE = 0x40_0000;
    private static final long IN_USER = -512;

    /** Its stacks are made of the addresses of the callers, and a last word that says whether that is all: 0. */
    private static final class Walker implements StackUnwinder {
        private int walks;

        @Override
        public void expect(int pid, String file, String buildId) {
            // whatever is mapped
        }

        @Override
        public Walk unwind(List<Module> modules, Copy copy) {
            walks++;
            ByteBuffer stack = ByteBuffer.wrap(copy.stack()).order(ByteOrder.LITTLE_ENDIAN);
            long[] addresses = new long[copy.stack().length / 8];
            addresses[0] = copy.registers()[1];
            for (int i = 1; i < addresses.length; i++) {
                addresses[i] = stack.getLong();
            }
            return new Walk(addresses, stack.getLong() == 0 ? "" : "no further");
        }

        @Override
        public List<String> notes() {
            return List.of();
        }
    }

    private long id = ID;
    private final List<String> lines = new ArrayList<>();
    private final Map<Long, Long> frames = new HashMap<>();
    private final Map<Long, List<Long>> stacks = new HashMap<>();
    private final List<Long> samples = new ArrayList<>();
    private final List<String> losses = new ArrayList<>();
    private final Walker walker = new Walker();
    private final LiveStacks live = new LiveStacks(
            new StackSink() {
                @Override
                public void drain(Batch rows, int atLeast) {
                    if (rows.rows() >= atLeast) {
                        take(rows);
                        rows.clear();
                    }
                }

                @Override
                public void note(String line) {
                    lines.add(line);
                }
            },
            walker);

    private final ByteBuffer attr = ByteBuffer.allocate(112).order(ByteOrder.nativeOrder());
    private final LiveStacks.Event event;

    LiveStacksTest() throws IOException {
        attr.putInt(0, 1)
                .putLong(24, 1 | 2 | 4 | 1 << 7 | 1 << 8 | 1 << 5 | 1 << 12 | 1 << 13 | 1 << 16)
                .putLong(40, 1L << 18)
                .putLong(80, 1 << 7 | 1 << 8)
                .putInt(88, 64);
        event = live.event(attr, "cpu-clock");
        event.id(ID);
        live.mapped(0, PID, CODE, CODE + 0x1000, 0, "/bin/program", "");
    }

    private void take(Batch rows) {
        for (int r = 0; r < rows.rows(); r++) {
            switch (rows.table()) {
                case FRAMES -> frames.put(rows.get(0, r), rows.get(4, r));
                case STACKS ->
                    stacks.computeIfAbsent(rows.get(0, r), s -> new ArrayList<>())
                            .add(rows.get(2, r));
                case SAMPLES -> samples.add(rows.get(7, r));
                case LOSSES ->
                    losses.add(rows.get(0, r) + ".." + rows.get(1, r) + " " + rows.get(3, r) + " "
                            + rows.text(Table.LOSSES.indexOf("cause"), r));
                default -> {}
            }
        }
    }

    /** @param chain offsets of the frames that frame pointers tell; {@code walk} of those that the copy tells */
    private void sample(long timeNs, long[] chain, boolean isWhole, long... walk) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(1 << 12).order(ByteOrder.nativeOrder());
        b.putInt(9).putShort((short) 2).putShort((short) 0);
        b.putLong(id).putLong(CODE + chain[0]).putInt(PID).putInt(PID).putLong(timeNs);
        b.putInt(0).putInt(0).putLong(1000).putLong(chain.length + 1).putLong(IN_USER);
        for (long offset : chain) {
            b.putLong(CODE + offset);
        }
        b.putLong(2).putLong(0x7000).putLong(CODE + walk[0]);
        b.putLong(8L * walk.length);
        for (int i = 1; i < walk.length; i++) {
            b.putLong(CODE + walk[i]);
        }
        b.putLong(isWhole ? 0 : 1).putLong(8L * walk.length);
        b.putShort(6, (short) b.position());
        live.take(b, 0, b.position());
    }

    private List<List<Long>> found() {
        return samples.stream()
                .map(s -> stacks.get(s).stream().map(frames::get).collect(Collectors.toList()))
                .collect(Collectors.toList());
    }

    @Test
    void aCopyTellsMoreThanFramePointersOrTheyAreKept() throws IOException {
        sample(10, new long[] {1, 50}, true, 1, 2, 3, 4);
        sample(20, new long[] {1, 2, 3}, false, 1, 2);
        sample(30, new long[] {1, 2, 3}, false, 1, 2, 9, 8);
        // What leads to the thread's begin is true however short it is.
        sample(40, new long[] {1, 70, 80, 90}, true, 1, 2);
        live.finish();
        assertEquals(
                List.of(List.of(1L, 2L, 3L, 4L), List.of(1L, 2L, 3L), List.of(1L, 2L, 9L, 8L), List.of(1L, 2L)),
                found());
        assertEquals(4, live.copies());
        assertEquals(2, live.copiesWhole());
        assertEquals(List.of(), losses);
        assertTrue(
                lines.contains("2 of 4 copies of user stacks are unwound to the thread's begin; where the others end:"
                        + " no further 2"),
                lines.toString());
    }

    /** Below main there are three more frames in every program: not worth a copy. */
    @Test
    void whatEveryStackEndsInTellsNothing() throws IOException {
        long[] chain = {1, 2};
        sample(10, chain, true, 1, 2, 3, 4, 5);
        assertEquals(0, told());
        sample(20, chain, true, 1, 2);
        assertEquals(0, told());
        sample(30, chain, false, 1);
        assertEquals(0, told());
        sample(40, chain, true, 1, 2, 3, 4, 5, 6);
        assertEquals(1, told());
        sample(50, chain, true, 1, 3, 2);
        assertEquals(2, told());
        sample(60, chain, true, 1);
        assertEquals(3, told());
    }

    private long told() throws IOException {
        live.flushBefore(1000, false);
        return live.copiesThatTell();
    }

    /** A recording of weeks opens its events again and again; what a closed one wrote last may be read later. */
    @Test
    void eventsMayBeOpenedAnewForever() throws IOException {
        LiveStacks.Event last = event;
        long next = 1000;
        for (int i = 0; i < 70_000; i++) {
            last.closed();
            if (i % 3 != 0) {
                last = live.event(attr, "cpu-clock");
            }
            for (int n = 0; n < 20; n++) {
                last.id(next++);
            }
            if (i % 10_000 == 0) {
                for (long back : new long[] {1, 20, 21, 60}) {
                    id = i == 0 ? next - 1 : next - back;
                    sample(10 + i, new long[] {1}, true, 1, 2);
                }
            }
        }
        live.finish();
        assertEquals(28, live.samples());
        assertEquals(0, live.malformed());
    }

    /** A sample is worth more than its callers. */
    @Test
    void whereTimeIsShortCopiesArePassedOverAndCounted() throws IOException {
        sample(10, new long[] {1}, true, 1, 2);
        live.flushBefore(15, false);
        sample(20, new long[] {1}, true, 1, 2);
        sample(25, new long[] {1}, true, 1, 2);
        live.flushBefore(29, true);
        sample(30, new long[] {1}, true, 1, 2);
        live.finish();
        assertEquals(List.of(List.of(1L, 2L), List.of(1L), List.of(1L), List.of(1L, 2L)), found());
        assertEquals(List.of("15..29 2 copies of stacks: no time to unwind them"), losses);
        assertEquals(2, live.copiesPassedOver());
        assertEquals(2, walker.walks);
        assertEquals(4, live.samples());
    }

    private void throttle(long timeNs, long stream, boolean begins) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(64).order(ByteOrder.nativeOrder());
        b.putInt(begins ? 5 : 6).putInt(0).putLong(timeNs).putLong(ID).putLong(stream);
        b.putInt(PID).putInt(PID).putLong(timeNs).putInt(0).putInt(0).putLong(ID);
        b.putShort(6, (short) b.position());
        live.take(b, 0, b.position());
    }

    /** Each thread and processor is held back for itself, and may be until its event ends. */
    @Test
    void everyTimeInWhichSamplesAreHeldBackIsTold() throws IOException {
        throttle(10, 1, true);
        throttle(20, 2, true);
        throttle(30, 1, false);
        throttle(35, 9, false);
        throttle(40, 2, false);
        throttle(50, 3, true);
        sample(60, new long[] {1}, true, 1, 2);
        live.flushBefore(65, false);
        throttle(70, 4, true);
        event.closed();
        throttle(80, 1, true);
        sample(90, new long[] {1}, true, 1, 2);
        live.finish();
        String why = " -1 cpu-clock: came too often, held back by the kernel";
        assertEquals(
                List.of("10..30" + why, "20..40" + why, "50..60" + why, "70..70" + why, "80..90" + why),
                losses.stream().sorted().toList());
        assertEquals(5, live.throttles());
    }
}
