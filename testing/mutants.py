"""Makes two mutants of a capsule: testing/mutants.py CAPSULE REVERSED HOTTER

Both have the statistics and the mappings of the capsule. REVERSED plays the snapshots of its plan in reverse; HOTTER has 20 % more
heat in each of them: touches in more slices, and where they are in all, of memory that is filled and was not touched.
"""
import sys
import zipfile

UNITS = {"K": 10, "M": 20, "G": 30, "T": 40}
TIMES = {"ns": 1, "us": 1000, "ms": 1000000, "s": 1000000000}


def size(text):
    return int(text[:-1]) << UNITS[text[-1]] if text[-1] in UNITS else int(text)


def ns(text):
    digits = text.rstrip("nums")
    return int(digits) * TIMES[text[len(digits):]]


def once(maps):
    """All mappings at once: of what overlaps what is mapped already only the rest, and what may be touched before what may not."""
    taken = []
    for words in sorted(maps, key=lambda w: "none" in w):
        at, end = int(words[2], 16), int(words[2], 16) + size(words[3])
        for start, to in sorted(taken) + [(end, end)]:
            if at < min(start, end):
                yield words[:2] + [hex(at), str(min(start, end) - at)] + words[4:]
            at = max(at, to) if start < end else end
        taken.append((int(words[2], 16), end))


def parts(plan):
    """The lines before the first snapshot, and each snapshot with its touches. Mappings that come or go later are there all the time."""
    head, maps, fills, snapshots = [], [], [], []
    for words in (line.split() for line in plan.splitlines()):
        if words and words[0] == "snapshot":
            snapshots.append([words])
        elif words and words[0] == "touch":
            snapshots[-1].append(words)
        elif words and words[0] == "fill":
            fills.append(words[:1] + ["0ns"] + words[2:])
        elif words and words[0] == "map":
            maps.append(words[:1] + ["0ns"] + words[2:])
        elif words and words[0] != "unmap":
            head.append(words)
    return head + list(once(maps)) + fills, snapshots


def text(head, snapshots):
    return "".join(" ".join(words) + "\n" for words in head + [line for s in snapshots for line in s])


def reversed_plan(plan):
    head, snapshots = parts(plan)
    end = max(ns(s[0][1]) + ns(s[0][2]) for s in snapshots)
    swap = {"first": "last", "last": "first"}
    out = []
    for s in snapshots[::-1]:
        out.append([["snapshot", f"{end - ns(s[0][1]) - ns(s[0][2])}ns"] + s[0][2:]]
                   + [[swap.get(w, w) for w in touch] for touch in s[1:]])
    return text(head, out)


def hotter_plan(plan, factor):
    head, snapshots = parts(plan)
    filled = [(int(w[2], 16), int(w[2], 16) + size(w[3])) for w in head if w[0] == "fill" and len(w) == 4]
    for s in snapshots:
        slices, missing, touched = int(s[0][3]), 0.0, []
        for touch in s[1:]:
            start, bytes = int(touch[1], 16), size(touch[2])
            samples = int(touch[3])
            more = min(slices, round(samples * factor))
            pages = int(touch[touch.index("pages") + 1]) if "pages" in touch else bytes // 4096
            missing += (samples * factor - more) * pages
            touch[3] = str(more)
            touched.append((start, start + bytes))
        for start, end in filled:
            at = start
            while at < end and missing >= slices:
                inside = [t for t in touched if t[0] <= at < t[1]]
                if inside:
                    at = inside[0][1]
                    continue
                to = min([t[0] for t in touched if t[0] > at] + [end])
                pages = min((to - at) // 4096, int(missing / slices))
                if pages == 0:
                    break
                s.append(["touch", hex(at), str(pages * 4096), str(slices)])
                missing -= pages * slices
                at += pages * 4096
    return text(head, snapshots)


def main():
    capsule, reverse, hotter = sys.argv[1:]
    with zipfile.ZipFile(capsule) as z:
        plan, statistics = z.read("plan").decode(), z.read("statistics")
    for file, mutant in ((reverse, reversed_plan(plan)), (hotter, hotter_plan(plan, 1.2))):
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("plan", mutant)
            z.writestr("statistics", statistics)


if __name__ == "__main__":
    main()
