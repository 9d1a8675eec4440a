/** Importers and exporter of damo's recordings. */
package org.damson.exchange.damo;
