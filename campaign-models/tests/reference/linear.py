"""Numbers of tests/linear.rs. Run: python3 tests/reference/linear.py

The generator of tests/reference/metrics.py makes the data here and there. Columns are coded by hand as
LinearConfig says; scikit-learn fits.
"""
import warnings

import numpy as np
import sklearn
from sklearn import linear_model as lm



def uniforms(n, seed):
    out, state = [], seed
    for _ in range(n):
        state = (state * 1103515245 + 12345) % 2**31
        out.append(state / 2**31)
    return np.array(out)


N = 240
u = uniforms(6 * N, 11)
u = u.reshape(6, N)
x0 = 4 * u[0] - 2
x1 = 5000 + 300 * u[1] + 50 * x0
x1[u[2] < 0.15] = np.nan
level = np.floor(3 * u[3])
level[::11] = np.nan
weight = 0.5 + np.floor(3 * u[4])
signal = 0.8 * x0 + np.where(level == 1, 0.7, -0.2) + np.where(np.isnan(x1), 0.5, (x1 - 5150) / 300)
real = signal + u[5] - 0.5
binary = (u[5] < 1 / (1 + np.exp(-signal))).astype(float)
count = np.floor(3 * u[5] * np.exp(0.5 * signal))
w = weight / weight.sum()


def design(penalised):
    mean = np.average(x1[~np.isnan(x1)], weights=weight[~np.isnan(x1)])
    levels = [level == i for i in range(3)] + [np.isnan(level)]
    terms = [x0, np.where(np.isnan(x1), mean, x1), np.isnan(x1)] + (levels if penalised else levels[1:])
    t = np.array(terms, dtype=float).T
    m = w @ t
    return (t - m) / np.sqrt(w @ (t - m) ** 2)


def show(name, scores):
    print(f"{name:22}", [float(f"{v:.10g}") for v in scores[:8]])


print("scikit-learn", sklearn.__version__)
warnings.simplefilter("ignore")
z, full = design(False), design(True)
show("least squares", lm.LinearRegression().fit(z, real, weight).predict(z))
l2 = 0.05
ridge = lm.Ridge(alpha=l2 * weight.sum(), tol=1e-14).fit(full, real, weight)
show("ridge", ridge.predict(full))
l1 = 0.1
net = lm.ElasticNet(alpha=l1 + l2, l1_ratio=l1 / (l1 + l2), tol=1e-14, max_iter=10**6)
show("elastic net", net.fit(full, real, weight).predict(full))
print("  zero coefficients", int((net.coef_ == 0).sum()))
newton = dict(solver="newton-cholesky", tol=1e-13, max_iter=1000)
plain = lm.LogisticRegression(C=np.inf, **newton).fit(z, binary, weight)
show("logistic", plain.decision_function(z))
ridge = lm.LogisticRegression(C=1 / (l2 * weight.sum()), **newton).fit(full, binary, weight)
show("logistic ridge", ridge.decision_function(full))
l1 = 0.02
saga = lm.LogisticRegression(
    C=1 / ((l1 + l2) * weight.sum()), l1_ratio=l1 / (l1 + l2), solver="saga", tol=1e-13, max_iter=10**6
).fit(full, binary, weight)
show("logistic elastic net", saga.decision_function(full))
print("  zero coefficients", int((saga.coef_ == 0).sum()))
poisson = lm.PoissonRegressor(alpha=l2, solver="newton-cholesky", tol=1e-13, max_iter=1000)
show("poisson ridge", np.log(poisson.fit(full, count, weight).predict(full)))
