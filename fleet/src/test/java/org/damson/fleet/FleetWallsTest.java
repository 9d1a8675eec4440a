package org.damson.fleet;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The walls around Spark, as {@code WallsTest} has those of the other modules. */
final class FleetWallsTest {
    private static final JavaClasses CLASSES = new ClassFileImporter().importPath(Path.of("target", "classes"));

    @Test
    void theEngineKnowsTheAnalyzerAndSparkAlone() {
        assertFalse(CLASSES.isEmpty());
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
                        "org.damson.fleet..",
                        "org.damson.analyzer.fleet..",
                        "org.damson.analyzer.scan..",
                        "org.damson.model..")
                .check(CLASSES);
    }
}
