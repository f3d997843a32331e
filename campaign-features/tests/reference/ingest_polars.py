"""What `benches/ingest.rs` does, with polars: reads an export of ads, checks every row, drops duplicates, sums.

    python3 ingest_polars.py FILE.csv

Prints rows, duplicates, sums and the CPU seconds of reading and checking (user and system, all threads).
POLARS_MAX_THREADS=1 keeps it to one thread. The file is the one that the bench writes: the columns of a
Google Ads report.
"""

import resource
import sys

import polars as pl

TEXTS = [
    "Customer ID", "Account name", "Campaign ID", "Campaign", "Campaign status", "Ad group ID", "Ad group",
    "Ad ID", "Ad name", "Device", "Network", "Currency code", "Time zone",
]
METRICS = ["Impr.", "Clicks", "Cost", "Conversions", "Conv. value", "Views"]
KEY = ["Day", "Customer ID", "Campaign ID", "Ad group ID", "Ad ID", "Device", "Network", "Currency code", "Time zone"]


def seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(path):
    before = seconds()
    # Everything as text first: a cell that is no number is a rejected row, not the end of the run.
    table = pl.read_csv(path, infer_schema=False)
    table = table.with_columns(
        pl.col("Day").str.to_date("%Y-%m-%d", strict=False).alias("day"),
        *(pl.col(name).cast(pl.Int64, strict=False).alias("n " + name) for name in ["Impr.", "Clicks", "Views"]),
        *(
            pl.col(name).cast(pl.Decimal(18, 6), strict=False).alias("n " + name)
            for name in ["Cost", "Conversions", "Conv. value"]
        ),
    )
    fine = pl.col("day").is_not_null() & pl.col("Ad ID").is_not_null() & pl.col("Currency code").is_not_null()
    for name in METRICS:
        fine &= pl.col("n " + name).is_not_null() & (pl.col("n " + name) >= 0)
    good = table.filter(fine)
    unique = good.unique(subset=KEY, keep="last", maintain_order=True)
    sums = unique.select([pl.col("n " + name).sum() for name in METRICS]).row(0)
    print(f"rows {table.height} rejected {table.height - good.height} duplicates {good.height - unique.height}")
    print("sums", [str(value) for value in sums])
    print(f"cpu seconds {seconds() - before:.2f}")


main(sys.argv[1])
