package org.damson.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MappingTest {
    private static boolean isOfFile(String name) {
        return new Mapping(1, 0, 4096, "rw-p", name).isOfFile();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/usr/bin/python3", "/development/data", "/memory", "/tmp/x (deleted)", "file-12"})
    void namesOfFilesAndTheirPseudonymsAreOfFiles(String name) {
        assertTrue(isOfFile(name));
        assertEquals("", Mapping.kindWithoutFile(name));
    }

    @ParameterizedTest
    @CsvSource({
        "[stack], [",
        "[anon:heap of x], [anon:",
        "/dev/zero (deleted), /dev/",
        "/dev/shm/pool, /dev/",
        "/dev/hugepages/pool, /dev/hugepages/",
        "/memfd:pool (deleted), /memfd:",
        "/SYSV00000000 (deleted), /SYSV",
        "/anon_hugepage (deleted), /anon_hugepage",
        "anon_inode:[io_uring], anon_inode:",
        "//anon, //anon"
    })
    void memoryWithANameHasNoFile(String name, String begin) {
        assertFalse(isOfFile(name));
        assertEquals(begin, Mapping.kindWithoutFile(name));
    }

    @Test
    void memoryWithoutANameHasNoFile() {
        assertFalse(isOfFile(""));
    }
}
