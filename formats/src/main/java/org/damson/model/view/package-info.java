/** Traces and sinks that pass calls on to another one, with a difference. */
package org.damson.model.view;
