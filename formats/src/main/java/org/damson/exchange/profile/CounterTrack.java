package org.damson.exchange.profile;

/**
 * A value over time, drawn beside call stacks.
 *
 * @param name for people
 * @param isBytes whether values are bytes; else they have the unit that the name says
 * @param timesNs ascending, of the trace's clock
 * @param values the value from each time on; NaN where it is not known
 */
public record CounterTrack(String name, boolean isBytes, long[] timesNs, double[] values) {}
