"""Shapley values and interactions by XGBoost (3.2.0) and LightGBM (4.7.0) of the models in
tests/data/import, for tests/shap_peers.rs. Run: python3 tests/reference/contributions.py

Writes tests/data/contributions.json. XGBoost computes in single precision. LightGBM weighs branches
by rows and not by hessians, so only a model whose hessians are 1 is comparable."""

import json
import pathlib

import lightgbm as lgb
import numpy as np
import xgboost as xgb

DATA = pathlib.Path(__file__).parent.parent / "data"
ROWS = 12


def rows(name):
    kept = json.loads((DATA / "import" / name).with_suffix(".expected.json").read_text())["x"]
    chosen = kept[:: len(kept) // ROWS][:ROWS]
    return np.array([[np.nan if v is None else v for v in row] for row in chosen])


def plain(x):
    return [[None if np.isnan(v) else v for v in row] for row in x.tolist()]


if __name__ == "__main__":
    models = []
    for name in ["xgboost_squared.json", "xgboost_logitraw.json", "xgboost_gamma.json"]:
        x = rows(name)
        model = xgb.Booster(model_file=DATA / "import" / name)
        data = xgb.DMatrix(x, feature_types=["q", "q", "q", "c", "c"], enable_categorical=True)
        values = model.predict(data, pred_contribs=True)
        pairs = model.predict(data, pred_interactions=True)
        models.append({
            "model": name, "x": plain(x), "values": values.astype(float).round(7).tolist(),
            "pairs": pairs[:, :-1, :-1].astype(float).round(7).tolist(),
        })
    for name in ["lightgbm_quantile.txt"]:
        x = rows(name)
        values = lgb.Booster(model_file=DATA / "import" / name).predict(x, pred_contrib=True)
        models.append({"model": name, "x": plain(x), "values": values.tolist(), "pairs": None})
    text = json.dumps(models, separators=(",", ":"))
    (DATA / "contributions.json").write_text(text + "\n")
    print(len(text))
