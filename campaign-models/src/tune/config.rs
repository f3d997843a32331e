//! How to search.

use super::error::TuneError;
use super::point::Point;
use super::schedule::Schedule;
use super::space::Space;
use super::tpe::Tpe;

/// How points are proposed.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Sampler {
    /// From the whole space (Bergstra & Bengio 2012).
    Random,
    /// From what the trials so far have shown.
    Tpe(Tpe),
}

/// How to search.
///
/// A plain struct: nothing is checked before [`Study::new`](super::Study::new).
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct StudyConfig {
    /// How points are proposed. Default [`Tpe`].
    pub sampler: Sampler,
    /// How much of the budget a trial is given. Default all of it.
    pub schedule: Schedule,
    /// How many trials are proposed before the first of them is measured; they run in parallel. The
    /// answer depends on it, but not on the number of threads. Default 4.
    pub batch: usize,
    /// Points tried first, such as the defaults. Default none.
    pub start: Vec<Point>,
}

impl Default for StudyConfig {
    fn default() -> Self {
        let sampler = Sampler::Tpe(Tpe::default());
        Self { sampler, schedule: Schedule::Full, batch: 4, start: Vec::new() }
    }
}

impl StudyConfig {
    /// Sets [`sampler`](Self::sampler).
    #[must_use]
    pub fn with_sampler(mut self, sampler: Sampler) -> Self {
        self.sampler = sampler;
        self
    }

    /// Sets [`schedule`](Self::schedule).
    #[must_use]
    pub fn with_schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// Sets [`batch`](Self::batch).
    #[must_use]
    pub fn with_batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Adds a point to [`start`](Self::start).
    #[must_use]
    pub fn with_start(mut self, point: Point) -> Self {
        self.start.push(point);
        self
    }

    pub(super) fn check(&self, space: &Space) -> Result<(), TuneError> {
        space.check()?;
        self.schedule.check()?;
        if let Sampler::Tpe(tpe) = &self.sampler {
            tpe.check()?;
        }
        if self.batch == 0 {
            let (setting, expected) = ("batch", "at least 1");
            return Err(TuneError::Setting { setting, got: 0.0, expected });
        }
        self.start.iter().try_for_each(|point| space.coordinates(point).map(drop))
    }
}
