/** Simulation of schemes, curves, tuning and advice. */
package org.damson.cli.whatif;
