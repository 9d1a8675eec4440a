package org.damson.cli.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Message;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Exports of every kind of recording in {@code testdata} are valid by the public schemas of their formats: pprof's and Perfetto's by numbers
 * and types of fields, decoded by the protobuf library, speedscope's by the part of it that damson writes. {@code testing/schemas.sh} compares
 * these with the schemas as they are published, which no package for Java has.
 */
final class PublicSchemaTest {
    private static final String RECORDINGS =
            ".*(\\.damson|\\.damo|perf\\.data(\\.gz)?|perf\\.script\\.gz|damon\\.data|\\.script(\\.gz)?"
                    + "|trace\\.dat\\.gz|trace(fs)?\\.txt\\.gz|\\.damson\\.zip)";

    /** Where speedscope's schema is as it is published, which {@code testing/schemas.sh} says; damson's own part of it if that is not set. */
    private static final String PUBLISHED = System.getProperty("damson.test.speedscope", "");

    /** Where call stacks are; of the others one each, since their memory is told alike, but for the one with many times as much. */
    private static final Set<String> WITH_STACKS = Set.of("perf-stacks", "stairs-perf", "perf-modes", "readers");

    private static PublicFields pprof;
    private static PublicFields perfetto;
    private static JsonSchema speedscope;

    @BeforeAll
    static void readSchemas() throws Exception {
        pprof = PublicFields.of("pprof.fields");
        perfetto = PublicFields.of("perfetto.fields");
        try (InputStream in = PUBLISHED.isEmpty()
                ? PublicSchemaTest.class.getResourceAsStream("speedscope.schema.json")
                : Files.newInputStream(Path.of(PUBLISHED))) {
            speedscope = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                    .getSchema(new ObjectMapper().readTree(in));
        }
    }

    static List<Path> recordings() throws IOException {
        Set<Path> seen = new HashSet<>();
        try (Stream<Path> all = Files.walk(CliRun.testdata())) {
            return all.filter(p ->
                            p.toString().matches(RECORDINGS) && !p.toString().contains(".damson/"))
                    .sorted()
                    .filter(p -> {
                        Path folder = CliRun.testdata().relativize(p).getName(0);
                        return WITH_STACKS.contains(folder.toString())
                                || !folder.toString().equals("many-regions") && seen.add(folder);
                    })
                    .toList();
        }
    }

    @Test
    void everyExportOfEveryRecordingIsValid() throws Exception {
        int withStacks = 0;
        int withCounters = 0;
        for (Path recording : recordings()) {
            CliRun counters = CliRun.of("export", recording, "--to", "perfetto");
            if (counters.exit() != ExitCode.OK && counters.exit() != ExitCode.PARTIAL) {
                continue;
            }
            withCounters++;
            perfetto(counters.outBytes(), recording.toString());
            CliRun stacks = CliRun.of("export", recording, "--to", "speedscope");
            if (stacks.exit() == ExitCode.INPUT) {
                assertTrue(stacks.err().contains("has no call stacks"), stacks.err());
                continue;
            }
            withStacks++;
            speedscope(stacks.outBytes(), recording.toString());
            pprof(CliRun.of("export", recording, "--to", "pprof").outBytes(), recording.toString());
        }
        assertTrue(withStacks >= 10, withStacks + " recordings with call stacks");
        assertTrue(withCounters >= 20, withCounters + " recordings");
    }

    /** What is checked finds what it is for. */
    @Test
    void whatIsNotInASchemaIsFound() throws Exception {
        JsonNode file = new ObjectMapper()
                .readTree(
                        "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"exporter\":\"damson\",\"name\":\"x\","
                                + "\"activeProfileIndex\":0,\"shared\":{\"frames\":[{\"file\":\"a\"}]},\"profiles\":[{\"type\":\"sampled\",\"name\":\"x\","
                                + "\"unit\":\"none\",\"startValue\":0,\"endValue\":1,\"samples\":[[0]],\"weights\":[1]}]}");
        assertEquals(
                List.of("required"),
                speedscope.validate(file).stream()
                        .map(ValidationMessage::getType)
                        .toList(),
                "a frame without a name");
        for (byte[] wrong : List.of(new byte[] {(byte) 0x82, 1, 0}, new byte[] {0x48 | 2, 1, 0})) {
            try {
                pprof.decode("Profile", wrong);
            } catch (AssertionError expected) {
                continue;
            }
            throw new AssertionError("field 16, and a time that is no number, are taken");
        }
    }

