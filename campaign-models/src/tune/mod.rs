//! Search for hyper-parameters, and an honest word on whether it helped.
//!
//! A [`Space`] says what may be varied, a [`StudyConfig`] how to search, and a [`Study`] holds the trials.
//! [`GbdtObjective`] measures a [`GbdtConfig`](crate::GbdtConfig) on splits of the data; any closure will do. When the
//! search is over, [`TuneReport`] compares what was found with the defaults on rows that took no part in it.

mod config;
mod error;
mod gbdt;
#[cfg(feature = "serde")]
mod log;
mod normal;
mod parzen;
mod plot;
mod point;
#[cfg(feature = "argmin")]
mod polish;
mod report;
mod schedule;
mod space;
mod study;
mod tpe;

pub use config::{Sampler, StudyConfig};
pub use error::TuneError;
pub use gbdt::{GbdtObjective, MeasureError};
#[cfg(feature = "serde")]
pub use log::{LOG_VERSION, LogError};
pub use plot::BestSoFar;
pub use point::{Point, Value};
#[cfg(feature = "argmin")]
#[cfg_attr(docsrs, doc(cfg(feature = "argmin")))]
pub use polish::Polished;
pub use report::{TuneReport, Verdict};
pub use schedule::Schedule;
pub use space::{Range, Space};
pub use study::{Limits, Measurement, Stop, Study, Trial};
pub use tpe::Tpe;
