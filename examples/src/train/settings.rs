//! What the trees are like: given, or found on splits of the training data.

use campaign_core::Dataset;
use campaign_models::{GbdtConfig, Monotone};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

use super::splits::splits;
use super::target::Task;
use crate::program::{Failure, OrFail as _};

/// Splits on which the number of trees is found.
const SPLITS: usize = 3;

/// Trees without a smaller loss, after which a split is done.
const PATIENCE: usize = 50;

/// Step of each tree where their number is found.
const LEARNING_RATE: f64 = 0.05;

/// The most trees that are looked at.
const MOST_TREES: usize = 1000;

/// The configuration of a task with what was given: `NAME=VALUE` for parameters, `COLUMN:+1` or
/// `COLUMN:-1` for columns along which predictions only rise or only fall.
///
/// # Errors
/// For a text of another form, or a name that is no parameter.
pub fn config(
    task: Task,
    quantile: f64,
    parameters: &[String],
    monotone: &[String],
) -> Result<GbdtConfig, Failure> {
    let mut config = GbdtConfig::new(task.objective(quantile))
        .with_trees(MOST_TREES)
        .with_learning_rate(LEARNING_RATE);
    for text in parameters {
        set(&mut config, text)?;
    }
    for text in monotone {
        let sign = text.rsplit_once(':').and_then(|(column, sign)| match sign {
            "+1" | "1" | "+" => Some((column, Monotone::Increasing)),
            "-1" | "-" => Some((column, Monotone::Decreasing)),
            _ => None,
        });
        let expected = "expected a column and a sign as in spend:+1";
        let (column, direction) =
            sign.ok_or_else(|| Failure::new(format!("--monotone: {text:?}, {expected}")))?;
        config = config.with_monotone(column, direction);
    }
    Ok(config)
}

fn set(config: &mut GbdtConfig, text: &str) -> Result<(), Failure> {
    let wrong = |expected: &str| Failure::new(format!("--set: {text:?}, expected {expected}"));
    let (name, value) = text.split_once('=').ok_or_else(|| wrong("NAME=VALUE"))?;
    let number = || value.parse::<f64>().map_err(|_| wrong("a number"));
    let count = || value.parse::<usize>().map_err(|_| wrong("a whole number"));
    match name {
        "trees" => config.trees = count()?,
        "learning_rate" => config.learning_rate = number()?,
        "max_leaves" => config.max_leaves = count()?,
        "max_depth" => config.max_depth = Some(count()?),
        "max_bins" => config.max_bins = count()?,
        "min_child_rows" => config.min_child_rows = count()?,
        "min_child_hessian" => config.min_child_hessian = number()?,
        "l1" => config.l1 = number()?,
        "l2" => config.l2 = number()?,
        "min_gain" => config.min_gain = number()?,
        "row_sample" => config.row_sample = number()?,
        "column_sample" => config.column_sample = number()?,
        "categorical_l2" => config.categorical_l2 = number()?,
        "categorical_smoothing" => config.categorical_smoothing = number()?,
        "categorical_penalty" => config.categorical_penalty = number()?,
        _ => {
            return Err(wrong(
                "one of trees, learning_rate, max_leaves, max_depth, max_bins, min_child_rows, \
                 min_child_hessian, l1, l2, min_gain, row_sample, column_sample, categorical_l2, \
                 categorical_smoothing, categorical_penalty",
            ));
        }
    }
    Ok(())
}

/// The configuration with as many trees as were best, on average, on splits of the training data; none if
/// none was better than a constant. Where the data are too few for a split, all of its trees.
///
/// # Errors
/// For data that cannot be fitted.
pub fn with_best_trees(
    config: &GbdtConfig,
    data: &Dataset,
    task: Task,
    purge_days: u32,
    seed: u64,
) -> Result<GbdtConfig, Failure> {
    let Ok(pairs) = splits(data, task, SPLITS, purge_days, seed) else { return Ok(config.clone()) };
    let mut trees = 0;
    for (train, valid) in &pairs {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let stopping = config.clone().with_early_stopping(Some(PATIENCE));
        trees += stopping.fit(train, Some(valid), &mut rng).or_fail("training")?.n_trees();
    }
    Ok(config.clone().with_trees(trees.div_ceil(pairs.len())))
}
