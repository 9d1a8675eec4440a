/** Reading and writing sealed tables. */
package org.damson.trace.parquet;
