"""Makes tests/data/ks.csv and tests/data/ks_law.csv: `python3 ks.py OUT_DIR` (SciPy 1.17.1).

ks.csv      cases of two samples, given by the rule of `sample` below (integers over 64, so that both
            languages hold the same numbers), and what scipy.stats.ks_2samp finds, exact and asymptotic.
ks_law.csv  n, x and scipy.stats.kstwo.sf(x, n).
"""
import sys, warnings
import numpy as np
from scipy import stats

out = sys.argv[1]


def sample(n, seed, modulus, shift):
    """A linear congruential stream modulo 2^31, reduced to `modulus` values, over 64."""
    x, values = seed, []
    for _ in range(n):
        x = (1103515245 * x + 12345) % 2**31
        values.append(((x >> 8) % modulus + shift) / 64.0)
    return np.array(values)


with open(f"{out}/ks.csv", "w") as f:
    f.write("n,m,modulus,shift,statistic,exact,asymptotic\n")
    sizes = [(1, 1), (1, 5), (3, 4), (7, 7), (10, 30), (25, 40), (64, 64), (100, 99), (120, 500), (333, 1000),
             (1000, 1000), (1500, 1400), (2500, 5000), (9999, 10000), (10000, 10000), (40000, 30000), (5, 20000)]
    for n, m in sizes:
        for modulus in (8, 2**20):
            # An empty cell: SciPy has no number (too large, a failure it warns of, or an effective size of 0).
            for part in (0.0, 0.03, 0.1, 0.3, 0.8):
                shift = int(part * modulus)
                a, b = sample(n, 1, modulus, 0), sample(m, 2, modulus, shift)
                exact = ""
                if max(n, m) <= 10000:
                    try:
                        with warnings.catch_warnings():
                            warnings.simplefilter("error", RuntimeWarning)
                            exact = repr(float(stats.ks_2samp(a, b, method="exact").pvalue))
                    except RuntimeWarning as w:
                        print(n, m, modulus, part, w, file=sys.stderr)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    r = stats.ks_2samp(a, b, method="asymp")
                asymptotic = "" if np.isnan(r.pvalue) else repr(float(r.pvalue))
                f.write(f"{n},{m},{modulus},{shift},{float(r.statistic)!r},{exact},{asymptotic}\n")

with open(f"{out}/ks_law.csv", "w") as f:
    f.write("n,x,sf\n")
    for n in (1, 2, 3, 5, 8, 13, 20, 50, 100, 139, 140, 141, 200, 500, 1000, 5000, 20000, 100000, 100001, 500000):
        for z in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.868, 0.87, 0.9, 1.0, 1.2, 1.4, 1.48, 1.49, 1.7, 1.99, 2.01, 2.5, 3, 4, 6, 10):
            x = z / np.sqrt(n)
            if x < 1:
                f.write(f"{n},{float(x)!r},{float(stats.kstwo.sf(x, n))!r}\n")
        for x in (0.4 / n, 0.6 / n, 0.9 / n, 1.5 / n, 0.499, 0.5, 0.7, 1 - 0.5 / n):
            if x < 1:
                f.write(f"{n},{float(x)!r},{float(stats.kstwo.sf(x, n))!r}\n")
