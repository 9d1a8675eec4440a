/** A page of HTML that holds all it needs and asks no network. */
package org.damson.analyzer.render.page;
