/** The journal a recording is appended to, and what of it survives damage. */
package org.damson.trace.journal;
