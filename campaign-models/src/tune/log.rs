//! The study log: saved as JSON, read back, continued.
//!
//! ```json
//! {
//!   "format": "campaign-study",
//!   "version": 1,
//!   "seed": 7,
//!   "space": [["learning_rate", {"log_uniform": {"low": 0.01, "high": 0.3}}]],
//!   "config": {"sampler": {"tpe": {}}, "schedule": "full", "batch": 4, "start": []},
//!   "trials": [
//!     {"point": [["learning_rate", 0.1]], "measurements": [{"budget": 1.0, "outcome": {"Ok": 0.42}}]}
//!   ]
//! }
//! ```

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::config::StudyConfig;
use super::error::TuneError;
use super::point::{Point, Value};
use super::space::Space;
use super::study::{Measurement, Study, Trial};

const FORMAT: &str = "campaign-study";

/// Version of the log that this crate writes and reads.
pub const LOG_VERSION: u32 = 1;

/// Why a log cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogError {
    /// Not JSON, or JSON of another shape.
    #[error("not a study log: {0}")]
    Json(#[from] serde_json::Error),
    /// A file of another program.
    #[error("format is {0:?}, expected \"campaign-study\"")]
    Format(String),
    /// A version this crate does not know.
    #[error("log version is {got}, expected {expected}")]
    Version {
        /// The file's.
        got: u32,
        /// What this crate reads.
        expected: u32,
    },
    /// A space or settings that cannot be.
    #[error(transparent)]
    Study(#[from] TuneError),
    /// A trial that cannot be.
    #[error("trial {trial}: {problem}")]
    Trial {
        /// Which, from 0.
        trial: usize,
        /// What is wrong with it.
        problem: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    format: String,
    version: u32,
    seed: u64,
    space: Space,
    config: StudyConfig,
    trials: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    point: Point,
    measurements: Vec<Measurement>,
}

/// Read first, so that a later version is named as such and not as a wrong shape.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u32,
}

impl Serialize for Point {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.values.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = Vec::<(std::sync::Arc<str>, Value)>::deserialize(deserializer)?;
        Ok(Self { values })
    }
}

impl Study {
    /// Writes the study as JSON.
    ///
    /// # Errors
    /// None is known to occur; the serialiser's are passed on.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let entry =
            |t: &Trial| Entry { point: t.point.clone(), measurements: t.measurements.clone() };
        serde_json::to_string(&Log {
            format: FORMAT.to_owned(),
            version: LOG_VERSION,
            seed: self.seed,
            space: self.space.clone(),
            config: self.config.clone(),
            trials: self.trials.iter().map(entry).collect(),
        })
    }

    /// Reads a study that [`to_json`](Self::to_json) wrote; it goes on as if it had never stopped.
    ///
    /// # Errors
    /// [`LogError`] for another format or version, a space or settings that cannot be, or a trial that
    /// lies outside the space or was measured with a budget the schedule does not have.
    pub fn from_json(json: &str) -> Result<Self, LogError> {
        let header: Header = serde_json::from_str(json)?;
        if header.format != FORMAT {
            return Err(LogError::Format(header.format));
        }
        if header.version != LOG_VERSION {
            return Err(LogError::Version { got: header.version, expected: LOG_VERSION });
        }
        let log: Log = serde_json::from_str(json)?;
        log.config.check(&log.space)?;
        let budgets = log.config.schedule.budgets();
        let mut trials = Vec::with_capacity(log.trials.len());
        for (trial, Entry { point, measurements }) in log.trials.into_iter().enumerate() {
            let error = |problem: String| LogError::Trial { trial, problem };
            log.space.coordinates(&point).map_err(|e| error(e.to_string()))?;
            if !measurements.is_sorted_by(|a, b| a.budget < b.budget) {
                return Err(error("expected measurements by ascending budget".into()));
            }
            for Measurement { budget, outcome } in &measurements {
                if !budgets.contains(budget) {
                    return Err(error(format!("budget {budget} is not one of the schedule's")));
                }
                if outcome.as_ref().is_ok_and(|value| !value.is_finite()) {
                    return Err(error("a value is not finite".into()));
                }
            }
            trials.push(Trial { point, measurements });
        }
        Ok(Self { space: log.space, config: log.config, seed: log.seed, trials })
    }
}
