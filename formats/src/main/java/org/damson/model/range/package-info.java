/** Sets of address ranges. */
package org.damson.model.range;
