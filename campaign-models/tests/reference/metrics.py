"""Numbers of tests/metrics_reference.rs. Run: python3 tests/reference/metrics.py

A fixed linear congruential generator makes the data here and there, so that no file is needed.
"""
import numpy as np
import sklearn
from sklearn import metrics as m


def uniforms(n, seed):
    out, state = [], seed
    for _ in range(n):
        state = (state * 1103515245 + 12345) % 2**31
        out.append(state / 2**31)
    return np.array(out)


u = uniforms(600, 7)
# Predictions in steps of 0.05, so that many are tied.
p = np.floor(u[:200] * 20) / 20
y = (u[200:400] < 0.2 + 0.6 * p).astype(float)
w = np.floor(u[400:600] * 4)
yr = 10 * u[:200] - 3
pr = yr + 2 * u[200:400] - 1
yr[::10] = 0.0
nz = yr != 0

print("scikit-learn", sklearn.__version__)
for name, sw in (("unweighted", None), ("weighted", w)):
    swz = None if sw is None else sw[nz]
    wape = np.average(np.abs(yr - pr), weights=sw) / np.average(np.abs(yr), weights=sw)
    print(name)
    print("auc     ", repr(float(m.roc_auc_score(y, p, sample_weight=sw))))
    print("logloss ", repr(float(m.log_loss(y, p, sample_weight=sw))))
    print("brier   ", repr(float(m.brier_score_loss(y, p, sample_weight=sw))))
    print("rmse    ", repr(float(m.root_mean_squared_error(yr, pr, sample_weight=sw))))
    print("mae     ", repr(float(m.mean_absolute_error(yr, pr, sample_weight=sw))))
    print("mape    ", repr(float(m.mean_absolute_percentage_error(yr[nz], pr[nz], sample_weight=swz))))
    print("wape    ", repr(float(wape)))
