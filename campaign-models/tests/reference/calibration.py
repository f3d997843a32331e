"""Writes ../data/calibration.json: calibration curves by scikit-learn 1.9.1 and SciPy 1.17.1."""
import json
import math
import pathlib

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import binomtest
from sklearn.calibration import _sigmoid_calibration, calibration_curve
from sklearn.isotonic import IsotonicRegression

rng = np.random.default_rng(4)
n = 300
true = rng.beta(1.2, 3.0, n)
y = (rng.random(n) < true).astype(float)
# Overconfident, with ties.
p = np.round(expit(1.7 * np.log(true / (1 - true)) + 0.4), 3).clip(0.001, 0.999)
w = np.round(0.5 + rng.random(n), 3)
at = [0.0, 0.01, 0.2, 0.35, 0.5, 0.77, 0.98, 1.0]

isotonic = {}
for name, weights in (("plain", None), ("weighted", w)):
    model = IsotonicRegression(out_of_bounds="clip").fit(p, y, sample_weight=weights)
    isotonic[name] = model.predict(at).tolist()

platt = {}
for name, weights in (("plain", None), ("weighted", w)):
    a, b = _sigmoid_calibration(p, y, weights)
    platt[name] = {"slope": -a, "intercept": -b}
a, b = _sigmoid_calibration(np.log(p / (1 - p)), y)
platt["log_odds"] = {"slope": -a, "intercept": -b}


def beta(p, y, w):
    low, high = np.log(p), -np.log1p(-p)

    def loss(t):
        s = t[0] * low + t[1] * high + t[2]
        r = w * (expit(s) - y)
        return float(w @ (np.logaddexp(0, s) - y * s)), np.array([r @ low, r @ high, r.sum()])

    best = minimize(loss, [1, 1, 0], jac=True, method="L-BFGS-B", bounds=[(0, None), (0, None), (None, None)],
                    options={"ftol": 1e-16, "gtol": 1e-12, "maxiter": 10000})
    return best.x.tolist()


# A falling upper end: the free optimum has a negative coefficient.
bent = np.where(p > 0.6, 1 - y, y)
curves = {"plain": beta(p, y, np.ones(n)), "weighted": beta(p, y, w), "edge": beta(p, bent, np.ones(n))}

observed, predicted = calibration_curve(y, p, n_bins=7, strategy="uniform")
codes = np.searchsorted(np.linspace(0, 1, 8)[1:-1], p)
bins = []
for k, code in enumerate(np.unique(codes)):
    inside = y[codes == code]
    interval = binomtest(int(inside.sum()), len(inside)).proportion_ci(method="wilson")
    bins.append({"rows": len(inside), "predicted": predicted[k], "observed": observed[k],
                 "low": interval.low, "high": interval.high})
assert math.isclose(sum(b["rows"] for b in bins), n)

out = pathlib.Path(__file__).parents[1] / "data" / "calibration.json"
json.dump({"p": p.tolist(), "y": y.tolist(), "w": w.tolist(), "bent": bent.tolist(), "at": at, "isotonic": isotonic,
           "platt": platt, "beta": curves, "bins": bins}, out.open("w"))
print(curves, platt, out.stat().st_size)
