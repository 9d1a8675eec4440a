/** Simulation of schemes over recorded snapshots; docs/WHAT-IF-BOUNDS.md says what is exact and what is bounded. */
package org.damson.analyzer.openloop;
