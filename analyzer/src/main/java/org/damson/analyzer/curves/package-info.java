/** Miss-ratio and cold-age curves. */
package org.damson.analyzer.curves;
