/**
 * Implements {@code org.damson.api}: composes formats, recorder, replayer and analyzer for programs, as {@code org.damson.cli} does for
 * people. Found by {@link java.util.ServiceLoader}; nothing here is for callers.
 */
package org.damson.engine;
