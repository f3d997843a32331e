"""Writes the holiday table and its oracle from python-holidays 0.109 (pip install holidays==0.109).

    src/holiday/table.bin            the table the crate carries, zlib over the columns described below
    tests/data/holiday_digests.csv   region,days,first,last,sha256 of the lines "date<TAB>names<LF>"
    tests/data/holiday_aliases.csv   alias,region

Run from the folder of the crate: python3 tests/reference/make_holidays.py [--check]
With --check nothing is written; the files are compared with what would be (the table after inflation,
because zlib libraries may compress differently).

All countries and subdivisions, default (public) category, observed days included, names in English
where the library has them, years 2000 to 2050 as far as the library covers each country. The digests
are taken from the library's answers, not from the table.

The table, before compression. v = unsigned LEB128, z = zigzag LEB128, text = v length + UTF-8:
    "HOLI" 1
    v first year, v last year
    names:     text of all, one a line
    patterns:  v count; v length of each; then all days as z of the difference of year * 366 +
               (day of the leap year 2000, from 0) to the day before in the pattern, from first year
    regions:   v count of countries; each: text code, v first year, v last year,
               v count of aliases, text each; v count of subdivisions; each: text code,
               v count of aliases, text each
               v count of masks; each: ceil((1 + subdivisions) / 8) bytes, bit 0 the country itself
               v count of groups; each: v name, v mask, v pattern
    moving:    v count; each: text key, v first year, v last year, v pattern
"""
import collections
import csv
import datetime
import hashlib
import io
import sys
import zlib

import holidays
from holidays.calendars.chinese import _ChineseLunisolar as Chinese
from holidays.calendars.hindu import _HinduLunisolar as Hindu
from holidays.calendars.islamic import _IslamicLunar as Islamic
from holidays.registry import COUNTRIES

assert holidays.__version__ == "0.109", holidays.__version__
FIRST, LAST = 2000, 2050
YEARS = range(FIRST, LAST + 1)


def v(x):
    out = bytearray()
    while x > 127:
        out.append(x & 127 | 128)
        x >>= 7
    out.append(x)
    return bytes(out)


def z(x):
    return v(2 * x if x >= 0 else -2 * x - 1)


def text(s):
    raw = s.encode()
    return v(len(raw)) + raw


def number(day):
    of_year = (datetime.date(2000, day.month, day.day) - datetime.date(2000, 1, 1)).days
    return (day.year - FIRST) * 366 + of_year


def subdivision_aliases(cls):
    out = collections.defaultdict(list)
    for alias, code in cls.subdivisions_aliases.items():
        out[code].append(alias)
    return out


names, patterns = set(), set()
countries, digests, aliases = [], [], []
by_alpha2 = {codes[1]: codes for codes in COUNTRIES.values()}
for country, subdivisions in sorted(holidays.list_supported_countries(include_aliases=False).items()):
    cls = type(holidays.country_holidays(country))
    first, last = max(FIRST, cls.start_year), min(LAST, cls.end_year)
    language = "en_US" if "en_US" in cls.supported_languages else None
    of_code = subdivision_aliases(cls)
    subdivisions = sorted(subdivisions)
    own = [alias for alias in by_alpha2[country] if alias != country]
    aliases += [(alias, country) for alias in own]
    entries = collections.defaultdict(list)
    for bit, subdivision in enumerate([None, *subdivisions]):
        code = country if subdivision is None else f"{country}-{subdivision}"
        for alias in of_code[subdivision] if subdivision else ():
            aliases.append((f"{country}-{alias}", code))
        table = holidays.country_holidays(
            country, subdiv=subdivision, years=range(first, last + 1), language=language
        )
        digest, count = hashlib.sha256(), 0
        for day, joined in sorted(table.items()):
            if not first <= day.year <= last:
                continue
            parts = joined.split("; ")
            assert parts == sorted(set(parts)), joined
            digest.update(f"{day.isoformat()}\t{joined}\n".encode())
            count += 1
            for name in parts:
                entries[name, day].append(bit)
        digests.append((code, count, first, last, digest.hexdigest()))
    groups = collections.defaultdict(list)
    for (name, day), bits in entries.items():
        groups[name, tuple(bits)].append(day)
    groups = {key: tuple(sorted(days)) for key, days in groups.items()}
    names.update(name for name, _ in groups)
    patterns.update(groups.values())
    countries.append((country, first, last, own, subdivisions, of_code, groups))


def dates(table):
    out = []
    for year in YEARS:
        entry = table.get(year, ())
        for month, day in [entry] if entry and isinstance(entry[0], int) else entry:
            out.append(datetime.date(year, month, day))
    return tuple(sorted(out))


moving = {
    "lunar-new-year": Chinese.LUNAR_NEW_YEAR_DATES,
    "ramadan": Islamic.RAMADAN_BEGINNING_DATES,
    "eid-al-fitr": Islamic.EID_AL_FITR_DATES,
    "eid-al-adha": Islamic.EID_AL_ADHA_DATES,
    "diwali": Hindu.DIWALI_INDIA_DATES,
}
moving = {
    key: (max(FIRST, min(table)), min(LAST, max(table)), dates(table)) for key, table in moving.items()
}
patterns.update(days for _, _, days in moving.values())

name_at = {name: index for index, name in enumerate(sorted(names))}
pattern_at = {days: index for index, days in enumerate(sorted(patterns))}
out = bytearray(b"HOLI\x01" + v(FIRST) + v(LAST))
out += text("\n".join(name_at))
out += v(len(pattern_at)) + b"".join(v(len(days)) for days in pattern_at)
for days in pattern_at:
    before = 0
    for day in days:
        out += z(number(day) - before)
        before = number(day)
out += v(len(countries))
for country, first, last, own, subdivisions, of_code, groups in countries:
    out += text(country) + v(first) + v(last)
    out += v(len(own)) + b"".join(map(text, own))
    out += v(len(subdivisions))
    for code in subdivisions:
        out += text(code) + v(len(of_code[code])) + b"".join(map(text, of_code[code]))
    masks = sorted({bits for _, bits in groups})
    width = (1 + len(subdivisions) + 7) // 8
    out += v(len(masks))
    for bits in masks:
        out += sum(1 << bit for bit in bits).to_bytes(width, "little")
    out += v(len(groups))
    rows = ((name_at[n], masks.index(b), pattern_at[d]) for (n, b), d in groups.items())
    for row in sorted(rows):
        out += b"".join(map(v, row))
out += v(len(moving))
for key, (first, last, days) in sorted(moving.items()):
    out += text(key) + v(first) + v(last) + v(pattern_at[days])


def lines(header, rows):
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode()


files = {
    "src/holiday/table.bin": zlib.compress(bytes(out), 9),
    "tests/data/holiday_digests.csv": lines(("region", "days", "first", "last", "sha256"), digests),
    "tests/data/holiday_aliases.csv": lines(("alias", "region"), aliases),
}
for path, content in files.items():
    if "--check" not in sys.argv:
        with open(path, "wb") as file:
            file.write(content)
    else:
        with open(path, "rb") as file:
            there = file.read()
        plain = (zlib.decompress(there), bytes(out)) if path.endswith(".bin") else (there, content)
        assert plain[0] == plain[1], f"{path} differs"
    print(path, len(content), "bytes")
