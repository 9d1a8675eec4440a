package org.damson.fleet;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The walls around Spark, as {@code WallsTest} has those of the other modules. */
final class FleetWallsTest {
    private static JavaClasses classes() {
        return new ClassFileImporter().importPath(Path.of("target", "classes"));
    }

    /** What is known of the classes outside is their names; to read them takes longer than all else here. */
    @BeforeAll
    static void readOnlyOwnClasses() {
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    }

    @Test
    void theEngineKnowsTheAnalyzerAndSparkAlone() {
        JavaClasses classes = classes();
        assertFalse(classes.isEmpty());
        noClasses()
                .that()
                .resideInAPackage("org.damson.fleet..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        "java..",
                        "scala..",
                        "org.apache.spark..",
                        "org.apache.hadoop.conf..",
                        "org.apache.hadoop.fs..",
                        "org.apache.hadoop.security..", // names a user that the system does not
                        "org.damson.fleet..",
                        "org.damson.analyzer.fleet..",
                        "org.damson.analyzer.scan..",
                        "org.damson.analyzer.render.fleet..",
                        "org.damson.analyzer.render.table..",
                        "org.damson.model..",
                        "org.damson.trace.files..") // directories for copies of remote traces
                .check(classes);
    }
}
