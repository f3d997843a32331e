//! A compiled spec: what is kept per entity, what is read of it, and what the columns are made of.

mod entity;
mod read;
mod replay;
mod ring;
mod window;

pub use entity::{Delta, EntityPlan};
pub use replay::{EntityEvents, EntityRequests, ReplayScratch, replay};
pub use ring::Placed;
pub use window::Days;
