//! A Ballista cluster on loopback whose processes are the running program itself.

mod nodes;
mod panel;

pub use nodes::{Cluster, Node, Size};
pub use panel::{ask, features, make, read};
