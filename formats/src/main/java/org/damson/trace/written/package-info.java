/** What of memory was written: rows of {@code writes}, and a trace as if only they had been recorded. */
package org.damson.trace.written;
