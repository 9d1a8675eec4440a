package org.damson.symbols;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.damson.exchange.build.StackUnwinder.Copy;
import org.damson.symbols.elf.CallerRule;
import org.damson.symbols.elf.UnwindWire;
import org.damson.symbols.elf.UnwindWire.End;
import org.damson.symbols.elf.UnwindWire.Frames;

/**
 * Walks copies of stacks by rules that are kept: a program is in the same places again and again, and asking for a walk costs dozens
 * of times what following the rules does. What it gives is what libdw gives; what rules do not cover is left to libdw.
 */
final class RuleWalk {
    /** Places of which the rules are kept, some 100 bytes each. */
    private static final int MAX_RULES = 1 << 14;

    /** Bits of perf's mask of registers. */
    private static final int FRAME_POINTER = 6;

    private static final int STACK_POINTER = 7;
    private static final int PROGRAM_COUNTER = 8;

    /** Where rules come from that are not known yet. */
    interface Source {
        CallerRule at(long address) throws IOException;
    }

    private final Map<Long, CallerRule> rules = new HashMap<>();
    private final long[] addresses = new long[UnwindWire.MAX_FRAMES];
    private Copy copy;
    private ByteBuffer stack;
    private long stackPointer;
    private long framePointer;
    private boolean hasFramePointer;

    /** @return null if only libdw can tell */
    Frames walk(Copy from, Source source) throws IOException {
        copy = from;
        if (!has(STACK_POINTER) || !has(PROGRAM_COUNTER)) {
            return null;
        }
        stack = ByteBuffer.wrap(from.stack()).order(ByteOrder.LITTLE_ENDIAN);
        stackPointer = register(STACK_POINTER);
        hasFramePointer = has(FRAME_POINTER);
        framePointer = hasFramePointer ? register(FRAME_POINTER) : 0;
        addresses[0] = register(PROGRAM_COUNTER);
        for (int depth = 1; depth < addresses.length; depth++) {
            CallerRule rule = rule(depth == 1 ? addresses[0] : addresses[depth - 1] - 1, source);
            if (rule.end() != null) {
                return frames(rule.end(), depth);
            }
            if (!rule.isSimple() || rule.isByFramePointer() && !hasFramePointer) {
                return null;
            }
            long frame = (rule.isByFramePointer() ? framePointer : stackPointer) + rule.frameOffset();
            if (!isCopied(frame + rule.returnOffset())) {
                return frames(End.beyondCopy(frame + rule.returnOffset() - register(STACK_POINTER)), depth);
            }
            addresses[depth] = word(frame + rule.returnOffset());
            if (addresses[depth] == 0) {
                return frames(End.BEGIN, depth);
            }
            stackPointer = frame;
            restore(rule.savedOffset(), frame);
        }
        return frames(End.TOO_DEEP, addresses.length);
    }

    private Frames frames(End end, int depth) {
        return new Frames(end, Arrays.copyOf(addresses, depth));
    }

    private CallerRule rule(long address, Source source) throws IOException {
        CallerRule rule = rules.get(address);
        if (rule == null) {
            rule = source.at(address);
            if (rules.size() >= MAX_RULES) {
                rules.clear();
            }
            rules.put(address, rule);
        }
        return rule;
    }

    private void restore(long savedOffset, long frame) {
        if (savedOffset == CallerRule.KEPT) {
            return;
        }
        hasFramePointer = savedOffset != CallerRule.LOST && isCopied(frame + savedOffset);
        framePointer = hasFramePointer ? word(frame + savedOffset) : 0;
    }

    private boolean isCopied(long address) {
        long at = address - register(STACK_POINTER);
        return at >= 0 && at <= stack.limit() - Long.BYTES;
    }

    private long word(long address) {
        return stack.getLong((int) (address - register(STACK_POINTER)));
    }

    private boolean has(int bit) {
        return (copy.mask() >>> bit & 1) != 0;
    }

    /** A register as it was when the copy was taken. */
    private long register(int bit) {
        return copy.registers()[Long.bitCount(copy.mask() & (1L << bit) - 1)];
    }
}
