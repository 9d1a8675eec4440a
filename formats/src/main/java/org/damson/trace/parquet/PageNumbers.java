package org.damson.trace.parquet;

/** The numbers of one page, in order. Damaged input ends in an unchecked exception. */
interface PageNumbers {
    /** Decodes the next {@code n} into {@code out}, from {@code at} on. */
    void read(long[] out, int at, int n);

    /** The same, of each the low 32 bits. */
    void read(int[] out, int at, int n);

    /** Steps over the next {@code n}. */
    void skip(int n);
}
