"""Models and expected predictions of tests/import.rs. Run: python3 tests/reference/import.py

Writes tests/data/import: models of LightGBM and XGBoost, and for each a file of rows with the
prediction of the library and that of the walkers below, which read the model's file in double
precision and share no code with the crate.
"""
import json
import math
import pathlib

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb

OUT = pathlib.Path(__file__).parent.parent / "data" / "import"
CHANNELS = ["display", "search", "social", "video"]
COLUMNS = ["spend", "clicks", "balance", "channel", "creative"]
ROWS = 1500


def table(seed):
    """Numbers, some missing, some zero; a column of 4 levels and one of 40."""
    r = np.random.default_rng(seed)
    x = np.column_stack([
        r.exponential(size=ROWS),
        r.poisson(2.0, size=ROWS).astype(float),
        r.normal(size=ROWS),
        r.integers(0, 4, ROWS).astype(float),
        r.integers(0, 40, ROWS).astype(float),
    ])
    x[r.random(ROWS) < 0.3, 2] = 0.0
    signal = np.log1p(x[:, 0]) + 0.3 * x[:, 1] - (x[:, 2] > 0.4) + (x[:, 2] == 0)
    signal += (x[:, 3] == 2) - 0.7 * (x[:, 4] % 3 == 0)
    for column in range(5):
        x[r.random(ROWS) < 0.08, column] = np.nan
    signal[np.isnan(x[:, 0])] += 0.6
    return x, signal, r


def frame(x):
    f = pd.DataFrame(x, columns=COLUMNS)
    for c, names in (("channel", CHANNELS), ("creative", [f"ad {i}" for i in range(40)])):
        codes = f[c].fillna(-1).astype(int)
        f[c] = pd.Categorical.from_codes(codes, categories=names)
    return f


# LightGBM ------------------------------------------------------------------------------------------

def lightgbm_sections(text):
    header, trees, current = {}, [], None
    for line in text.split("end of trees")[0].splitlines():
        key, _, value = line.partition("=")
        if key == "Tree":
            trees.append({})
        elif key:
            (trees[-1] if trees else header)[key] = value
    return header, trees


