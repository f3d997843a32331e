"""Makes the fixtures of tests/transform_reference.rs: `python3 transforms.py OUT_DIR` (NumPy, SciPy).

The adstock and saturation formulae are those of Meta's Robyn 3.12, R/R/transformation.R, commit
5915aa9d (27 June 2025), written anew from their definition: Weibull functions from scipy.stats, the
spread of a series as a lower triangular matrix product, the geometric one in closed form.
Fourier terms follow Prophet's (days since 1970-01-01, angle 2 pi k t / P), with mpmath at 40 digits.
Shares above a cap are sums over the mass function of scipy.stats.nbinom.
"""
import csv
import os
import sys

import mpmath as mp
import numpy as np
from scipy import optimize, stats
from scipy.linalg import toeplitz

out = sys.argv[1]
mp.mp.dps = 40


def write(name, header, rows):
    with open(os.path.join(out, name), "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow([repr(float(v)) if isinstance(v, (float, np.floating)) else v for v in row])


def weights(form, a, b, window):
    lags = np.arange(window)
    if form == "geometric":
        return a ** lags.astype(float)
    if a == 0 or b == 0:
        return (lags == 0).astype(float)
    scale = np.round(np.quantile(np.arange(1, window + 1), b))  # R's quantile type 7; halves to even
    if form == "weibull_cdf":
        survival = stats.weibull_min.sf(lags, a, scale=scale)  # sf(0) = 1
        return np.exp(np.cumsum(np.log(survival))) if survival.min() > 0 else np.cumprod(survival)
    density = stats.weibull_min.pdf(lags + 1, a, scale=scale)
    span = np.ptp(density)
    if span == 0:
        return (lags == 0).astype(float)
    return (density - density.min()) / span


def spread(w, x):
    n = len(x)
    return toeplitz(w[:n], np.zeros(n)) @ x


rng = np.random.default_rng(20260504)
rows, series = [], []
for window in (1, 2, 4, 7, 30, 104):
    x = np.round(rng.gamma(0.8, 100.0, window), 2) * (rng.random(window) < 0.8)
    x[0] += 1.0
    cases = [("geometric", t, 0.0) for t in (0.0, 0.3, 0.85)]
    cases += [(f, k, s) for f in ("weibull_cdf", "weibull_pdf")
              for k in (0.0, 0.0001, 0.5, 1.0, 2.0, 2.5, 9.0) for s in (0.0, 0.01, 0.1, 0.5)]
    if window > 30:
        cases = [c for c in cases if c[0] == "geometric" or (c[1] in (0.5, 2.5, 9.0) and c[2] in (0.01, 0.1))]
    for form, a, b in cases:
        w = weights(form, a, b, window)
        for t, (x_t, w_t, d_t) in enumerate(zip(x, w, spread(w, x))):
            rows.append((form, a, b, window, t, float(x_t), float(w_t), float(d_t)))
write("adstock.csv", ["form", "a", "b", "window", "t", "x", "weight", "decayed"], rows)

x = np.array([0.0, 0.5, 12.0, 100.0, 170.25, 200.0])
rows = []
for alpha in (0.5, 1.0, 3.0):
    for gamma in (0.3, 0.5, 1.0):
        h = x.max() * gamma
        rows += [("hill", alpha, gamma, float(v), float(v**alpha / (v**alpha + h**alpha))) for v in x]
rows += [("michaelis_menten", 5.0, 30.0, float(v), float(5.0 * v / (30.0 + v))) for v in x]
rows += [("logistic", 0.02, 0.0, float(v), float((1 - np.exp(-0.02 * v)) / (1 + np.exp(-0.02 * v)))) for v in x]
rows += [("tanh", 2.0, 40.0, float(v), float(2.0 * np.tanh(v / 80.0))) for v in x]
write("saturation.csv", ["form", "a", "b", "x", "y"], rows)

rows = []
for period in ("7", "30.4375", "365.25"):
    for day in (-719528, -1, 0, 5, 20577, 2932896):
        for k in (1, 2, 3):
            angle = 2 * mp.pi * k * day / mp.mpf(period)
            rows.append((period, day, k, float(mp.sin(angle)), float(mp.cos(angle))))
write("fourier.csv", ["period", "day", "k", "sin", "cos"], rows)

rows = []
for shape in (0.1, 0.8, 5.0):
    for mean in (0.05, 1.0, 6.5):
        law = stats.nbinom(shape, shape / (shape + mean))
        top = int(law.isf(1e-17)) + 2000
        counts = np.arange(top)
        mass = law.pmf(counts)
        frequency = mean / (1 - law.pmf(0))
        for cap in (1, 3, 10):
            above = float((np.maximum(counts - cap, 0) * mass).sum() / mean)
            rows.append((shape, mean, cap, float(frequency), above))
write("frequency_cap.csv", ["shape", "mean", "cap", "frequency", "share_above"], rows)
