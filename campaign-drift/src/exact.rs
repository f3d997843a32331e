//! Floating-point numbers written as text, so that reading them back gives the same bits.
//!
//! JSON readers may be off by one unit in the last place (`serde_json` is, unless a feature of it is
//! on), and a test that resumes must not depend on that.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

pub(crate) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}
