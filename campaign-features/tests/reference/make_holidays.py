"""Writes tests/data/holidays.csv: region,date for 2000 to 2050.

Source: python-holidays (pip install holidays==0.109), default (public) category, observed days
included. Run from the folder of the crate: python3 tests/reference/make_holidays.py
"""
import csv
from datetime import timedelta

import holidays

YEARS = range(2000, 2051)
rows = []
for code, country, subdivision in [
    ("US", "US", None), ("GB", "GB", None), ("GB-ENG", "GB", "ENG"), ("DE", "DE", None),
]:
    for day in sorted(holidays.country_holidays(country, subdiv=subdivision, years=YEARS)):
        if day.year in YEARS:
            rows.append((code, day.isoformat()))
us = holidays.country_holidays("US", years=YEARS)
for day in sorted(day for day, name in us.items() if name == "Thanksgiving Day"):
    rows.append(("black-friday", (day + timedelta(days=1)).isoformat()))
    rows.append(("cyber-monday", (day + timedelta(days=4)).isoformat()))
with open("tests/data/holidays.csv", "w", newline="") as out:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("region", "date"))
    writer.writerows(rows)
