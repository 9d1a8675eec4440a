/** Heat over time and addresses, where memory is used, and phases. */
package org.damson.analyzer.heatmap;
