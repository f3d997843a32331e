"""Random budget LPs with disjoint groups solved by HiGHS (SciPy 1.17 `linprog`), for tests/nested_scipy.rs.

Usage: python3 nested_lp.py > ../data/nested_lp.json
A third of the problems are whole numbers (ties, degenerate vertices), some have no budget, no groups, endless upper bounds
or no plan at all.
"""
import json
import numpy as np
from scipy.optimize import linprog

rng = np.random.default_rng(20260101)
out = []
counts = {}
for k in range(320):
    n = int(rng.integers(1, 40))
    m = int(rng.integers(0, 6))
    whole = k % 3 == 0
    draw = (lambda lo, hi, size: rng.integers(lo, hi, size).astype(float)) if whole else (lambda lo, hi, size: rng.uniform(lo, hi, size).round(6))
    group = rng.integers(-1, m, n) if m else np.full(n, -1)
    lower = np.where(rng.random(n) < 0.5, draw(0, 4, n), 0.0)
    upper = lower + draw(0, 12, n)
    upper[rng.random(n) < 0.1] = np.inf
    roas = draw(-1, 5, n) if whole else rng.normal(2, 1.5, n).round(6)
    groups, least, most = [], lower[group < 0].sum(), np.minimum(upper[group < 0], 50).sum()
    for g in range(m):
        cells = np.flatnonzero(group == g)
        lo, hi = lower[cells].sum(), np.minimum(upper[cells], 50).sum()
        a, b = sorted(rng.random(2))
        floor, cap = (lo + a * (hi - lo), lo + b * (hi - lo))
        if whole: floor, cap = np.floor(floor), np.ceil(cap)
        if rng.random() < 0.3: floor = 0.0
        if rng.random() < 0.2: cap = np.inf
        if rng.random() < 0.04: floor, cap = cap if np.isfinite(cap) else hi + 1, floor
        if rng.random() < 0.04: floor = hi + 5.0
        if rng.random() < 0.04: cap = max(lo - 1.0, 0.0)
        floor, cap = round(float(floor), 6), round(float(cap), 6) if np.isfinite(cap) else np.inf
        groups.append(dict(cells=cells.tolist(), floor=floor, cap=None if np.isinf(cap) else cap))
        least += max(floor, lo); most += min(cap, hi)
    budget = least + rng.uniform(-0.1, 1.15) * (most - least)
    if rng.random() < 0.05: budget = 0.0
    budget = round(float(np.floor(budget) if whole else budget), 6)
    budget = max(budget, 0.0)
    exactly = bool(rng.random() < 0.6)
    A, b = [], []
    for g in groups:
        row = np.zeros(n); row[g["cells"]] = 1.0
        A.append(-row); b.append(-g["floor"])
        if g["cap"] is not None: A.append(row); b.append(g["cap"])
    ones = np.ones(n)
    if not exactly: A.append(ones); b.append(budget)
    crossed = bool((lower > upper).any())
    r = None if crossed else linprog(-roas, A_ub=np.array(A) if A else None, b_ub=b if A else None,
        A_eq=ones[None] if exactly else None, b_eq=[budget] if exactly else None,
        bounds=list(zip(lower, [None if np.isinf(u) else u for u in upper])), method="highs",
        options=dict(primal_feasibility_tolerance=1e-10, dual_feasibility_tolerance=1e-10))
    assert crossed or r.status in (0, 2), r
    feasible = not crossed and r.status == 0
    key = ("feasible" if feasible else "infeasible"); counts[key] = counts.get(key, 0) + 1
    out.append(dict(budget=budget, exactly=exactly, lower=lower.tolist(), upper=[None if np.isinf(u) else u for u in upper.tolist()],
        roas=roas.tolist(), groups=groups, objective=float(-r.fun) if feasible else None))
import sys
print(counts, file=sys.stderr)
print("[" + ",\n".join(json.dumps(p, separators=(",", ":")) for p in out) + "]")
