/** Results as text, CSV and JSON. */
package org.damson.analyzer.render.text;
