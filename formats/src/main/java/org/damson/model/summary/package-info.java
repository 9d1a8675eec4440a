/** Sums over the rows of a trace that are kept with it, so that common questions need not read its rows. */
package org.damson.model.summary;
