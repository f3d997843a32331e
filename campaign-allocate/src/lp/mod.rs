//! Linear response: every unit of spend in a cell brings the same.

pub mod certificate;
mod duals;
mod nested;
mod select;

pub use certificate::Certificate;
pub use duals::Binding;
pub(crate) use duals::{bindings_into, group_prices_into, room};
pub use nested::{Details, NestedLp};
