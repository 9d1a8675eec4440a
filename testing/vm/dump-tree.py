# Prints a sysfs tree as lines "mode, type, path relative to /sys, contents", tab-separated; newlines in contents as \n,
# contents that cannot be read as "!" and the error's name.
import errno
import os
import stat
import sys

for top in sys.argv[1:]:
    for folder, folders, files in os.walk(top):
        folders.sort()
        for path in [folder] + [os.path.join(folder, f) for f in sorted(files)]:
            mode = os.lstat(path).st_mode
            contents = ""
            if not stat.S_ISDIR(mode):
                try:
                    with open(path) as f:
                        contents = f.read().replace("\\", "\\\\").replace("\n", "\\n")
                except OSError as e:
                    contents = "!" + errno.errorcode[e.errno]
            kind = "d" if stat.S_ISDIR(mode) else "f"
            print("%04o\t%s\t%s\t%s" % (stat.S_IMODE(mode), kind, os.path.relpath(path, "/sys"), contents))
