/** The engine of the fleet verbs on Apache Spark: a task for each trace, whose answers are put together where they are. */
package org.damson.fleet;
