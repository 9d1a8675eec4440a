/**
 * Many traces at once: what is computed from each, how that adds up, and what is reported of all. Where the traces are read, and
 * by how many machines, is the business of a {@link org.damson.analyzer.fleet.FleetEngine}.
 */
package org.damson.analyzer.fleet;