    private static void speedscope(byte[] bytes, String name) throws IOException {
        Set<ValidationMessage> found = speedscope.validate(new ObjectMapper().readTree(bytes));
        assertTrue(found.isEmpty(), () -> name + ": " + found);
    }

    /** Also what pprof itself refuses: places in tables that are not there, values of no type. */
    private static void pprof(byte[] bytes, String name) throws IOException {
        Message profile = pprof.decode("Profile", new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes());
        List<?> strings = PublicFields.values(profile, "string_table");
        assertEquals("", strings.get(0), name);
        Set<Long> mappings = ids(profile, "mapping");
        Set<Long> functions = ids(profile, "function");
        Set<Long> locations = ids(profile, "location");
        for (Object location : PublicFields.values(profile, "location")) {
            long mapping = PublicFields.number((Message) location, "mapping_id");
            assertTrue(mapping == 0 || mappings.contains(mapping), name);
            for (Object line : PublicFields.values((Message) location, "line")) {
                assertTrue(functions.contains(PublicFields.number((Message) line, "function_id")), name);
            }
        }
        int types = PublicFields.values(profile, "sample_type").size();
        for (Object sample : PublicFields.values(profile, "sample")) {
            assertEquals(types, PublicFields.values((Message) sample, "value").size(), name);
            assertTrue(locations.containsAll(PublicFields.values((Message) sample, "location_id")), name);
        }
        texts(profile, strings.size(), name);
    }

    private static Set<Long> ids(Message profile, String table) {
        Set<Long> ids = new HashSet<>();
        for (Object row : PublicFields.values(profile, table)) {
            long id = PublicFields.number((Message) row, "id");
            assertTrue(id > 0 && ids.add(id), table + " " + id);
        }
        return ids;
    }

    private static void texts(Message profile, int strings, String name) {
        for (String[] column : new String[][] {
            {"function", "name"},
            {"function", "system_name"},
            {"function", "filename"},
            {"mapping", "filename"},
            {"mapping", "build_id"},
            {"sample_type", "type"},
            {"sample_type", "unit"}
        }) {
            for (Object row : PublicFields.values(profile, column[0])) {
                long text = PublicFields.number((Message) row, column[1]);
                assertTrue(text >= 0 && text < strings, name + ": " + column[0] + "." + column[1]);
            }
        }
    }

    /** Also that what a sequence of packets refers to was interned in it before. */
    private static void perfetto(byte[] bytes, String name) throws IOException {
        Message trace = perfetto.decode("Trace", bytes);
        Set<List<Object>> interned = new HashSet<>();
        for (Object each : PublicFields.values(trace, "packet")) {
            Message packet = (Message) each;
            long sequence = PublicFields.number(packet, "trusted_packet_sequence_id");
            assertTrue(sequence > 0, name);
            Message data =
                    (Message) packet.getField(packet.getDescriptorForType().findFieldByName("interned_data"));
            for (String table :
                    List.of("function_names", "build_ids", "mapping_paths", "mappings", "frames", "callstacks")) {
                for (Object row : PublicFields.values(data, table)) {
                    long iid = PublicFields.number((Message) row, "iid");
                    assertTrue(iid > 0 && interned.add(List.of(sequence, table, iid)), name + ": " + table + " " + iid);
                }
            }
            PublicFields.values(data, "frames")
                    .forEach(f -> known(interned, sequence, (Message) f, "function_name_id", "function_names"));
            PublicFields.values(data, "frames")
                    .forEach(f -> known(interned, sequence, (Message) f, "mapping_id", "mappings"));
            PublicFields.values(data, "callstacks")
                    .forEach(c -> known(interned, sequence, (Message) c, "frame_ids", "frames"));
            if (packet.hasField(packet.getDescriptorForType().findFieldByName("perf_sample"))) {
                Message sample =
                        (Message) packet.getField(packet.getDescriptorForType().findFieldByName("perf_sample"));
                known(interned, sequence, sample, "callstack_iid", "callstacks");
            }
        }
    }

    private static void known(Set<List<Object>> interned, long sequence, Message row, String field, String table) {
        for (Object iid : PublicFields.values(row, field)) {
            assertTrue(interned.contains(List.of(sequence, table, iid)), field + " " + iid);
        }
    }
}
