/**
 * Names of code in ELF files, through elfutils' libdw: a program of its own, {@link org.damson.symbols.elf.ElfReader}, because a file
 * of unknown origin may make any reader of it crash. The caller uses {@link org.damson.symbols.elf.Wire} alone.
 */
package org.damson.symbols.elf;
