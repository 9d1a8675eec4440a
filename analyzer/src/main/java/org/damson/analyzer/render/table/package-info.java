/** Results as tables: headings, units and notes, from which text, CSV and JSON are written. */
package org.damson.analyzer.render.table;
