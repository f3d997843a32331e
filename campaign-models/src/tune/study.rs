//! A search: its settings, its trials, and the loop.

use std::fmt::Display;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use campaign_core::rand::Rng;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
use rayon::prelude::*;

use super::config::{Sampler, StudyConfig};
use super::error::TuneError;
use super::point::Point;
use super::schedule::Job;
use super::space::Space;

/// What came of one measurement.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Measurement {
    /// Share of the full budget.
    pub budget: f64,
    /// The value, or why there is none.
    pub outcome: Result<f64, String>,
}

/// A point and what was measured there.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Trial {
    /// Where.
    pub point: Point,
    /// What, by ascending budget.
    pub measurements: Vec<Measurement>,
}

impl Trial {
    pub(super) fn at(&self, budget: f64) -> Option<&Measurement> {
        self.measurements.iter().find(|m| m.budget == budget)
    }

    pub(super) fn value_at(&self, budget: f64) -> Option<f64> {
        self.at(budget)?.outcome.as_ref().ok().copied()
    }

    /// The value at the full budget.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        self.value_at(1.0)
    }
}

/// When to stop. What is reached first counts; without any limit nothing is run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limits {
    trials: Option<usize>,
    cost: Option<f64>,
    time: Option<Duration>,
}

impl Limits {
    /// So many trials, those made before included.
    #[must_use]
    pub fn trials(trials: usize) -> Self {
        Self { trials: Some(trials), ..Self::default() }
    }

    /// So much cost in full budgets, earlier cost included: 40 trials with a quarter each cost 10.
    #[must_use]
    pub fn cost(cost: f64) -> Self {
        Self { cost: Some(cost), ..Self::default() }
    }

    /// So much time from now.
    #[must_use]
    pub fn time(time: Duration) -> Self {
        Self { time: Some(time), ..Self::default() }
    }

    /// Adds a limit on time. It is looked at between batches: one that has begun is finished.
    #[must_use]
    pub fn with_time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// Adds a limit on trials.
    #[must_use]
    pub fn with_trials(mut self, trials: usize) -> Self {
        self.trials = Some(trials);
        self
    }
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// As many trials as asked for.
    Trials,
    /// As much cost as asked for.
    Cost,
    /// Time is up.
    Time,
    /// The observer ended it.
    Observer,
}

/// A search: what may be varied, how, and the trials so far. Values are minimised.
///
/// The same seed gives the same trials on any number of threads, whether the study runs at once or is
/// stopped, saved, read and continued. (With a limit on time their number depends on the clock; the
/// trials there are do not.)
///
/// # Examples
/// ```
/// use campaign_models::tune::{Limits, Space, Study, StudyConfig};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// use std::convert::Infallible;
///
/// let space = Space::new().uniform("x", -5.0, 5.0);
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let mut study = Study::new(space, StudyConfig::default(), &mut rng)?;
/// study.run(Limits::trials(40), |point, _budget, _rng| {
///     Ok::<f64, Infallible>((point.get_number("x").unwrap_or(0.0) - 2.0).powi(2))
/// });
/// let best = study.best().and_then(|trial| trial.point.get_number("x")).unwrap_or(f64::NAN);
/// assert!((best - 2.0).abs() < 0.3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    pub(super) space: Space,
    pub(super) config: StudyConfig,
    pub(super) seed: u64,
    pub(super) trials: Vec<Trial>,
}

impl Study {
    /// Begins a search; of the generator one number is used, as the seed.
    ///
    /// # Errors
    /// [`TuneError`] for a space without parameters or with a range that is none, a setting outside its
    /// range, or a start point outside the space.
    pub fn new(space: Space, config: StudyConfig, rng: &mut dyn Rng) -> Result<Self, TuneError> {
        config.check(&space)?;
        Ok(Self { space, config, seed: rng.next_u64(), trials: Vec::new() })
    }

    /// What may be varied.
    #[must_use]
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// How it is searched.
    #[must_use]
    pub fn config(&self) -> &StudyConfig {
        &self.config
    }

    /// The trials in the order they were proposed.
    #[must_use]
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// The trial with the smallest value at the full budget, the earlier of two equal ones.
    #[must_use]
    pub fn best(&self) -> Option<&Trial> {
        let valued = self.trials.iter().filter(|t| t.value().is_some());
        let key = |t: &Trial| t.value().unwrap_or(f64::INFINITY);
        valued.min_by(|a, b| key(a).total_cmp(&key(b)))
    }

