/** What a page that a reader zooms into holds of a trace, compact and bounded whatever the trace. */
package org.damson.analyzer.page;
