/** Traces that show another trace with a difference. */
package org.damson.model.view;
