//! XGBoost's JSON: everything but the trees.

use std::sync::Arc;

use campaign_core::Column;
use serde::Deserialize;

use super::super::loss::{FittedLoss, Link};
use super::super::model::Gbdt;
use super::columns::{FileColumn, FileKind, MOST_LEVELS, resolve};
use super::error::{ImportError, Place, beginning};
use super::xgboost_tree::FileTree;

#[derive(Deserialize)]
struct File {
    learner: Learner,
}

#[derive(Deserialize)]
struct Learner {
    #[serde(default)]
    feature_names: Vec<Arc<str>>,
    #[serde(default)]
    feature_types: Vec<String>,
    gradient_booster: Booster,
    learner_model_param: Parameters,
    objective: Named,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Parameters {
    base_score: String,
    num_class: String,
    num_feature: String,
    #[serde(default)]
    num_target: Option<String>,
}

/// Read with care, so that another booster is named as such and not as a wrong shape.
#[derive(Deserialize)]
struct Booster {
    name: String,
    #[serde(default)]
    model: Option<Trees>,
    /// Of dart: the trees, and what each counts.
    #[serde(default)]
    gbtree: Option<Inner>,
    #[serde(default)]
    weight_drop: Vec<f32>,
}

#[derive(Deserialize)]
struct Inner {
    model: Trees,
}

/// `gblinear` has weights where others have trees.
#[derive(Deserialize)]
struct Trees {
    #[serde(default)]
    trees: Vec<FileTree>,
    #[serde(default)]
    cats: Categories,
}

#[derive(Default, Deserialize)]
struct Categories {
    #[serde(default)]
    enc: Vec<Encoding>,
}

/// The levels of a column: texts one after another, cut at `offsets`, or numbers.
#[derive(Deserialize)]
struct Encoding {
    #[serde(default)]
    offsets: Option<Vec<usize>>,
    values: Vec<serde_json::Number>,
}

fn wrong(key: &'static str, got: &str, expected: &'static str) -> ImportError {
    ImportError::Value { place: Place::Header, key, got: beginning(got), expected }
}

impl Gbdt {
    /// Reads a model that XGBoost wrote as JSON (`save_model("model.json")`; tried with 3.2).
    ///
    /// Predictions are XGBoost's but for rounding: XGBoost compares and adds in single precision. Its
    /// comparisons are carried over exactly: a value goes the way that its single-precision neighbour
    /// goes there. Sums are in double precision. All trees count, those after the best iteration too.
    ///
    /// A level is XGBoost's code. `columns` may say what the file does not: names where it has none
    /// (else `f0`, `f1`, ...), and levels, which it has only if the model was trained from a data
    /// frame. What the file has must agree. A number that is no level goes where the missing go; in
    /// XGBoost it goes left, or is an error.
    ///
    /// # Errors
    /// [`ImportError`] for what is not such a file or damaged, for linear boosters, several classes or
    /// targets, and losses whose link is not in [`Link`], for categorical columns whose levels are not
    /// known, and for columns given that are not the file's.
    ///
    /// # Examples
    /// ```
    /// use campaign_models::Gbdt;
    /// let json = r#"{"learner": {
    ///     "feature_names": ["ctr_7d"], "feature_types": ["float"],
    ///     "gradient_booster": {"name": "gbtree", "model": {"trees": [{
    ///         "left_children": [1, -1, -1], "right_children": [2, -1, -1],
    ///         "split_indices": [0, 0, 0], "split_conditions": [0.02, -0.5, 0.25],
    ///         "default_left": [1, 0, 0], "loss_changes": [3, 0, 0], "sum_hessian": [8, 6, 2]
    ///     }]}},
    ///     "learner_model_param": {"base_score": "[5E-1]", "num_class": "0", "num_feature": "1"},
    ///     "objective": {"name": "binary:logistic"}
    /// }}"#;
    /// let model = Gbdt::from_xgboost(json, None)?;
    /// assert_eq!(model.score_row(&[0.01])?, -0.5);
    /// // Below the threshold, but not in single precision.
    /// assert_eq!(model.score_row(&[0.02 - 1e-12])?, 0.25);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_xgboost(json: &str, columns: Option<&[Column]>) -> Result<Self, ImportError> {
        let Learner {
            feature_names,
            feature_types,
            gradient_booster,
            learner_model_param,
            objective,
        } = serde_json::from_str::<File>(json)?.learner;
        check_parameters(&learner_model_param)?;
        let link = link(&objective.name)?;
        let base_score = base_score(&learner_model_param.base_score, link)?;
        let (model, weights) = booster(gradient_booster)?;
        let n_columns = learner_model_param.num_feature.parse();
        let n_columns = n_columns
            .map_err(|_| wrong("num_feature", &learner_model_param.num_feature, "a number"))?;
        let file = file_columns(n_columns, feature_names, &feature_types, model.cats)?;
        let columns = resolve(file, "f", columns)?;
        let weights = weights.into_iter().map(f64::from).chain(std::iter::repeat(1.0));
        let trees = model.trees.into_iter().zip(weights).enumerate();
        let trees = trees.map(|(i, (tree, weight))| tree.read(i, weight, &columns));
        let trees = trees.collect::<Result<Vec<_>, _>>()?;
        let loss = FittedLoss::imported(&format!("xgboost {}", objective.name), link);
        Ok(Self::from_parts(loss, base_score, columns, trees))
    }
}