    /// Cost of all measurements in full budgets.
    #[must_use]
    pub fn cost(&self) -> f64 {
        self.trials.iter().flat_map(|t| &t.measurements).map(|m| m.budget).sum()
    }

    /// Proposes and measures until a limit is reached.
    ///
    /// The closure is given a point, the share of the full budget to spend, and a generator of the
    /// trial's own; it may run on several threads at once. An error or a value that is not finite makes
    /// the trial a failed one, and the search goes on elsewhere.
    pub fn run<E: Display>(
        &mut self,
        limits: Limits,
        measure: impl Fn(&Point, f64, &mut dyn Rng) -> Result<f64, E> + Sync,
    ) -> Stop {
        self.run_observed(limits, measure, &mut |_| ControlFlow::Continue(()))
    }

    /// As [`run`](Self::run), and shows the study to an observer after each batch, which may save it, or
    /// end the run with `Break`.
    pub fn run_observed<E: Display>(
        &mut self,
        limits: Limits,
        measure: impl Fn(&Point, f64, &mut dyn Rng) -> Result<f64, E> + Sync,
        observer: &mut dyn FnMut(&Self) -> ControlFlow<()>,
    ) -> Stop {
        let begun = Instant::now();
        if limits == Limits::default() {
            return Stop::Trials;
        }
        loop {
            if limits.time.is_some_and(|time| begun.elapsed() >= time) {
                return Stop::Time;
            }
            if limits.cost.is_some_and(|cost| self.cost() >= cost) {
                return Stop::Cost;
            }
            let limit = limits.trials.unwrap_or(usize::MAX);
            let jobs = self.config.schedule.next_jobs(&self.trials, self.config.batch, limit);
            if jobs.is_empty() {
                return Stop::Trials;
            }
            self.propose(&jobs);
            let outcome = |job: &Job| {
                let mut rng = self.generator(job.trial, 1);
                let value = measure(&self.trials[job.trial].point, job.budget, &mut rng);
                match value {
                    Ok(value) if value.is_finite() => Ok(value),
                    Ok(value) => Err(format!("the value is {value}, expected a finite number")),
                    Err(error) => Err(error.to_string()),
                }
            };
            let outcomes: Vec<_> = jobs.par_iter().map(outcome).collect();
            for (job, outcome) in jobs.iter().zip(outcomes) {
                let measurement = Measurement { budget: job.budget, outcome };
                self.trials[job.trial].measurements.push(measurement);
            }
            if observer(self).is_break() {
                return Stop::Observer;
            }
        }
    }

    /// A generator for one purpose of one trial.
    pub(super) fn generator(&self, trial: usize, purpose: u64) -> Xoshiro256PlusPlus {
        // Odd factors keep numbers apart; seeding mixes their bits.
        let number = (trial as u64).wrapping_mul(2).wrapping_add(purpose);
        let step = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Xoshiro256PlusPlus::seed_from_u64(self.seed ^ step)
    }

    /// Adds the trials that do not exist yet.
    fn propose(&mut self, jobs: &[Job]) {
        for job in jobs {
            if job.trial == self.trials.len() {
                let point = self.proposal(job);
                self.trials.push(Trial { point, measurements: Vec::new() });
            }
        }
    }

    fn proposal(&self, job: &Job) -> Point {
        if let Some(point) = self.config.start.get(job.trial) {
            return point.clone();
        }
        let mut rng = self.generator(job.trial, 0);
        let Sampler::Tpe(tpe) = &self.config.sampler else { return self.space.sample(&mut rng) };
        let coordinates = |t: &Trial| self.space.coordinates(&t.point).unwrap_or_default();
        let known = &self.trials[..job.known.min(self.trials.len())];
        let at: Vec<Vec<f64>> = known.iter().map(coordinates).collect();
        // The largest budget that enough trials have reached (Falkner et al. 2018).
        for budget in self.config.schedule.budgets().into_iter().rev() {
            let measured = known.iter().zip(&at).filter(|(t, _)| t.at(budget).is_some());
            let value = |t: &Trial| t.value_at(budget).unwrap_or(f64::INFINITY);
            let seen: Vec<_> = measured.map(|(t, at)| (at.as_slice(), value(t))).collect();
            if seen.len() >= tpe.startup {
                let pending: Vec<_> = self.trials[known.len()..].iter().map(coordinates).collect();
                return self.space.point(&tpe.propose(&self.space, &seen, &pending, &mut rng));
            }
        }
        self.space.sample(&mut rng)
    }
}
