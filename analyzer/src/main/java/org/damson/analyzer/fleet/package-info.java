/**
 * Many traces at once: what is worked out of each, how that adds up, and what is told of all. Where the traces are read, and
 * by how many machines, is the business of a {@link org.damson.analyzer.fleet.FleetEngine}.
 */
package org.damson.analyzer.fleet;
