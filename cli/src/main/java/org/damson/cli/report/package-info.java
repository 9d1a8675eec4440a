/** Reports, pictures, comparison and the live view. */
package org.damson.cli.report;
