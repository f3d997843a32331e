"""Times Shapley values of XGBoost, shap and LightGBM on the table that made_set.py wrote, beside
benches/shap.rs. Needs numpy, xgboost, lightgbm, shap.

    shap_peers.py DIR

200 trees on the first 100,000 rows; XGBoost of depth 6, LightGBM of depth 6 with up to 64 leaves and
of 63 leaves; CPU microseconds per row on one thread, best of three."""

import os
import sys
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import lightgbm as lgb
import numpy as np
import shap
import xgboost as xgb

COLUMNS, TRAIN = 40, 100_000


def best(what, rows, work):
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    print(f"{what}: {min(times) / rows * 1e6:.0f} us per row", flush=True)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    x = np.fromfile(folder / "x.f32", "<f4").reshape(-1, COLUMNS)
    y = np.fromfile(folder / "y.f32", "<f4")
    test = x[400_000:410_000]

    parameters = {"objective": "binary:logistic", "eta": 0.1, "tree_method": "hist", "max_bin": 256,
                  "nthread": 1, "max_depth": 6}
    model = xgb.train(parameters, xgb.QuantileDMatrix(x[:TRAIN], y[:TRAIN], nthread=1), 200)
    many, few = (xgb.DMatrix(test[:n], nthread=1) for n in (1000, 50))
    best("XGBoost, depth 6, values", 1000, lambda: model.predict(many, pred_contribs=True))
    best("XGBoost, depth 6, interactions", 50, lambda: model.predict(few, pred_interactions=True))
    explainer = shap.TreeExplainer(model)
    best("shap, depth 6, values", 500, lambda: explainer.shap_values(test[:500]))
    zeros = np.nan_to_num(test)
    against = shap.TreeExplainer(model, data=zeros[-100:])
    best("shap, depth 6, against 100 rows", 50, lambda: against.shap_values(zeros[:50]))

    for name, leaves, depth in [("depth 6", 64, 6), ("63 leaves", 63, -1)]:
        parameters = {"objective": "binary", "num_leaves": leaves, "max_depth": depth, "verbose": -1,
                      "learning_rate": 0.1, "max_bin": 255, "num_threads": 1}
        model = lgb.train(parameters, lgb.Dataset(x[:TRAIN], y[:TRAIN], params=parameters), 200)
        best(f"LightGBM, {name}, values", 1000,
             lambda: model.predict(test[:1000], pred_contrib=True, num_threads=1))
