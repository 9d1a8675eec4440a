/** Verbs that record, and that look at DAMON on this machine. */
package org.damson.cli.record;
