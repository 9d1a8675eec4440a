/**
 * Names for code that a recording only knows as a place in a file: {@link org.damson.symbols.Symbolizer} makes a trace with them. What
 * reads ELF files is in {@link org.damson.symbols.elf} and runs as a process of its own.
 */
package org.damson.symbols;
