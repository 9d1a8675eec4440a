package org.damson.analyzer.openloop;

import java.util.Arrays;

/** Addresses within a region, each once and in ascending order. */
final class Places {
    private long[] at = new long[8];
    private int n;

    void clear() {
        n = 0;
    }

    void add(long address) {
        int i = n;
        while (i > 0 && Long.compareUnsigned(at[i - 1], address) > 0) {
            i--;
        }
        if (i > 0 && at[i - 1] == address) {
            return;
        }
        if (n == at.length) {
            at = Arrays.copyOf(at, n * 2);
        }
        System.arraycopy(at, i, at, i + 1, n - i);
        at[i] = address;
        n++;
    }

    boolean has(long address) {
        for (int i = 0; i < n; i++) {
            if (at[i] == address) {
                return true;
            }
        }
        return false;
    }

    int size() {
        return n;
    }

    long get(int i) {
        return at[i];
    }
}
