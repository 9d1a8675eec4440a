/**
 * Turns a trace into a plan of page touches and plays it.
 *
 * <pre>
 *  TraceSource --{@link org.damson.replayer.ReplayPlanner}--> plan file --{@link org.damson.replayer.Replayer} (accessgen plan)--> {@link org.damson.replayer.ReplayReport}
 * </pre>
 */
package org.damson.replayer;
