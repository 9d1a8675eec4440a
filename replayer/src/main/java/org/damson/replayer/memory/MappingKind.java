package org.damson.replayer.memory;

import java.util.List;
import org.damson.model.Mapping;

/**
 * What a mapping was made of, as far as its permissions and its name tell.
 *
 * @param isFile it maps a file of a file system; else memory without one, which a file that is memory (memfd, shared memory) is too
 * @param isShared what is written to it goes to the file, or to whoever shares it; else to pages of the process's own
 * @param isWritable the process may have written to it
 * @param isHuge it is of huge pages (hugetlb); of transparent ones nothing tells
 * @param isReachable the process could access it, and pages of it count as resident (those of the kernel's vvar and vdso do not)
 */
public record MappingKind(boolean isFile, boolean isShared, boolean isWritable, boolean isHuge, boolean isReachable) {
    /** The kind of a mapping of which nothing is known. */
    public static final MappingKind UNKNOWN = new MappingKind(false, false, true, false, true);

    /** Names of mappings of huge pages: the kernel's for those without a file, and the usual mount points of hugetlbfs. */
    private static final List<String> HUGE = List.of("/anon_hugepage", "/dev/hugepages/");

    public static MappingKind of(Mapping m) {
        String name = m.name();
        String permissions = m.permissions();
        boolean isHuge = HUGE.stream().anyMatch(name::startsWith);
        boolean isWritable = permissions.isEmpty() || permissions.contains("w");
        boolean isReachable = !permissions.startsWith("---") && !name.startsWith("[v");
        return new MappingKind(m.isOfFile(), permissions.endsWith("s"), isWritable, isHuge, isReachable);
    }

    /** Whether a plan may make both of the same, as of huge pages too, so that the kernel joins them where they lie side by side. */
    public boolean isMadeLike(MappingKind other) {
        return isFile == other.isFile && isShared == other.isShared;
    }

    /** Its words in a plan, with the given word for huge pages. */
    public String words(String huge) {
        return (isHuge ? huge : "") + (isFile ? " file" : "") + (isShared ? " shared" : "");
    }
}
