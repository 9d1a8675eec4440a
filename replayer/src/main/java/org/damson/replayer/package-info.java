/**
 * Turns a trace into a plan of page touches and plays it.
 *
 * <pre>
 *  TraceSource --{@link org.damson.replayer.ReplayPlanner}--> plan file --accessgen plan--> {@link org.damson.replayer.ReplayReport}
 * </pre>
 */
package org.damson.replayer;
