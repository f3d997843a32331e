//! Special days; see [`crate::holiday`].

pub use crate::holiday::{Holidays, Region, ad_days, easter_sunday};
