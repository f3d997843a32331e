"""Makes the log of tests/decision_reference.rs without any Rust: prints its lines and its head.

    python3 make_fixture.py
"""

from verify_log import canonical, record_hash, verify

EMPTY_EVIDENCE = {"n": None, "note": None, "p_value": None, "probability": None}


def decision(**members):
    blank = {
        "model_version": None, "reasons": [], "inputs": {}, "alternatives": [],
        "arm": None, "propensity": None, "seed": None,
    }
    return {**blank, **members}


DECISIONS = [
    decision(
        id="2026-03-02/pause/cr_17", at="2026-03-02T06:00:00Z", actor="campaign_loop",
        model_version="gbdt 0.1.0", subject="creative:cr_17", action="pause",
        reasons=[{
            "metric": "cpa", "observed": 3.1, "expected": 2.45, "relation": "above",
            "threshold": 2.94, "unit": {"money": "EUR"}, "basis": None,
            "evidence": {"n": 412, "note": "last 28 days", "p_value": None, "probability": 0.97},
        }],
        inputs={"spend": 1277.2, "conversions": 412, "share": 1e-7, "large": 1e21, "whole": 2.0,
                "days": [1.5, -0.0, 3e300], "active": True, "unknown": None},
    ),
    decision(
        id="imp-1", at="2026-03-02T06:00:01.000000001Z", actor="ad server",
        model_version="thompson 0.1.0", subject="user:9", action="show cr_2",
        arm=2, propensity=0.125, seed="18446744073709551615",
        alternatives=[{
            "action": "show cr_1", "value": 0.031, "probability": 0.875,
            "reasons": [{
                "metric": "predicted_lift", "observed": 0.0012, "expected": None,
                "relation": "below", "threshold": 0.003, "unit": "share", "basis": "target",
                "evidence": {**EMPTY_EVIDENCE, "p_value": 0.2},
            }],
        }],
    ),
    # RFC 8785 sorts names by UTF-16 code units, which puts the emoji before the Hebrew letter.
    decision(
        id="d3", at="1969-12-31T23:59:59.5Z", actor="Zoë \"Z\" \\ O'Neil", subject="campaign:Größe",
        action="rename\n\tto \u0001 \u007f \u2028 日本語",
        inputs={"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter",
                "1": "One", "\U0001f600": "Emoji", "\u0080": "Control", "\u00f6": "Latin"},
    ),
]

log, prev = "", "0" * 64
for seq, entry in enumerate(DECISIONS, 1):
    record = {"decision": entry, "prev": prev, "seq": seq}
    prev = record["hash"] = record_hash(record)
    log += canonical(record) + "\n"
head, defect = verify(log.encode("utf-8"))
assert defect is None, defect
print(log, end="")
print(head)
