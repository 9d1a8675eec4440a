/**
 * Names of code in ELF files, through elfutils' libdw: a program of its own, {@link org.damson.symbols.elf.ElfReader}, because a file
 * of unknown origin may make any reader of it crash. Who asks knows {@link org.damson.symbols.elf.Wire} alone.
 */
package org.damson.symbols.elf;
