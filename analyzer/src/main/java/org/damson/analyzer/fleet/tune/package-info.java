/** Schemes over many hosts: what they would have done, and which to take. */
package org.damson.analyzer.fleet.tune;
