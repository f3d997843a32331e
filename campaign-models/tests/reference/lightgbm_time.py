"""LightGBM on the data of benches/gbdt.rs, one thread. Run: python3 tests/reference/lightgbm_time.py

Prints CPU seconds of training (bins included) and of prediction, best and all of several runs.
"""
import time

import lightgbm as lgb
import numpy as np

ROWS, COLUMNS, TREES, RUNS = 100_000, 20, 50, 7


def uniforms(n):
    with np.errstate(over="ignore"):
        z = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)) / 2.0**53


u = uniforms(ROWS * (COLUMNS + 1))
x = u[: ROWS * COLUMNS].reshape(ROWS, COLUMNS)
score = 2 * np.sin(6 * x[:, 0]) + 3 * x[:, 1] * x[:, 2] - x[:, 3] - 0.5
y = (u[ROWS * COLUMNS :] < 1 / (1 + np.exp(-score))).astype(float)
params = dict(objective="binary", num_leaves=31, learning_rate=0.1, max_bin=255, min_data_in_leaf=20,
              lambda_l2=1.0, num_threads=1, verbose=-1)
train, predict = [], []
for _ in range(RUNS):
    start = time.process_time()
    model = lgb.train(params, lgb.Dataset(x, y), TREES)
    train.append(time.process_time() - start)
    start = time.process_time()
    p = model.predict(x, num_threads=1)
    predict.append(time.process_time() - start)
loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
print("LightGBM", lgb.__version__, "training log-loss %.5f" % loss)
print("train s  ", "best %.3f" % min(train), " ".join("%.3f" % t for t in train))
print("predict s", "best %.3f" % min(predict), " ".join("%.3f" % t for t in predict))
