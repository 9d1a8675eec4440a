/** How far two recordings are apart. */
package org.damson.analyzer.compare;
