package org.damson.cli.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdditionsTest {
    /** A package of Debian's adds nothing to an archive that was unpacked somewhere. */
    @Test
    void whatAddsDuckDbIsOfTheKindThatIsInstalled(@TempDir Path dir) throws Exception {
        Path home = Files.createDirectories(dir.resolve("some one/damson"));
        String programs = Files.createDirectories(home.resolve("native")).toString();
        String asPackage = Additions.unpacked(programs);
        assertTrue(asPackage.matches("sudo apt-get install \\./damson-sql_[^_ ]+_(amd64|arm64)\\.deb"), asPackage);
        assertEquals(asPackage, Additions.unpacked(null));
        Files.createDirectories(home.resolve("runtime"));
        String asArchive = Additions.unpacked(programs);
        assertTrue(asArchive.startsWith("tar -xzf damson-sql-"), asArchive);
        assertTrue(asArchive.endsWith(".tar.gz --strip-components=1 -C '" + home + "'"), asArchive);
    }
}
