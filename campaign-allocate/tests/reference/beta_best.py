"""P(arm is the largest of independent Beta draws), for tests/bandit_law.rs. SciPy 1.17.

Composite Gauss-Legendre (4000 panels of 10 nodes per arm) over the log-odds, with SciPy's incomplete beta function for the
other arms' distribution functions. The last column, the sum less 1, shows the error.
"""
import numpy as np
from scipy import special

cases = [
    [(3, 8), (5, 6)],
    [(1, 1), (1, 1), (1, 1)],
    [(0.5, 0.5), (0.3, 2.0)],
    [(0.05, 0.05), (2, 3), (0.5, 4)],
    [(40, 900), (45, 880), (3, 60), (1, 1)],
    [(2, 1), (200, 100), (2000, 1000)],
    [(1, 50), (1, 60), (2, 90), (1, 10), (30, 2000)],
]
nodes, weights = np.polynomial.legendre.leggauss(10)

def cdf(z, a, b):
    return np.where(z < 0, special.betainc(a, b, special.expit(z)), special.betaincc(b, a, special.expit(-z)))

def log_pdf(z, a, b):
    return a * z - (a + b) * np.logaddexp(0, z) - special.betaln(a, b)

def win(case, i):
    a, b = case[i]
    own = 12 * np.sqrt(1 / a + 1 / b)
    low, high = np.log(a / b) - own - 45 / a, np.log(a / b) + own + 45 / b
    cuts = {low, high}
    for c, d in case:
        mode, sd = np.log(c / d), np.sqrt(1 / c + 1 / d)
        cuts |= {z for z in mode + sd * np.linspace(-12, 12, 600) if low < z < high}
    cuts |= set(np.linspace(low, high, 1500))
    cuts = np.array(sorted(cuts))
    z = (cuts[:-1, None] + cuts[1:, None]) / 2 + (cuts[1:, None] - cuts[:-1, None]) / 2 * nodes
    f = np.exp(log_pdf(z, a, b))
    for j, (c, d) in enumerate(case):
        if j != i: f = f * cdf(z, c, d)
    return float(np.sum((cuts[1:] - cuts[:-1]) / 2 * (f @ weights)))

for case in cases:
    p = [win(case, i) for i in range(len(case))]
    print("(&%s, &%s), // %.0e" % ([(float(a), float(b)) for a, b in case], [round(v, 13) for v in p], sum(p) - 1))
