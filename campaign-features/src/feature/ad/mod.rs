//! Features of (ad, day) rows that use only what was known before the day.
//!
//! [`Intake`] turns records into [`Observations`]: facts with an event day and an instant at which
//! each version became known. A [`FeatureSpec`] makes a [`FeatureTable`] of them; what a row sees is
//! stated [there](FeatureSpec#what-a-row-sees). [`Labels`] say what the days came to.

mod build;

mod clock;

mod dated;
mod error;
mod facts;

mod intake;
mod labels;
mod latest;
mod measure;
mod observation;
mod share;
mod spec;
mod table;
mod view;
pub mod window;

pub use error::FeatureError;

pub use super::calendar::CalendarField;
pub use super::creative::{TextField, value_of};
pub use super::holiday::{Holidays, Region, ad_days, easter_sunday};
pub use intake::{Intake, KnownAt};
pub use labels::{Labels, Target};
pub use measure::{Measure, Measures, Rate};
pub use observation::{Attributes, Observation, ObservationLog, Observations, Ties};
pub use spec::{Feature, FeatureSpec};
pub use table::{FeatureTable, Training};
pub use window::Frame;
