//! Better parameters, if there are any.

use campaign_core::Dataset;
use campaign_models::GbdtConfig;
use campaign_models::tune::{GbdtObjective, Limits, Study, StudyConfig};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
use serde::Serialize;

use super::splits::splits;
use super::target::Task;
use crate::program::{Failure, OrFail as _};

/// Splits that a search is judged on.
const SPLITS: usize = 3;

/// What a search found.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    /// How many parameters were tried.
    pub trials: usize,
    /// The metric that was looked at.
    pub metric: String,
    /// Its value with the parameters given.
    pub start: Option<f64>,
    /// Its value with the best. On the splits of the search, so that it looks better than it is.
    pub best: Option<f64>,
    /// The best, by name.
    pub parameters: Vec<(String, String)>,
}

/// Searches parameters and the number of trees on splits of the training data.
///
/// # Errors
/// For data that are too few to be split, or that cannot be fitted.
pub fn search(
    base: &GbdtConfig,
    data: &Dataset,
    task: Task,
    quantile: f64,
    purge_days: u32,
    trials: usize,
    seed: u64,
) -> Result<(GbdtConfig, Found), Failure> {
    let metric = task.metrics(quantile)[0];
    let pairs = splits(data, task, SPLITS, purge_days, seed)?;
    let objective = GbdtObjective::new(base.clone(), metric, &pairs).or_fail("--tune")?;
    let space = GbdtObjective::default_space().log_integer("trees", 1, 1000);
    let start = objective.start(&space).or_fail("--tune")?;
    let config = StudyConfig::default().with_start(start);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut study = Study::new(space, config, &mut rng).or_fail("--tune")?;
    study.run(Limits::trials(trials), |point, budget, rng| objective.measure(point, budget, rng));
    let best = study.best().ok_or_else(|| Failure::new("--tune: no trial could be measured"))?;
    let found = Found {
        trials: study.trials().len(),
        metric: metric.key(),
        start: study.trials().first().and_then(|trial| trial.value()),
        best: best.value(),
        parameters: best
            .point
            .values()
            .iter()
            .map(|(name, value)| (name.to_string(), format!("{value:?}")))
            .collect(),
    };
    Ok((objective.config_at(&best.point).or_fail("--tune")?, found))
}
