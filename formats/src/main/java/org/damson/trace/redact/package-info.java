/** Removing from a trace what could identify a machine or its users. */
package org.damson.trace.redact;
