"""Partial dependence by scikit-learn (1.9.1) of an analytic function on fixed rows: the numbers of
tests/dependence.rs. Needs numpy, scikit-learn.

The rows are those of `rows()` there: x[r, c] = frac((r + 1) * STEP[c]) * SCALE[c], an additive
recurrence, so that both sides make the same bits without a file."""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.inspection import partial_dependence

STEP = [0.6180339887498949, 0.41421356237309515, 0.7320508075688772]
ROWS = 150


class Analytic(RegressorMixin, BaseEstimator):
    def fit(self, x, y):
        self.fitted_ = True
        return self

    def predict(self, x):
        a, b, c = x.T
        return np.sin(3 * a) + a * b**2 - np.where(c > 1, np.exp(-b), 0.5 * a)


if __name__ == "__main__":
    r = np.arange(1, ROWS + 1)
    x = np.stack([(r * s) % 1 * k for s, k in zip(STEP, [1.0, 2.0, 3.0])], axis=1)
    x[:, 2] = np.floor(x[:, 2])
    weights = 0.5 + (r % 7) / 4
    model = Analytic().fit(x, r)
    for name, columns, w, points in [
        ("first, 5 points", [0], None, 5),
        ("second, 5 points, weighted", [1], weights, 5),
        ("third, distinct values", [2], None, 100),
        ("first and second, 3 points", [0, 1], None, 3),
    ]:
        got = partial_dependence(model, x, columns, grid_resolution=points, method="brute",
                                 sample_weight=w, kind="average")
        print(name)
        for grid in got["grid_values"]:
            print("  grid", [float(v) for v in grid])
        print("  mean", [float(v) for v in got["average"][0].ravel()])
    lines = partial_dependence(model, x[:2], [0], grid_resolution=100, method="brute", kind="individual")
    print("individual", [float(v) for v in lines["individual"][0].ravel()])
