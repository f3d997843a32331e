"""Makes tests/data/losses.csv and prints what LightGBM reaches on it, for tests/losses_reference.rs.
Needs numpy, lightgbm. Run in the crate's folder: python3 tests/reference/losses.py

1,000 rows to train on and 1,000 others; three uniform features, a group of ten rows each, an exposure,
and a target per loss. LightGBM with 100 trees of 8 leaves, lambda_l2 1, on one thread; each number is
the loss of gbdt::Objective, 1 - NDCG@5 for the ranking.
"""
import lightgbm as lgb
import numpy as np

rng = np.random.default_rng(4)
N, TRAIN = 2000, 1000
x = rng.random((N, 3)).round(3)
effect = np.sin(6 * x[:, 0]) + x[:, 1]
exposure = rng.integers(1, 21, N)
columns = {
    "exposure": exposure,
    "real": (effect * 3 + rng.standard_t(3, N)).round(2),
    "fraction": (1 / (1 + np.exp(-effect - rng.normal(size=N)))).round(2),
    "count": rng.poisson(exposure * 0.3 * np.exp(effect)),
    "amount": np.maximum(rng.gamma(2, 5 * np.exp(effect), N).round(1), 0.1),
    "grade": np.clip((effect + rng.normal(size=N) * 0.7 + 1).round(), 0, 4).astype(int),
}
clicks = rng.poisson(1.5 * np.exp(effect))
columns["revenue"] = np.array([rng.gamma(2, 5, c).sum() if c else 0.0 for c in clicks]).round(1)
with open("tests/data/losses.csv", "w") as out:
    out.write("x0,x1,x2," + ",".join(columns) + "\n")
    for row in range(N):
        cells = list(x[row]) + [columns[c][row] for c in columns]
        out.write(",".join("%g" % c for c in cells) + "\n")

group = np.full(TRAIN // 10, 10)


def power(p):
    if p == 1:
        return lambda s, y: np.exp(s) - y * s
    if p == 2:
        return lambda s, y: s + y * np.exp(-s)
    return lambda s, y: y * np.exp((1 - p) * s) / (p - 1) + np.exp((2 - p) * s) / (2 - p)


def pinball(level):
    return lambda s, y: np.where(y > s, level * (y - s), (1 - level) * (s - y))


def huber(d):
    return lambda s, y: np.where(abs(y - s) <= d, (y - s) ** 2 / 2, d * (abs(y - s) - d / 2))


def ndcg(s, y):
    losses = []
    for start in range(0, len(y), 10):
        gain = 2.0 ** y[start:start + 10] - 1
        discount = 1 / np.log2(np.arange(2, 7))
        best = (np.sort(gain)[::-1][:5] * discount).sum()
        if gain.min() < gain.max():
            order = np.argsort(-s[start:start + 10], kind="stable")[:5]
            losses.append(1 - (gain[order] * discount).sum() / best)
    return np.mean(losses)


cases = [
    ("squared", "real", dict(objective="regression"), lambda s, y: (y - s) ** 2 / 2),
    ("logistic", "fraction", dict(objective="cross_entropy"), lambda s, y: np.logaddexp(0, s) - y * s),
    ("poisson", "count", dict(objective="poisson"), power(1)),
    ("gamma", "amount", dict(objective="gamma"), power(2)),
    ("tweedie 1.5", "revenue", dict(objective="tweedie", tweedie_variance_power=1.5), power(1.5)),
    ("quantile 0.9", "real", dict(objective="quantile", alpha=0.9), pinball(0.9)),
    ("huber 1", "real", dict(objective="huber", alpha=1.0), huber(1.0)),
    ("lambda_rank 5", "grade", dict(objective="lambdarank", lambdarank_truncation_level=5), None),
]
for name, target, objective, loss in cases:
    y = columns[target].astype(float)
    params = dict(objective, num_leaves=8, lambda_l2=1, verbose=-1, num_threads=1, deterministic=True)
    start = np.zeros(N)
    if target == "count":
        start = np.log(exposure) + np.log(y[:TRAIN].sum() / exposure[:TRAIN].sum())
    train = lgb.Dataset(x[:TRAIN], y[:TRAIN], group=group if loss is None else None,
                        init_score=start[:TRAIN] if target == "count" else None)
    model = lgb.train(params, train, 100)
    s, held = model.predict(x[TRAIN:], raw_score=True) + start[TRAIN:], y[TRAIN:]
    if loss is None:
        print(name, "%.5f" % ndcg(s, held), "constant %.5f" % ndcg(0 * s, held))
        continue
    tries = np.linspace(*np.quantile(y, [0.001, 0.999]), 2001)
    if objective["objective"] in ("poisson", "gamma", "tweedie"):
        tries = np.log(np.maximum(tries, 1e-2))
    if target == "fraction":
        tries = np.linspace(-3, 3, 2001)
    constant = min(loss(t + (np.log(exposure[TRAIN:]) if target == "count" else 0), held).mean() for t in tries)
    print(name, "%.5f" % loss(s, held).mean(), "constant %.5f" % constant)
