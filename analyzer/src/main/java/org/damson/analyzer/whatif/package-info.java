/**
 * What would a DAMOS scheme have done here: the kernel's DAMOS, integer for integer, over recorded snapshots (open loop)
 * and over a model of DAMON itself (closed loop). {@code docs/WHAT-IF.md} says what is exact and what is bounded.
 */
package org.damson.analyzer.whatif;
