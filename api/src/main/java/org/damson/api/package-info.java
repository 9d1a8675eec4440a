/**
 * damson for programs: traces to read, record, replay and reason about.
 *
 * <pre>
 *  {@link org.damson.api.Recording}, {@link org.damson.api.TraceWriter} --> trace on disk --> {@link org.damson.api.Trace}
 *                                                            |
 *            +-------------------+--------------------+------+---------------+-------------------+
 *            v                   v                    v                      v                   v
 *   {@link org.damson.api.Snapshot}s   {@link org.damson.api.WorkingSet}, {@link org.damson.api.Report}   {@link org.damson.api.Heatmap}   {@link org.damson.api.Simulation}, {@link org.damson.api.Tuning}   {@link org.damson.api.Replay}
 * </pre>
 *
 * <p>Addresses are unsigned 64-bit numbers in {@code long} ({@link java.lang.Long#compareUnsigned}); ranges are half-open; times are
 * nanoseconds of the trace's clock, intervals microseconds, and every name says which.
 *
 * <p>The implementation is the artifact {@code damson-engine}, needed on the class path when a program runs and never to compile
 * it. Recording also takes the Java option {@code --add-opens=java.base/java.nio=ALL-UNNAMED}.
 *
 * <p>A failure has a message of one line: {@link org.damson.api.InvalidTraceException} where an input is at fault, {@link
 * org.damson.api.MissingCapabilityException} where this machine or user lacks something, {@link
 * java.lang.IllegalArgumentException} where an argument breaks a rule. Other {@link java.io.IOException}s are those of the file
 * system.
 */
package org.damson.api;
