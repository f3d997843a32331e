"""Quantiles of the log-odds of Beta laws, for the test of src/bandit/beta.rs. SciPy 1.17.

Log-odds rather than probabilities, because small shapes put quantiles within 1e-30 of 0 and 1: the
law of the log-odds at z is that of Beta at 1 / (1 + exp(-z)), solved with both tails.
"""
import numpy as np
from scipy import special, stats
from scipy.optimize import brentq
shapes = [(0.05, 0.05), (0.3, 2.0), (0.5, 0.5), (1.0, 1.0), (1.0, 5.0), (2.5, 0.7), (3.0, 4.0), (40.0, 900.0), (1e6, 2e6)]

def cdf(z, a, b):
    if z <= 0:  # x = e^z / (1 + e^z); for z below -600 the density is exp(a z) / B(a, b)
        if z < -600:
            return np.exp(a * z - np.log(a) - special.betaln(a, b))
        return special.betainc(a, b, special.expit(z))
    return 1.0 - cdf(-z, b, a)

print("shapes", shapes)
for a, b in shapes:
    mode, sd = np.log(a / b), np.sqrt(1 / a + 1 / b)
    zs = [brentq(lambda z: cdf(z, a, b) - p, mode - 12 * sd - 1, mode + 12 * sd + 1, xtol=1e-13, rtol=1e-13) for p in np.arange(1, 20) / 20]
    print("[" + ", ".join(f"{z:.10}" for z in zs) + "],")
print("chi-square(19) at 1 - 1e-5:", stats.chi2.isf(1e-5, 19))
