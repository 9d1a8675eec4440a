/** Simulation of DAMON itself over known accesses. */
package org.damson.analyzer.closedloop;
