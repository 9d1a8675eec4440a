/** The ring between sources and the writer of a trace. */
package org.damson.recorder.ring;
