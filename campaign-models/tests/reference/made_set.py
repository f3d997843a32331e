"""Makes the table of benches/made_set.rs and times LightGBM on it. Needs numpy, scikit-learn, lightgbm.

    made_set.py DIR            writes x.f32, y.f32 (little-endian, row after row) and times LightGBM
    made_set.py DIR --no-time  only writes

40 columns, 500,000 rows: 5 of the size of a standard normal, 5 log-normal as spend is, 4 counts, 20
more normals that mean nothing, 6 of codes with 8 to 64 values; a tenth of the first 34 is missing. The
chance of a conversion is logistic in a wave, a product, a step, a bounded count, a distance from zero
and an effect per code. LightGBM trains 200 trees of 63 leaves on the first 100,000 rows, on one thread;
CPU seconds with binning, AUC and log-loss on the last 100,000."""

import sys
import time
from pathlib import Path

import numpy as np

ROWS, TRAIN, TEST = 500_000, 100_000, 100_000
CODES = [8, 12, 16, 24, 32, 64]


def table(rng):
    columns = [rng.normal(size=ROWS) for _ in range(5)]
    columns += [np.exp(rng.normal(size=ROWS)) for _ in range(5)]
    columns += [rng.poisson(3, size=ROWS).astype(float) for _ in range(4)]
    columns += [rng.normal(size=ROWS) for _ in range(20)]
    score = 1.2 * np.sin(1.5 * columns[0]) + 0.8 * columns[1] * columns[2]
    score += 0.6 * np.log1p(columns[5]) * (columns[3] > 0)
    score -= 0.15 * np.minimum(columns[10], 6)
    score += 0.4 * np.abs(columns[4]) - 2.0
    for column in columns:
        column[rng.random(ROWS) < 0.1] = np.nan
    for n in CODES:
        code = rng.integers(n, size=ROWS)
        score += 0.5 * rng.normal(size=n)[code]
        columns.append(code.astype(float))
    y = rng.random(ROWS) < 1 / (1 + np.exp(-score))
    return np.stack(columns, axis=1).astype("<f4"), y.astype("<f4")


def time_lightgbm(x, y):
    import lightgbm
    from sklearn.metrics import log_loss, roc_auc_score

    parameters = {
        "objective": "binary", "num_leaves": 63, "learning_rate": 0.1, "max_bin": 255,
        "num_threads": 1, "verbose": -1, "deterministic": True, "force_col_wise": True,
    }
    start = time.process_time()
    data = lightgbm.Dataset(x[:TRAIN], y[:TRAIN], params=parameters)
    model = lightgbm.train(parameters, data, 200)
    trained = time.process_time()
    predicted = model.predict(x[-TEST:], num_threads=1)
    done = time.process_time()
    print(f"train: {trained - start:.2f} CPU s")
    print(f"predict {TEST} rows: {done - trained:.2f} CPU s")
    auc, loss = roc_auc_score(y[-TEST:], predicted), log_loss(y[-TEST:], predicted)
    print(f"AUC {auc:.5f}, log-loss {loss:.5f}")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    x, y = table(np.random.default_rng(4))
    x.tofile(folder / "x.f32")
    y.tofile(folder / "y.f32")
    if "--no-time" not in sys.argv:
        time_lightgbm(x, y)
