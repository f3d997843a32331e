//! Which trial is measured next, and with which budget.

use super::error::TuneError;
use super::study::Trial;

/// How much of the budget (trees, rows) a trial is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Schedule {
    /// Every trial all of it.
    Full,
    /// Successive halving (Jamieson & Talwalkar 2016): `factor^(rungs - 1)` trials begin with a share
    /// of `factor^(1 - rungs)`; the best of every `factor` go on with `factor` times as much, until
    /// one has all of it. Then anew.
    Halving {
        /// How many times as much each rung gives; at least 2.
        factor: u32,
        /// How many rungs there are, the full budget included; at least 2.
        rungs: u32,
    },
    /// Hyperband (Li et al. 2018): halving brackets of `rungs`, `rungs - 1`, ... and 1 rungs in turn, so
    /// that trials that need their time are found too.
    Hyperband {
        /// How many times as much each rung gives; at least 2.
        factor: u32,
        /// Rungs of the longest bracket; at least 2.
        rungs: u32,
    },
}

/// A measurement to make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Job {
    /// The trial; one that does not exist yet is to be proposed.
    pub(super) trial: usize,
    pub(super) budget: f64,
    /// Trials before this one may be learnt from.
    pub(super) known: usize,
}

/// Trials that are halved together.
struct Bracket {
    first: usize,
    trials: usize,
    rungs: u32,
}

impl Schedule {
    pub(super) fn check(self) -> Result<(), TuneError> {
        let (factor, rungs) = self.shape();
        if self == Self::Full {
            return Ok(());
        }
        for (setting, got, expected) in
            [("factor", factor, "at least 2"), ("rungs", rungs, "at least 2")]
        {
            if got < 2 {
                return Err(TuneError::Setting { setting, got: f64::from(got), expected });
            }
        }
        match (factor as usize).checked_pow(rungs - 1) {
            Some(trials) if trials <= 1_000_000 => Ok(()),
            _ => {
                let (setting, expected) = ("rungs", "at most a million trials in a bracket");
                Err(TuneError::Setting { setting, got: f64::from(rungs), expected })
            }
        }
    }

    fn shape(self) -> (u32, u32) {
        match self {
            Self::Full => (1, 1),
            Self::Halving { factor, rungs } | Self::Hyperband { factor, rungs } => (factor, rungs),
        }
    }

    /// The budgets, ascending to 1.
    pub(super) fn budgets(self) -> Vec<f64> {
        let (factor, rungs) = self.shape();
        (0..rungs).rev().map(|rung| 1.0 / f64::from(factor).powi(rung as i32)).collect()
    }

    /// The bracket of a number, counted from 0, that begins with a trial.
    fn bracket(self, number: usize, first: usize, batch: usize) -> Bracket {
        let (factor, longest) = self.shape();
        let rungs = match self {
            Self::Full => return Bracket { first, trials: batch, rungs: 1 },
            Self::Halving { .. } => longest,
            Self::Hyperband { .. } => longest - (number % longest as usize) as u32,
        };
        // As many as make all brackets cost about the same.
        let begun = (factor as usize).saturating_pow(rungs - 1);
        let trials = (begun * longest as usize).div_ceil(rungs as usize);
        let trials = if matches!(self, Self::Halving { .. }) { begun } else { trials };
        Bracket { first, trials, rungs }
    }

    /// The next measurements, at most `batch` and at most up to trial `limit`; none if that ends it.
    ///
    /// They follow from the trials so far alone, so that a study that was stopped anywhere goes on
    /// as if it had not been. A batch is proposed from what was known before its first trial.
    pub(super) fn next_jobs(self, trials: &[Trial], batch: usize, limit: usize) -> Vec<Job> {
        let budgets = self.budgets();
        let (mut first, mut number) = (0, 0);
        loop {
            let bracket = self.bracket(number, first, batch);
            let jobs = bracket.next_jobs(self.shape().0, &budgets, trials, batch, limit);
            if !jobs.is_empty() || first + bracket.trials > trials.len() {
                return jobs;
            }
            (first, number) = (first + bracket.trials, number + 1);
        }
    }
}

impl Bracket {
    fn next_jobs(
        &self,
        factor: u32,
        budgets: &[f64],
        trials: &[Trial],
        batch: usize,
        limit: usize,
    ) -> Vec<Job> {
        let budgets = &budgets[budgets.len() - self.rungs as usize..];
        let mut entered: Vec<usize> = (self.first..self.first + self.trials).collect();
        for (rung, &budget) in budgets.iter().enumerate() {
            if rung > 0 {
                entered = promoted(&entered, trials, budgets[rung - 1], factor);
            }
            let measured = |&id: &usize| trials.get(id).is_some_and(|t| t.at(budget).is_some());
            let Some(open) = entered.iter().position(|id| !measured(id)) else { continue };
            // Batches lie where they would had the study never stopped.
            let begin = open / batch * batch;
            let known = |at: usize| if rung == 0 { self.first + at / batch * batch } else { 0 };
            let jobs = entered.iter().enumerate().skip(begin).take(batch);
            let jobs = jobs.filter(|(_, id)| !measured(id) && **id < limit);
            return jobs.map(|(at, &trial)| Job { trial, budget, known: known(at) }).collect();
        }
        Vec::new()
    }
}

/// The best of every `factor` trials that have a value, at least one, by number.
fn promoted(entered: &[usize], trials: &[Trial], budget: f64, factor: u32) -> Vec<usize> {
    let value = |id: &usize| trials.get(*id)?.value_at(budget).map(|value| (value, *id));
    let mut values: Vec<(f64, usize)> = entered.iter().filter_map(value).collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut best: Vec<usize> =
        values.into_iter().take((entered.len() / factor as usize).max(1)).map(|v| v.1).collect();
    best.sort_unstable();
    best
}
