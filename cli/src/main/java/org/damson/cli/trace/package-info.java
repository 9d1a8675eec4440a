/** Verbs that work on whole traces: import, export, copy, check, repair. */
package org.damson.cli.trace;
