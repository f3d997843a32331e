"""Makes the set of tests/conformal_peers.rs and measures peers on it. Needs numpy, lightgbm and, for its three
methods, perpetual.

    cover_set.py DIR    writes cover.f64 (little-endian, row after row: six features, target)

4,000 rows to train, 1,000 to calibrate, 20,000 to judge: y = 2 sin(x0) + x1 x2 + (0.5 + |x3|) noise, all standard
normal, by numpy's default generator from seed 0. Peers are given the rows in these parts, coverage 0.9."""

import os
import sys
import time
from pathlib import Path

os.environ["RAYON_NUM_THREADS"] = "1"

import lightgbm as lgb
import numpy as np

rng = np.random.default_rng(0)


def part(n):
    x = rng.standard_normal((n, 6))
    return x, 2 * np.sin(x[:, 0]) + x[:, 1] * x[:, 2] + (0.5 + np.abs(x[:, 3])) * rng.standard_normal(n)


(x, y), (xc, yc), (xt, yt) = parts = [part(n) for n in (4_000, 1_000, 20_000)]
rows = np.concatenate([np.column_stack(p) for p in parts])
Path(sys.argv[1], "cover.f64").write_bytes(rows.astype("<f8").tobytes())


def say(name, low, high, begin):
    cover, width = np.mean((low <= yt) & (yt <= high)), np.mean(high - low)
    print(f"{name}: coverage {cover:.4f}, mean width {width:.3f}, CPU {time.process_time() - begin:.2f} s")


begin = time.process_time()
settings = dict(objective="quantile", num_leaves=15, learning_rate=0.05, verbose=-1, num_threads=1)
low, high = (lgb.train(dict(settings, alpha=a), lgb.Dataset(x, y), 150) for a in (0.05, 0.95))
say("LightGBM quantiles as they are", low.predict(xt), high.predict(xt), begin)
scores = np.sort(np.maximum(low.predict(xc) - yc, yc - high.predict(xc)))
margin = scores[int(np.ceil(1_001 * 0.9)) - 1]
say("LightGBM quantiles, CQR", low.predict(xt) - margin, high.predict(xt) + margin, begin)
try:
    from perpetual import PerpetualBooster
except ImportError:
    sys.exit("perpetual is not installed")
for method in ("WeightVariance", "MinMax", "GRP"):
    begin = time.process_time()
    model = PerpetualBooster(objective="SquaredLoss", budget=0.3, num_threads=1, save_node_stats=True)
    model.fit(x, y)
    model.calibrate(xc, yc, [0.1], method=method)
    ends = np.array(list(model.predict_intervals(xt).values())[0])
    say("perpetual " + method, ends[:, 0], ends[:, 1], begin)
