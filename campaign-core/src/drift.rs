//! Watching a stream for change.

use crate::error::Result;

/// Where a drift test stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum DriftState {
    /// Too few observations to say anything.
    #[default]
    Warmup,
    /// Nothing to see.
    Stable,
    /// Suspicious, below the threshold of an alarm.
    Warning,
    /// The stream has changed. Stays so until [`DriftTest::reset`].
    Drift,
}

/// The figures behind a [`DriftState`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct DriftReport {
    /// Where the test stands.
    pub state: DriftState,
    /// The test's statistic now.
    pub statistic: f64,
    /// The value at which it raises an alarm.
    pub threshold: f64,
    /// Observations since construction or the last reset.
    pub n: u64,
    /// The p-value, where the test has one.
    pub p_value: Option<f64>,
}

impl DriftReport {
    /// A report without p-value.
    #[must_use]
    pub const fn new(state: DriftState, statistic: f64, threshold: f64, n: u64) -> Self {
        Self { state, statistic, threshold, n, p_value: None }
    }

    /// Adds the p-value.
    #[must_use]
    pub const fn with_p_value(mut self, p_value: f64) -> Self {
        self.p_value = Some(p_value);
        self
    }
}

/// A test that watches one stream of numbers.
///
/// An alarm latches: only [`reset`](Self::reset), called by a person or a policy, re-arms the test.
///
/// # Examples
/// A stranger's test, in a few lines:
/// ```
/// use campaign_core::{DriftReport, DriftState, DriftTest, Error, Result};
///
/// /// Alarms when a value passes a fixed limit.
/// struct Limit { high: f64, worst: f64, n: u64 }
///
/// impl DriftTest for Limit {
///     fn observe(&mut self, x: f64) -> Result<DriftState> {
///         if !x.is_finite() {
///             return Err(Error::NonFinite { what: "x", index: 0, value: x });
///         }
///         (self.worst, self.n) = (self.worst.max(x), self.n + 1);
///         Ok(self.report().state)
///     }
///     fn report(&self) -> DriftReport {
///         let state = match self.n {
///             0 => DriftState::Warmup,
///             _ if self.worst > self.high => DriftState::Drift,
///             _ => DriftState::Stable,
///         };
///         DriftReport::new(state, self.worst, self.high, self.n)
///     }
///     fn reset(&mut self) { (self.worst, self.n) = (f64::NEG_INFINITY, 0) }
/// }
///
/// let mut cpa: Box<dyn DriftTest> = Box::new(Limit { high: 40.0, worst: f64::NEG_INFINITY, n: 0 });
/// assert_eq!(cpa.observe(31.0)?, DriftState::Stable);
/// assert_eq!(cpa.observe(47.0)?, DriftState::Drift);
/// # Ok::<(), Error>(())
/// ```
pub trait DriftTest: Send {
    /// Takes one observation.
    ///
    /// # Errors
    /// [`Error::NonFinite`](crate::Error::NonFinite); the state is then unchanged.
    ///
    /// # Allocation
    /// None.
    fn observe(&mut self, x: f64) -> Result<DriftState>;

    /// The figures as they stand.
    fn report(&self) -> DriftReport;

    /// Forgets everything and re-arms the test.
    fn reset(&mut self);
}
