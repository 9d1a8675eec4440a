/** Importers of perf.data and trace.dat. */
package org.damson.exchange.perf;
