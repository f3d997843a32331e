//! Where the bytes of exports come from.

mod origin;
mod text;
mod zip;

pub(crate) use origin::Origin;
pub(crate) use text::{Text, TextError};
