/** Advice that gains by its own simulation. */
package org.damson.analyzer.advise;
