"""Makes tests/data/transforms/day_totals.csv: `python3 day_totals.py OUT_DIR` (NumPy, SciPy).

Day totals of one ad with days that report nothing; per day of decision the statistics of the seven days
before it: of the days that report, and of all days with 0 where nothing is reported. Standard deviations
from numpy.std, slopes from scipy.stats.linregress, means with a half life of 3 days from numpy.average.
"""
import csv
import os
import sys

import numpy as np
from scipy import stats

rng = np.random.default_rng(20)
days = 60
spend = np.round(rng.gamma(2.0, 40.0, days), 2)
spend[rng.random(days) < 0.35] = np.nan
spend[:3] = np.nan
spend[30:42] = np.nan


def slope(x, y):
    return stats.linregress(x, y).slope if len(x) > 1 else np.nan


def text(value):
    return "" if np.isnan(value) else repr(float(value))


with open(os.path.join(sys.argv[1], "day_totals.csv"), "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    kinds = ["std", "std_population", "trend", "ewma"]
    out.writerow(["day", "spend"] + [f"{k}_{d}" for d in ["reporting", "all"] for k in kinds])
    for day in range(days):
        row = [day, text(spend[day])]
        frame = np.full(7, np.nan)
        seen = spend[max(0, day - 7) : day]
        frame[7 - len(seen) :] = seen
        known = not np.isnan(spend[:day]).all()
        for values in [frame, np.nan_to_num(frame)]:
            at = np.flatnonzero(~np.isnan(values))
            there = values[at]
            row += [
                np.std(there, ddof=1) if known and len(there) > 1 else np.nan,
                np.std(there) if known and len(there) > 0 else np.nan,
                slope(at, there) if known else np.nan,
                np.average(there, weights=np.exp2((at - 6) / 3.0)) if known and len(there) else np.nan,
            ]
        out.writerow(row[:2] + [text(v) for v in row[2:]])
