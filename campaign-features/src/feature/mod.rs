//! Features declared once and computed by one incremental kernel, offline as online.

pub mod asof;
mod error;
mod holiday;
pub mod plan;
pub mod source;
pub mod spec;
pub(crate) mod table;
pub mod transform;

use transform::{calendar, creative};

pub use calendar::CalendarField;
pub use creative::{TextField, value_of};
pub use error::FeatureError;
pub use holiday::{Holidays, Region, ad_days, easter_sunday};
pub use table::FeatureTable;
