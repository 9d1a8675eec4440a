/** Results of simulation, curves and tuning as text and JSON. */
package org.damson.analyzer.render.whatif;
