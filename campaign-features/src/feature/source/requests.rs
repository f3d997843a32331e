//! What is asked: whose features, decided when, knowing what.

use std::sync::Arc;

use campaign_core::error::check_length;

use super::super::error::FeatureError;

/// Rows to make: per row one key per entity kind, a day of decision and a cut-off.
///
/// A request (D, c) sees a version if and only if its day is **before** D and it was known **at or
/// before** c; of several versions of a fact the latest seen counts.
///
/// # Shapes
/// `keys` has one list per entity kind of the [`Sources`](super::Sources), empty where no feature of
/// that kind is asked for; every list has one entry per request.
///
/// # Units
/// Days since 1970-01-01; microseconds since then, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requests {
    /// Per entity kind, whose features; [`NONE`](super::NONE) for nobody's, of whom nothing is known.
    pub keys: Vec<Vec<u32>>,
    /// The day of decision D.
    pub day: Vec<i32>,
    /// What was known at or before this is seen.
    pub cutoff: Vec<i64>,
    /// The day the row stands for, which calendar features describe; empty where it is `day`.
    pub target_day: Vec<i32>,
}

impl From<&Requests> for Arc<Requests> {
    /// A copy.
    fn from(requests: &Requests) -> Self {
        Self::new(requests.clone())
    }
}

impl Requests {
    /// No requests, for sources with this many entity kinds.
    #[must_use]
    pub fn new(kinds: usize) -> Self {
        Self { keys: vec![Vec::new(); kinds], ..Self::default() }
    }

    /// Adds a request.
    ///
    /// # Errors
    /// [`FeatureError::Kernel`] unless there is one key per entity kind.
    pub fn push(&mut self, keys: &[u32], day: i32, cutoff: i64) -> Result<(), FeatureError> {
        check_length("keys", keys.len(), self.keys.len())?;
        for (column, &key) in self.keys.iter_mut().zip(keys) {
            column.push(key);
        }
        self.day.push(day);
        self.cutoff.push(cutoff);
        Ok(())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.day.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.day.is_empty()
    }

    /// The days that calendar features describe.
    #[must_use]
    pub fn described_days(&self) -> &[i32] {
        if self.target_day.is_empty() { &self.day } else { &self.target_day }
    }

    /// Checks that all columns have one length.
    ///
    /// # Errors
    /// [`FeatureError::Kernel`].
    pub fn check(&self) -> Result<(), FeatureError> {
        check_length("cutoff", self.cutoff.len(), self.len())?;
        check_length("target_day", self.described_days().len(), self.len())?;
        for keys in self.keys.iter().filter(|keys| !keys.is_empty()) {
            check_length("keys", keys.len(), self.len())?;
        }
        Ok(())
    }
}
