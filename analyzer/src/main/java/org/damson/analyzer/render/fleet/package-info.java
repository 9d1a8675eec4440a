/** Results over many traces as tables. */
package org.damson.analyzer.render.fleet;
