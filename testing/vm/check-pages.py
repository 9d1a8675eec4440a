# Are the regions of a trace whole pages, and is there heat? usage: check-pages.py REGIONS.csv PAGE_BYTES
import csv
import sys

page = int(sys.argv[2])
regions = hot = 0
for row in csv.DictReader(open(sys.argv[1])):
    regions += 1
    hot += int(row["nr_accesses"]) > 0
    for key in ("start", "end"):
        if int(row[key], 0) % page:
            sys.exit("%s %s is no multiple of %d" % (key, row[key], page))
print("%d regions, %d of them accessed" % (regions, hot))
sys.exit(regions < 20 or hot < 5)
