//! Where the bytes of exports come from.

mod origin;
mod text;

pub(crate) use origin::Origin;
pub(crate) use text::{Text, TextError};
