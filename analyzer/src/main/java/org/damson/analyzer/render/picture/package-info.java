/** Results as pictures. */
package org.damson.analyzer.render.picture;
