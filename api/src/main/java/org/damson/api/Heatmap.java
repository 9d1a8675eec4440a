package org.damson.api;

/**
 * Heat over time and address of the part of memory with the most heat. A cell is the mean over what was monitored of it: 0 is no
 * access seen, 1 is accessed in every sample, NaN is nothing monitored.
 *
 * <pre>{@code
 * try (Trace trace = Trace.open(recording)) {
 *     Heatmap map = trace.heatmap(Selection.ALL, 60, 16);
 *     for (int row = 0; row < map.rows(); row++) {
 *         StringBuilder line = new StringBuilder(String.format("%12x ", map.address(row)));
 *         for (int column = 0; column < map.columns(); column++) {
 *             line.append(map.heat(column, row) > 0.5 ? '#' : '.');
 *         }
 *         System.out.println(line);
 *     }
 * }
 * }</pre>
 */
public interface Heatmap {
    /** Steps of time. */
    int columns();

    /** Steps of address; row 0 is the lowest. */
    int rows();

    /** Heat of a cell, 0 to 1, or NaN. */
    double heat(int column, int row);

    /** The greatest heat of any cell; 0 if nothing was accessed. */
    double maxHeat();

    /** When column {@code column} begins, nanoseconds of the trace's clock; {@code columns()} gives the end. */
    long timeNs(int column);

    /** Address where row {@code row} begins, unsigned; {@code rows()} gives the end. Space between the areas shown is left out. */
    long address(int row);
}
