/** Importer of traces as text. */
package org.damson.exchange.text;
