package org.damson.analyzer.render.picture;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.damson.model.InvalidInputException;

/** File format of a picture. */
public enum PictureForm {
    PNG,
    SVG,
    PDF;

    /** The extensions of their files. */
    public static final List<String> EXTENSIONS =
            Arrays.stream(values()).map(PictureForm::extension).toList();

    /**
     * The form of files with this extension.
     *
     * @throws InvalidInputException if it is not one of {@link #EXTENSIONS}
     */
    public static PictureForm of(String extension) {
        return valueOf(extension.toUpperCase(Locale.ROOT));
    }

    private String extension() {
        return name().toLowerCase(Locale.ROOT);
    }
}
