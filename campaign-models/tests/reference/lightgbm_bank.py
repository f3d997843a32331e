"""LightGBM with its defaults on the data of tests/bank_marketing.rs, folds by scikit-learn (the same kind,
not the same rows). Run: CAMPAIGN_DATA=FOLDER python3 tests/reference/lightgbm_bank.py
"""
import os

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold

d = pd.read_csv(os.environ["CAMPAIGN_DATA"] + "/bank-marketing/bank-full.csv.gz", sep=";")
y = (d.pop("y") == "yes").astype(int).to_numpy()
d = d.drop(columns="duration")
text = [c for c in d if not pd.api.types.is_numeric_dtype(d[c])]
d[text] = d[text].astype("category")
auc, loss = [], []
for train, valid in StratifiedKFold(5, shuffle=True, random_state=42).split(d, y):
    params = dict(objective="binary", verbose=-1, num_threads=1)
    model = lgb.train(params, lgb.Dataset(d.iloc[train], y[train]), 100)
    p = model.predict(d.iloc[valid])
    auc.append(roc_auc_score(y[valid], p))
    loss.append(log_loss(y[valid], p))
print("LightGBM", lgb.__version__, "AUC %.4f" % np.mean(auc), "log-loss %.4f" % np.mean(loss))
