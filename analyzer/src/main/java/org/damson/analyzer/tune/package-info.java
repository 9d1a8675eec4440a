/** Search for the parameters of a scheme. */
package org.damson.analyzer.tune;