def lightgbm_walk(text, row):
    header, trees = lightgbm_sections(text)
    total = []
    for tree in trees:
        numbers = lambda key, kind=float: [kind(v) for v in tree.get(key, "").split()]
        leaf = numbers("leaf_value")
        if int(tree["num_leaves"]) == 1:
            total.append(leaf[0])
            continue
        at = 0
        while at >= 0:
            x = row[numbers("split_feature", int)[at]]
            kind = numbers("decision_type", int)[at]
            threshold = numbers("threshold")[at]
            missing = kind >> 2 & 3
            if kind & 1:
                lo, hi = numbers("cat_boundaries", int)[int(threshold):int(threshold) + 2]
                words = numbers("cat_threshold", int)[lo:hi]
                left = (not math.isnan(x) and x >= 0 and int(x) // 32 < len(words)
                        and words[int(x) // 32] >> int(x) % 32 & 1 == 1)
            else:
                if math.isnan(x) and missing != 2:
                    x = 0.0
                if (missing == 1 and abs(x) <= float(np.float32(1e-35))) or (missing == 2 and math.isnan(x)):
                    left = kind & 2 != 0
                else:
                    left = x <= threshold
            at = numbers("left_child" if left else "right_child", int)[at]
        total.append(leaf[~at])
    score = math.fsum(total)
    if "average_output" in header:
        score /= len(trees)
    name, *rest = header["objective"].split()
    if name in ("binary", "cross_entropy"):
        sigmoid = float(dict(w.split(":") for w in rest).get("sigmoid", 1))
        return score * sigmoid, 1 / (1 + math.exp(-score * sigmoid))
    return score, math.exp(score) if name in ("poisson", "gamma", "tweedie") else score


def probe_rows(x, thresholds, levels):
    """Training rows, and rows at thresholds, beside them, far away and around zero."""
    r = np.random.default_rng(5)
    rows = [list(row) for row in x[:20]]
    for column in range(3):
        values = [np.nan, 0.0, -0.0, 1e-35, -1e-35, 1e-30, -1e-30, 1e30, -1e30]
        picked = sorted(thresholds.get(column, []))[:6]
        for t in picked:
            values += [np.nextafter(t, -np.inf), np.nextafter(t, np.inf)]
            # What is nearer to zero than this, this included, LightGBM's reader of matrices takes for
            # zero; its trees have thresholds there.
            if t != -float(np.float32(1e-35)):
                values.append(t)
        for v in values:
            row = list(x[r.integers(20)])
            row[column] = float(v)
            rows.append(row)
    for column in (3, 4):
        for level in levels[column]:
            row = list(x[r.integers(20)])
            row[column] = float(level)
            rows.append(row)
    return rows


def write(name, model, rows, walked, library, contributions):
    assert len(model) < 100_000, name
    (OUT / name).write_text(model)
    gap = max(abs(p - q) / (1 + abs(q)) for (_, p), q in zip(walked, library))
    none = lambda v: None if math.isnan(v) else v
    expected = {
        "x": [[none(float(v)) for v in row] for row in rows],
        "score": [s for s, _ in walked],
        "prediction": [p for _, p in walked],
        "library": [float(v) for v in library],
        # Of the first rows: a value a column, and the base value.
        "contributions": [[float(v) for v in row] for row in contributions[:20]],
    }
    text = json.dumps(expected, separators=(",", ":"))
    (OUT / name).with_suffix(".expected.json").write_text(text + "\n")
    print(f"{name}: {len(model)} bytes, {len(rows)} rows, walker and library differ by {gap:.1e}")


def lightgbm_model(name, seed, target, by_frame=False, **parameters):
    x, signal, r = table(seed)
    y, extra = target(signal, r)
    data = frame(x) if by_frame else x
    kept = dict(num_leaves=8, verbose=-1, num_threads=1, min_data_per_group=10, cat_smooth=2,
                min_data_in_leaf=15, deterministic=True, **parameters)
    categorical = "auto" if by_frame else [3, 4]
    booster = lgb.train(kept, lgb.Dataset(data, y, categorical_feature=categorical, **extra), 10)
    text = booster.model_to_string()
    # The parameters of the training, most of the file, are not read.
    head, tail = text.split("\nparameters:\n")
    text = head + "\n" + tail.split("end of parameters\n")[1]
    _, trees = lightgbm_sections(text)
    thresholds = {}
    for tree in trees:
        for f, t, k in zip(*(tree.get(key, "").split() for key in ("split_feature", "threshold", "decision_type"))):
            if not int(k) & 1:
                thresholds.setdefault(int(f), set()).add(float(t))
    # -1 and 700 are no level.
    levels = {3: [0, 1, 2, 3, 4, -1, np.nan], 4: [*range(0, 40, 3), 40, 64, 700, -1, np.nan]}
    rows = probe_rows(x, thresholds, levels)
    walked = [lightgbm_walk(text, row) for row in rows]
    library = lgb.Booster(model_str=text).predict(np.array(rows))
    # LightGBM counts rows where the crate counts hessians: the same only where hessians are 1.
    same = name == "quantile"
    contributions = lgb.Booster(model_str=text).predict(np.array(rows), pred_contrib=True) if same else []
    write(f"lightgbm_{name}.txt", text, rows, walked, library, contributions)


def binary(s, r):
    return (s + r.normal(size=ROWS) > 1).astype(float), {}


def positive(s, r):
    return np.exp(0.5 * s) * r.gamma(4, 0.25, size=ROWS), {}


def real(s, r):
    return s + 0.3 * r.normal(size=ROWS), {}


def count(s, r):
    return r.poisson(np.exp(0.4 * s)).astype(float), {}


def fraction(s, r):
    return 1 / (1 + np.exp(-s + r.normal(size=ROWS))), {}


def ranks(s, r):
    return np.clip(np.round(s + r.normal(size=ROWS)), 0, 4), {"group": [30] * (ROWS // 30)}


# XGBoost -------------------------------------------------------------------------------------------

def xgboost_walk(model, row):
    learner = model["learner"]
    booster = learner["gradient_booster"]
    weights = booster.get("weight_drop")
    trees = (booster["gbtree"] if "gbtree" in booster else booster)["model"]["trees"]
    total = []
    for i, tree in enumerate(trees):
        at = 0
        sets = {}
        for node, start, size in zip(*(tree["categories_" + k] for k in ("nodes", "segments", "sizes"))):
            sets[node] = tree["categories"][start:start + size]
        while tree["left_children"][at] != -1:
            x = row[tree["split_indices"][at]]
            if math.isnan(x):
                left = tree["default_left"][at]
            elif tree["split_type"][at]:
                left = int(x) not in sets[at]
            else:
                left = np.float32(x) < np.float32(tree["split_conditions"][at])
            at = tree["left_children" if left else "right_children"][at]
        value = float(np.float32(tree["split_conditions"][at]))
        total.append(value * float(np.float32(weights[i])) if weights else value)
    mean = float(np.float32(learner["learner_model_param"]["base_score"].strip("[]")))
    name = learner["objective"]["name"]
    if name in ("binary:logistic", "reg:logistic"):
        score = math.fsum([math.log(mean / (1 - mean)), *total])
        return score, 1 / (1 + math.exp(-score))
    if name in ("count:poisson", "reg:gamma", "reg:tweedie"):
        score = math.fsum([math.log(mean), *total])
        return score, math.exp(score)
    score = math.fsum([mean, *total])
    return score, score


def xgboost_model(name, seed, target, by_frame=False, **parameters):
    x, signal, r = table(seed)
    y, extra = target(signal, r)
    types = dict(feature_types=["q", "q", "q", "c", "c"], enable_categorical=True)
    data = xgb.DMatrix(frame(x), y, enable_categorical=True) if by_frame else xgb.DMatrix(x, y, **types)
    if "group" in extra:
        data.set_group(extra["group"])
    kept = dict(max_depth=3, nthread=1, seed=1, max_cat_to_onehot=5, **parameters)
    booster = xgb.train(kept, data, 10)
    text = booster.save_raw("json").decode()
    model = json.loads(text)
    gradient_booster = model["learner"]["gradient_booster"]
    trees = (gradient_booster["gbtree"] if "gbtree" in gradient_booster else gradient_booster)["model"]["trees"]
    thresholds = {}
    for tree in trees:
        for at, left in enumerate(tree["left_children"]):
            if left != -1 and not tree["split_type"][at]:
                t = np.float32(tree["split_conditions"][at])
                lower = np.nextafter(t, np.float32(-np.inf))
                middle = (float(t) + float(lower)) / 2
                near = thresholds.setdefault(tree["split_indices"][at], set())
                # Halfway between the threshold and the number below it is where rounding turns.
                near.update([middle, float(t)])
    # No level beyond the training's: for a model from a data frame XGBoost refuses it.
    levels = {3: [0, 1, 2, 3, np.nan], 4: [*range(0, 40, 3), np.nan]}
    rows = probe_rows(x, thresholds, levels)
    walked = [xgboost_walk(model, row) for row in rows]
    if by_frame:
        asked = xgb.DMatrix(frame(np.array(rows)), enable_categorical=True)
    else:
        asked = xgb.DMatrix(np.array(rows), **types)
    contributions = booster.predict(asked, pred_contribs=True)
    write(f"xgboost_{name}.json", text, rows, walked, booster.predict(asked), contributions)


OUT.mkdir(parents=True, exist_ok=True)
print("LightGBM", lgb.__version__, "XGBoost", xgb.__version__)
lightgbm_model("binary_frame", 1, binary, by_frame=True, objective="binary")
lightgbm_model("sigmoid_no_missing", 2, binary, objective="binary", sigmoid=1.7, use_missing=False)
lightgbm_model("poisson_zero_missing", 3, count, objective="poisson", zero_as_missing=True)
lightgbm_model("forest", 4, binary, objective="binary", boosting="rf", bagging_freq=1, bagging_fraction=0.6)
lightgbm_model("tweedie_dart", 5, positive, objective="tweedie", boosting="dart", drop_rate=0.5)
lightgbm_model("quantile", 6, real, objective="quantile", alpha=0.9)
lightgbm_model("cross_entropy", 7, fraction, objective="cross_entropy")
lightgbm_model("lambdarank", 8, ranks, objective="lambdarank")
xgboost_model("logistic_frame", 1, binary, by_frame=True, objective="binary:logistic")
xgboost_model("squared", 2, real, objective="reg:squarederror")
xgboost_model("poisson_dart", 3, count, objective="count:poisson", booster="dart", rate_drop=0.5)
xgboost_model("gamma", 4, positive, objective="reg:gamma", num_parallel_tree=2, subsample=0.7)
xgboost_model("logitraw", 5, binary, objective="binary:logitraw")
xgboost_model("rank", 6, ranks, objective="rank:ndcg")
