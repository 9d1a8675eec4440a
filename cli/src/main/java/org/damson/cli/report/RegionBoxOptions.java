package org.damson.cli.report;

import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.analyzer.damo.access.AccessOptions;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.Shared;

/** damo's options of the boxes that {@code report access} shows regions as. */
final class RegionBoxOptions {
    private static final Option BOX = DamoOptions.flag("region-box", "show each region as a box");
    private static final Option BOX_VALUES = DamoOptions.several(
            3, "region-box-values", "LENGTH COLOR HEIGHT", "what the box shows (age access_rate size)");
    private static final Option BOX_LENGTH =
            DamoOptions.several(2, "region-box-min-max-length", "MIN MAX", "columns of a box (1 30)");
    private static final Option BOX_HEIGHT =
            DamoOptions.several(2, "region-box-min-max-height", "MIN MAX", "rows of a box (1 5)");
    private static final Option BOX_COLORSET =
            DamoOptions.value("region-box-colorset", "gray|flame|emotion", "colours of the boxes (gray)");
    private static final Option BOX_SCALES = DamoOptions.several(
            3, "region-box-scales", "linear|log...", "scales of length, colour and height (log linear log)");
    private static final Option BOX_ALIGN =
            DamoOptions.value("region-box-align", "left|right", "alignment of the boxes (left)");

    static final List<Option> ALL =
            List.of(BOX, BOX_VALUES, BOX_LENGTH, BOX_HEIGHT, BOX_COLORSET, BOX_SCALES, BOX_ALIGN);

    private RegionBoxOptions() {}

    static void apply(CommandLine line, AccessOptions o) {
        o.regionBox = line.hasOption(BOX);
        DamoOptions.each(
                line, BOX_VALUES, v -> o.boxValues = DamoOptions.words(BOX_VALUES, v, AccessOptions.BOX_VALUES));
        DamoOptions.each(line, BOX_LENGTH, v -> o.boxLength = ints(v));
        DamoOptions.each(line, BOX_HEIGHT, v -> o.boxHeight = ints(v));
        o.boxColorset = Shared.choice(BOX_COLORSET, line.getOptionValue(BOX_COLORSET, "gray"));
        DamoOptions.each(
                line,
                BOX_SCALES,
                v -> o.boxLogscale = DamoOptions.words(BOX_SCALES, v, List.of("linear", "log")).stream()
                        .map("log"::equals)
                        .toList());
        o.boxRight = "right".equals(Shared.choice(BOX_ALIGN, line.getOptionValue(BOX_ALIGN, "left")));
    }

    private static int[] ints(List<String> values) {
        return values.stream()
                .mapToInt(v -> DamoOptions.between(DamoOptions.whole(v), 0, 1000))
                .toArray();
    }
}
