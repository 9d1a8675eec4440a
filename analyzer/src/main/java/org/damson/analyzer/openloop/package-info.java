/** Simulation of schemes over recorded snapshots; docs/WHAT-IF.md says what is exact and what is bounded. */
package org.damson.analyzer.openloop;
