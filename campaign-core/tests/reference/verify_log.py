"""Check a decision log from the rules in the documentation alone (Python 3, no packages).

    python3 verify_log.py decisions.jsonl [SEQ:HASH]

Prints `ok SEQ:HASH`, or the first line that is wrong and why. Nothing here is shared with the Rust
code: the canonical form of RFC 8785 is written out below, and every record is parsed, printed again
and compared.
"""

import hashlib
import json
import sys


def number(value):
    """A number as ECMAScript prints it (ECMA-262, Number::toString), from Python's shortest digits."""
    value = float(value)
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, exponent = f"{abs(value)!r}e0".split("e")[:2]
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    k = len(digits)
    if k <= point <= 21:
        return sign + digits + "0" * (point - k)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    e = point - 1
    tail = "." + digits[1:] if k > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if e > 0 else '-'}{abs(e)}"


def canonical(value):
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    members = sorted(value.items(), key=lambda m: m[0].encode("utf-16-be"))
    return "{" + ",".join(canonical(k) + ":" + canonical(v) for k, v in members) + "}"


def record_hash(record):
    unsigned = {name: record[name] for name in ("decision", "prev", "seq")}
    return hashlib.sha256(canonical(unsigned).encode("utf-8")).hexdigest()


def verify(data, published=None):
    """Returns (head, None), or (None, (line, why))."""
    seq, prev = 0, "0" * 64
    lines = data.split(b"\n")
    if lines.pop() != b"":
        return None, (len(lines) + 1, "torn")
    for line, text in enumerate(lines, 1):
        try:
            record = json.loads(text.decode("utf-8"))
        except ValueError:
            return None, (line, "not JSON")
        if type(record) is not dict or sorted(record) != ["decision", "hash", "prev", "seq"]:
            return None, (line, "not a record")
        if canonical(record).encode("utf-8") != text:
            return None, (line, "not canonical")
        if record["seq"] != line or record["prev"] != prev or record["hash"] != record_hash(record):
            return None, (line, "breaks the chain")
        seq, prev = line, record["hash"]
        if published is not None and published[0] == seq and published[1] != prev:
            return None, (line, "is not the published head")
    if published is not None and published[0] > seq:
        return None, (seq + 1, "is missing")
    return f"{seq}:{prev}", None


if __name__ == "__main__":
    published = None
    if len(sys.argv) > 2:
        seq, _, digest = sys.argv[2].partition(":")
        published = (int(seq), digest)
    with open(sys.argv[1], "rb") as file:
        head, defect = verify(file.read(), published)
    if defect is None:
        print("ok", head)
    else:
        print("line %d: %s" % defect)
        sys.exit(1)
