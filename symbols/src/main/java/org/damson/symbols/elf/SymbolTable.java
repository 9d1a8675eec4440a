package org.damson.symbols.elf;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/**
 * The functions that addresses are in, found by one pass over all symbols of a module: libdw itself goes over all of them for each address.
 * Only symbols of places in code count. One without a size reaches to the next symbol, the end of one that has a size, or the end of its
 * section. Memory is that of the addresses asked for.
 */
final class SymbolTable {
    private static final int FUNCTION = 2;
    private static final int NO_TYPE = 0;
    private static final int INDIRECT = 10;
    private static final int UNDEFINED = 0;

    /** Bindings from the best on: global, weak, local. */
    private static final int[] RANK = {2, 0, 1};

    private static final int MAX_SIZELESS = 1 << 20;

    /** @param size 0 if the symbol does not say */
    private record Symbol(long start, long size, int rank, Pointer name) {
        private static final Comparator<Symbol> NEAREST = Comparator.comparingLong(Symbol::start)
                .reversed()
                .thenComparingInt(Symbol::rank)
                .thenComparingLong(Symbol::size);

        /** The one that names an address better: of two names at one place, the one with fewer underscores, then the longer. */
        Symbol better(Symbol o) {
            int by = NEAREST.compare(this, o);
            if (by != 0) {
                return by < 0 ? this : o;
            }
            String mine = Texts.of(name);
            String other = Texts.of(o.name);
            int underscores = Long.compare(underscores(mine), underscores(other));
            return underscores < 0 || underscores == 0 && mine.length() >= other.length() ? this : o;
        }

        private static long underscores(String name) {
            return name.chars().filter(c -> c == '_').count();
        }
    }

    private final long[][] code;
    private final long[] addresses;
    private final Symbol[] found;

    /** By address: the last end of a symbol that ends at or before it; 0 if none does. */
    private final long[] ends;

    private final TreeMap<Long, Symbol> sizeless = new TreeMap<>(Long::compareUnsigned);

    /**
     * Reads the symbols.
     *
     * @param code where code is: {@code {address, size}} each
     * @param addresses to be looked up, in any order
     */
    SymbolTable(Pointer module, long[][] code, long[] addresses) {
        this.code = code;
        this.addresses = Arrays.stream(addresses).sorted().distinct().toArray();
        found = new Symbol[this.addresses.length];
        ends = new long[this.addresses.length];
        int n = Libdw.dwfl_module_getsymtab(module);
        LongByReference start = new LongByReference();
        try (Memory symbol = new Memory(Libdw.SYMBOL_BYTES)) {
            for (int i = 1; i < n; i++) {
                Pointer name = Libdw.dwfl_module_getsym_info(
                        module, i, symbol, start, Pointer.NULL, Pointer.NULL, Pointer.NULL);
                if (name != null && isFunction(symbol, name) && isCode(start.getValue())) {
                    int binding = symbol.getByte(4) >> 4 & 15;
                    add(new Symbol(
                            start.getValue(),
                            symbol.getLong(Libdw.SYMBOL_SIZE_AT),
                            binding < RANK.length ? RANK[binding] : 0,
                            name));
                }
            }
        }
        for (int i = 1; i < ends.length; i++) {
            ends[i] = Math.max(ends[i], ends[i - 1]);
        }
    }

    /** Without a type are labels of assembler, and marks of it: {@code $x}, {@code .L1}. */
    private static boolean isFunction(Pointer symbol, Pointer name) {
        int type = symbol.getByte(4) & 15;
        byte first = name.getByte(0);
        boolean isLabel = type == NO_TYPE && first != '$' && first != '.';
        return (type == FUNCTION || type == INDIRECT || isLabel) && symbol.getShort(6) != UNDEFINED;
    }

    /** Whether code is at an address. */
    boolean isCode(long address) {
        return sectionOf(address) >= 0;
    }

    private int sectionOf(long address) {
        for (int i = 0; i < code.length; i++) {
            if (Long.compareUnsigned(address - code[i][0], code[i][1]) < 0) {
                return i;
            }
        }
        return -1;
    }

    private void add(Symbol s) {
        if (s.size == 0) {
            if (sizeless.size() < MAX_SIZELESS || sizeless.containsKey(s.start)) {
                sizeless.merge(s.start, s, Symbol::better);
            }
            return;
        }
        int at = Arrays.binarySearch(addresses, s.start);
        int i = at < 0 ? -at - 1 : at;
        for (; i < addresses.length && addresses[i] - s.start < s.size; i++) {
            found[i] = found[i] == null ? s : found[i].better(s);
        }
        if (i < addresses.length) {
            ends[i] = Math.max(ends[i], s.start + s.size);
        }
    }

    /** A function that an address is in. */
    record Function(String name, long offset) {}

    /** Null if no symbol covers the address. */
    Function at(long address) {
        int i = Arrays.binarySearch(addresses, address);
        Symbol s = i < 0 ? null : found[i];
        if (s == null) {
            s = sizelessAt(address);
        }
        return s == null ? null : new Function(Texts.of(s.name), address - s.start);
    }

    private Symbol sizelessAt(long address) {
        Map.Entry<Long, Symbol> before = sizeless.floorEntry(address);
        if (before == null || sectionOf(before.getKey()) != sectionOf(address)) {
            return null;
        }
        int i = Arrays.binarySearch(addresses, address);
        return i >= 0 && ends[i] > before.getKey() ? null : before.getValue();
    }
}
