/** Verbs over many traces. What they ask is answered by a module of its own, which holds Apache Spark and may be missing. */
package org.damson.cli.fleet;
