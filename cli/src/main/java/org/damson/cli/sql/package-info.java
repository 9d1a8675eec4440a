/** Queries over a trace. */
package org.damson.cli.sql;
