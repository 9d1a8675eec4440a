# Whether a scheme that `tune` found did what it was chosen for when really run. usage: check-tuned.py TUNED.json MEMORY.csv LIMIT;
# LIMIT is in refaulted bytes a second. Swapped-out bytes of the workload, mean over time, must be 85 % of those predicted.
import csv
import json
import sys

best = json.load(open(sys.argv[1]))["best"]
rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(open(sys.argv[2]))]
limit = float(sys.argv[3])
seconds = rows[-1]["uptime"] - rows[0]["uptime"]
refaults = 4096 * (rows[-1]["pswpin"] - rows[0]["pswpin"]) / seconds
saved = sum(1024 * a["swap_kb"] * (b["uptime"] - a["uptime"]) for a, b in zip(rows, rows[1:])) / seconds
predicted = best["measured"]
print("min_age %d ms over %.0f s" % (best["min_age"] / 1000, seconds))
print("refaulted %.0f bytes/s, limit %.0f, predicted %.0f to %.0f" % (refaults, limit, predicted["refaults"], predicted["refaults_max"]))
print("saved %.0f bytes, predicted %.0f to %.0f" % (saved, predicted["saved"], predicted["saved_max"]))
sys.exit(0 if refaults <= limit and saved >= 0.85 * predicted["saved"] else 1)
