/** Sampled call stacks in the formats of profilers. */
package org.damson.exchange.profile;
