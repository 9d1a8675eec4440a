/** What all importers share: the trace under construction, binary input, side files, notes. */
package org.damson.exchange.build;