fn check_parameters(parameters: &Parameters) -> Result<(), ImportError> {
    let n_target = parameters.num_target.as_deref().unwrap_or("1");
    for (what, got, allowed) in [
        ("the number of classes", parameters.num_class.as_str(), ["0", "1"]),
        ("the number of targets", n_target, ["0", "1"]),
    ] {
        if !allowed.contains(&got) {
            return Err(ImportError::Unsupported { what, got: beginning(got), expected: "1" });
        }
    }
    Ok(())
}

/// The trees, and what each counts where not all count alike.
fn booster(booster: Booster) -> Result<(Trees, Vec<f32>), ImportError> {
    match (booster.name.as_str(), booster.model, booster.gbtree) {
        ("gbtree", Some(model), _) => Ok((model, Vec::new())),
        ("dart", _, Some(Inner { model })) => {
            let (got, expected) = (booster.weight_drop.len(), model.trees.len());
            if got != expected {
                let (place, key) = (Place::Header, "weight_drop");
                return Err(ImportError::Length { place, key, got, expected });
            }
            Ok((model, booster.weight_drop))
        }
        ("gbtree" | "dart", ..) => Err(ImportError::Missing { place: Place::Header, key: "model" }),
        (other, ..) => Err(ImportError::Unsupported {
            what: "the booster",
            got: beginning(other),
            expected: "gbtree or dart",
        }),
    }
}

fn link(objective: &str) -> Result<Link, ImportError> {
    match objective {
        "reg:squarederror"
        | "reg:linear"
        | "reg:squaredlogerror"
        | "reg:pseudohubererror"
        | "reg:absoluteerror"
        | "reg:quantileerror"
        | "binary:logitraw"
        | "rank:ndcg"
        | "rank:map"
        | "rank:pairwise" => Ok(Link::Identity),
        "binary:logistic" | "reg:logistic" => Ok(Link::Logit),
        "count:poisson" | "reg:gamma" | "reg:tweedie" | "survival:cox" | "survival:aft" => {
            Ok(Link::Log)
        }
        other => Err(ImportError::Unsupported {
            what: "the objective",
            got: beginning(other),
            expected: "one with an identity, logit or log link",
        }),
    }
}

/// The score before the first tree: files have the prediction that stands for it, newer ones in
/// brackets.
fn base_score(text: &str, link: Link) -> Result<f64, ImportError> {
    let number = text.trim_start_matches('[').trim_end_matches(']');
    let mean: f32 = number.parse().map_err(|_| wrong("base_score", text, "one number"))?;
    let mean = f64::from(mean);
    let score = match link {
        Link::Logit => (mean / (1.0 - mean)).ln(),
        Link::Log => mean.ln(),
        Link::Identity => mean,
    };
    if score.is_finite() {
        Ok(score)
    } else {
        Err(wrong("base_score", text, "one that its link can give"))
    }
}

fn file_columns(
    n: usize,
    names: Vec<Arc<str>>,
    types: &[String],
    categories: Categories,
) -> Result<Vec<FileColumn>, ImportError> {
    let lengths = [
        ("feature_names", names.len()),
        ("feature_types", types.len()),
        ("cats", categories.enc.len()),
    ];
    for (key, got) in lengths {
        if got != 0 && got != n {
            return Err(ImportError::Length { place: Place::Header, key, got, expected: n });
        }
    }
    if n > MOST_LEVELS as usize {
        return Err(wrong("num_feature", &n.to_string(), "at most 1048576"));
    }
    let mut encodings = categories.enc.into_iter();
    let mut names = names.into_iter();
    let mut columns = Vec::with_capacity(n);
    for i in 0..n {
        let levels = encodings.next().map(Encoding::levels).transpose()?.unwrap_or_default();
        let kind = match types.get(i).map(String::as_str) {
            Some("c") if levels.is_empty() => FileKind::Unknown,
            Some("c") => FileKind::Levels(levels),
            _ => FileKind::Numeric,
        };
        columns.push(FileColumn { name: names.next(), kind });
    }
    Ok(columns)
}

impl Encoding {
    fn levels(self) -> Result<Vec<Arc<str>>, ImportError> {
        let Some(offsets) = self.offsets else {
            return Ok(self.values.iter().map(|value| value.to_string().into()).collect());
        };
        let byte = |value: &serde_json::Number| value.as_u64().and_then(|b| u8::try_from(b).ok());
        let bytes: Option<Vec<u8>> = self.values.iter().map(byte).collect();
        let bytes = bytes.ok_or_else(|| wrong("cats", "values", "bytes"))?;
        let level = |bounds: &[usize]| {
            let text = bytes.get(bounds[0]..bounds[1]).map(std::str::from_utf8);
            match text {
                Some(Ok(text)) => Ok(text.into()),
                _ => Err(wrong("cats", "offsets", "ascending bounds of UTF-8 texts")),
            }
        };
        offsets.windows(2).map(level).collect()
    }
}
