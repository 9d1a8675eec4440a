package org.damson.cli;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Lengths of files and methods in lines, as the compiler's own parser finds them: from a method's first modifier to its last brace. */
final class SourceLengths extends TreeScanner<Void, Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final int methodLimit;
    private final List<String> found;

    private SourceLengths(CompilationUnitTree unit, SourcePositions positions, int methodLimit, List<String> found) {
        this.unit = unit;
        this.positions = positions;
        this.methodLimit = methodLimit;
        this.found = found;
    }

    /** A line for each file and each method, also of nested and anonymous classes, that has more lines than it may. */
    static List<String> beyond(List<Path> files, int fileLimit, int methodLimit) throws IOException {
        List<String> found = new ArrayList<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager =
                compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null,
                    manager,
                    problem -> {},
                    List.of("-proc:none"),
                    null,
                    manager.getJavaFileObjects(files.toArray(Path[]::new)));
            SourcePositions positions = Trees.instance(task).getSourcePositions();

            for (CompilationUnitTree unit : task.parse()) {
                long lines = unit.getSourceFile()
                        .getCharContent(true)
                        .toString()
                        .lines()
                        .count();
                if (lines > fileLimit) {
                    found.add(name(unit) + ": " + lines + " lines");
                }
                new SourceLengths(unit, positions, methodLimit, found).scan(unit, null);
            }
        }
        return found;
    }

    private static String name(CompilationUnitTree unit) {
        return Path.of(unit.getSourceFile().toUri()).getFileName().toString();
    }

    private long linesOf(Tree tree) {
        LineMap lines = unit.getLineMap();
        return lines.getLineNumber(positions.getEndPosition(unit, tree))
                - lines.getLineNumber(positions.getStartPosition(unit, tree))
                + 1;
    }

    @Override
    public Void visitMethod(MethodTree method, Void nothing) {
        long lines = linesOf(method);

        if (lines > methodLimit) {
            found.add(name(unit) + ", " + method.getName() + ": " + lines + " lines");
        }
        return super.visitMethod(method, nothing);
    }
}
