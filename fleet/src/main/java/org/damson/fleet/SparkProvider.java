package org.damson.fleet;

import java.io.File;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.damson.analyzer.render.fleet.FleetService;
import org.damson.model.MissingCapabilityException;

/** Starts Spark: within this process, or as the driver of a cluster's executors. */
public final class SparkProvider implements FleetService.Provider {
    private static final String LOOPBACK = "127.0.0.1";

    /** What of damson and its libraries a stock Spark has not. */
    private static final Pattern SHIPPED =
            Pattern.compile("(damson-(analyzer|fleet|formats)|hipparchus-.*|jna|arrow-memory-unsafe)-[0-9].*\\.jar");

    @Override
    public FleetService open(String master, SortedMap<String, String> settings) throws MissingCapabilityException {
        boolean isHere = master == null || master.startsWith("local");
        try {
            // Where it can make no directory, Spark ends the process, without a word of why.
            Files.delete(Files.createTempDirectory("damson-spark"));
            return start(master, settings, isHere);
        } catch (Exception
                | LinkageError
                        e) { // Scala throws checked ones unsaid; what its classes find at their start is an error
            throw new MissingCapabilityException(
                    "Spark does not start" + (isHere ? "" : " at " + master) + ": " + firstLine(e), e);
        }
    }

    private static SparkEngine start(String master, SortedMap<String, String> settings, boolean isHere) {
        SparkConf conf = new SparkConf(false);
        conf.setAppName("damson fleet");
        conf.set("spark.ui.enabled", "false");
        // Without a page to show them on, Spark would still keep 100,000 tasks, and all stages, for it.
        for (String kept : List.of("Jobs", "Stages", "Tasks", "DeadExecutors")) {
            conf.set("spark.ui.retained" + kept, "1");
        }
        conf.set("spark.ui.liveUpdate.period", "-1");
        conf.set(
                "spark.sql.warehouse.dir",
                new File(System.getProperty("java.io.tmpdir"), "damson-warehouse")
                        .toURI()
                        .toString());
        conf.set("spark.hadoop.fs.permissions.umask-mode", "077");
        if (isHere) {
            // A machine that cannot resolve its own name is enough.
            conf.set("spark.driver.host", LOOPBACK);
            conf.set("spark.driver.bindAddress", LOOPBACK);
            // Spark listens there, and others may be on this machine: it makes itself a secret.
            conf.set("spark.authenticate", "true");
        } else {
            conf.set("spark.jars", String.join(",", shipped()));
        }
        nameUser();
        settings.forEach(conf::set);
        conf.setMaster(master == null ? "local[*]" : master);
        return new SparkEngine(SparkSession.builder().config(conf).getOrCreate());
    }

    /** Hadoop asks the system for the user's name, which has none in many a container, and then starts nothing. */
    private static void nameUser() {
        String name = System.getProperty("user.name", "");
        if (name.isEmpty() || name.equals("?")) {
            UserGroupInformation.setLoginUser(UserGroupInformation.createRemoteUser("damson"));
        }
    }

    private static String firstLine(Throwable e) {
        Throwable cause = e;
        while (cause instanceof LinkageError && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String said = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return said.lines().findFirst().orElse(said);
    }

    private static List<String> shipped() {
        List<String> jars = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            File file = new File(entry);
            if (SHIPPED.matcher(file.getName()).matches() && file.isFile()) {
                jars.add(file.getAbsolutePath());
            }
        }
        return jars;
    }
}
