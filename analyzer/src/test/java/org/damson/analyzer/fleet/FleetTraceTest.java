package org.damson.analyzer.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.damson.model.text.NativeText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FleetTraceTest {
    @Test
    void directoriesTellThePartition() {
        assertEquals(
                Map.of("service", "web:1", "host", "a+b 100%"),
                new FleetTrace("/data/service=web%3A1/host=a+b 100%/day=/x.damson").partition());
        assertEquals(
                Map.of("service", "a/b=c", "host", "zeile\n\u65e5"),
                new FleetTrace("/service=a%2Fb%3Dc/region=/host=zeile%0A%E6%97%A5/2026/x.damson").partition(),
                "levels that are no partition, and a value without a name");
        assertEquals(
                Map.of("service", "new\nline", "host", "a:b%,%zz"),
                new FleetTrace("/service=new\nline/host=a%3Ab%,%zz/x.damson").partition(),
                "a line's end in a name, and percent signs that are none of an escape");
        assertEquals(
                Map.of("service", "w\\xE4", "host", "w\\xF6"),
                new FleetTrace("/service=w%E4/host=w%F6/x.damson").partition(),
                "bytes that are no UTF-8 stay apart");
        assertEquals(
                Map.of("host", "h"),
                new FleetTrace("service=__HIVE_DEFAULT_PARTITION__/host=h/x.damson").partition(),
                "Hive's name of no value");
        assertEquals(Map.of(), new FleetTrace("plain/2=3/host=x.damson").partition());
    }

    @Test
    void anInnerDirectoryOfOneKeyWins() {
        assertEquals("b", new FleetTrace("host=a/host=b/x.damson").partition().get("host"));
    }

    /** Asked for from within a directory, a trace has the labels above it too, and no others. */
    @Test
    void relativePathsAreWhereTheyLead(@TempDir Path dir) throws IOException {
        assertEquals(Map.of("host", "b"), new FleetTrace("host=a/../host=b/x.damson").partition());
        Path above = Files.createDirectories(dir.resolve("service=web"));
        Path relative = Path.of("").toAbsolutePath().relativize(above.toRealPath());
        assertEquals(Map.of("service", "web"), new FleetTrace(relative + "/x.damson").partition());
        assertEquals(Map.of("service", "web"), new FleetTrace(above + "/host=x/../x.damson").partition(), "a way back");
        assertEquals(
                new FleetTrace(above + "/x.damson").partition(),
                new FleetTrace(above + "/./y/../x.damson").partition());
        Path link = Files.createSymbolicLink(dir.resolve("link"), above);
        Files.createDirectory(above.resolve("x.damson"));
        assertEquals(new FleetTrace(above + "/x.damson").place(), new FleetTrace(link + "/./x.damson").place());
    }

    /** A directory made under another locale: its bytes are no UTF-8. */
    @Test
    void namesOfAnyBytesAreFoundAndToldReadably(@TempDir Path dir) throws IOException {
        String name = NativeText.decode(new byte[] {'h', 'o', 's', 't', '=', 'w', (byte) 0xe4});
        Path trace = Files.createDirectories(NativeText.path(dir + "/" + name)).resolve("x.damson");
        Files.createDirectory(trace);
        Files.createDirectories(NativeText.path(dir + "/" + name + "2/empty"));
        FleetFiles files = new FleetFiles();
        files.find(dir);
        assertEquals(1, files.found().size());
        FleetTrace found = new FleetTrace(files.found().get(0));
        assertEquals(trace, found.local());
        assertEquals(Map.of("host", "w\\xE4"), found.partition());
        assertEquals(dir + "/host=w\\xE4/x.damson", new Trouble(found.path(), Trouble.Kind.LEFT_OUT, "cut").path());
    }

    @Test
    void onlyWhatADirectoryContradictsIsOutside() {
        FleetTrace trace = new FleetTrace("service=web/x.damson");
        assertTrue(trace.isOutside(Map.of("service", "db")));
        assertFalse(trace.isOutside(Map.of("service", "web")));
        assertFalse(trace.isOutside(Map.of("host", "h1")), "its manifest may say so");
    }
}
