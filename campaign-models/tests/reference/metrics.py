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
mu = 0.1 + 3 * u[200:400]
counts = np.floor(4 * u[:200] * u[400:600] * u[200:400] ** 0.5 * 2)

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
    print("pr_auc  ", repr(float(m.average_precision_score(y, p, sample_weight=sw))))
    # Ten equal parts; an exact tenth belongs to the part above it.
    part = np.minimum((p * 10).astype(int), 9)
    ws = np.ones(200) if sw is None else sw
    ece = sum(abs(np.sum((ws * (y - p))[part == b])) for b in range(10)) / ws.sum()
    print("ece     ", repr(float(ece)))
    print("pinball ", repr(float(m.mean_pinball_loss(yr, pr, sample_weight=sw, alpha=0.9))))
    print("poisson ", repr(float(m.mean_poisson_deviance(counts, mu, sample_weight=sw))))
    print("gamma   ", repr(float(m.mean_gamma_deviance(counts + 0.5, mu, sample_weight=sw))))
    print("tweedie ", repr(float(m.mean_tweedie_deviance(counts, mu, sample_weight=sw, power=1.3))))
    # 25 queries of 8 rows, predictions in steps so that some are tied; a query weighs as its number.
    keep = [q for q in range(25) if counts[q * 8:q * 8 + 8].sum() > 0 and (sw is None or q % 4 > 0)]
    queries = counts.reshape(25, 8)[keep], np.floor(mu * 4).reshape(25, 8)[keep]
    wq = None if sw is None else np.array([q % 4 for q in keep])
    for k in (3, 8):
        print(f"ndcg@{k}  ", repr(float(m.ndcg_score(*queries, k=k, sample_weight=wq))))
