//! The Page-Hinkley test for a change of a stream's mean.

use campaign_core::{DriftReport, DriftState, DriftTest, Error, Result};

use crate::error::DriftError;

/// Which change of the mean is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Direction {
    /// The mean rises, as a cost per conversion that gets worse.
    Up,
    /// The mean falls, as a return on spend that gets worse.
    Down,
    /// Either.
    #[default]
    Both,
}

/// Settings of a [`PageHinkley`] test.
///
/// # Units
/// `tolerance` and `threshold` are in units of the stream.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PageHinkleyConfig {
    /// Deviations from the mean up to this size are not counted; about half the change to be found.
    #[cfg_attr(feature = "serde", serde(with = "crate::exact"))]
    pub tolerance: f64,
    /// An alarm is raised when the accumulated deviation exceeds this.
    #[cfg_attr(feature = "serde", serde(with = "crate::exact"))]
    pub threshold: f64,
    /// Share of the threshold from which on the state is a warning; 0.5 unless set.
    #[cfg_attr(feature = "serde", serde(with = "crate::exact"))]
    pub warning: f64,
    /// Observations before the first verdict; 30 unless set.
    pub warmup: u64,
    /// Which change is looked for; both unless set.
    pub direction: Direction,
}

impl PageHinkleyConfig {
    /// A two-sided test with these two settings.
    #[must_use]
    pub const fn new(tolerance: f64, threshold: f64) -> Self {
        Self { tolerance, threshold, warning: 0.5, warmup: 30, direction: Direction::Both }
    }

    /// For a stream of this standard deviation: a tolerance of a quarter of it and a threshold of
    /// twelve times it.
    #[must_use]
    pub const fn for_deviation(sd: f64) -> Self {
        Self::new(0.25 * sd, 12.0 * sd)
    }

    /// Sets the share of the threshold at which a warning begins.
    #[must_use]
    pub const fn with_warning(mut self, warning: f64) -> Self {
        self.warning = warning;
        self
    }

    /// Sets how many observations come before the first verdict.
    #[must_use]
    pub const fn with_warmup(mut self, warmup: u64) -> Self {
        self.warmup = warmup;
        self
    }

    /// Sets which change is looked for.
    #[must_use]
    pub const fn with_direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Checks the settings and makes the test.
    ///
    /// # Errors
    /// [`DriftError::Setting`] naming the first one that is out of range.
    pub fn build(self) -> core::result::Result<PageHinkley, DriftError> {
        let refuse = |what, value, expected| Err(DriftError::Setting { what, value, expected });
        if !(self.tolerance.is_finite() && self.tolerance >= 0.0) {
            return refuse("tolerance", self.tolerance, "a finite number of at least 0");
        }
        if !(self.threshold.is_finite() && self.threshold > 0.0) {
            return refuse("threshold", self.threshold, "a finite number above 0");
        }
        if !(self.warning > 0.0 && self.warning <= 1.0) {
            return refuse("warning", self.warning, "a share above 0 and at most 1");
        }
        Ok(PageHinkley { config: self, sums: Sums::default(), alarm: false })
    }
}

/// What the test remembers of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Sums {
    n: u64,
    #[cfg_attr(feature = "serde", serde(with = "crate::exact"))]
    mean: f64,
    /// Accumulated rise above the mean, less the tolerance, above its smallest value so far.
    #[cfg_attr(feature = "serde", serde(with = "crate::exact"))]
    up: f64,
    /// The same of the fall.
    #[cfg_attr(feature = "serde", serde(with = "crate::exact"))]
    down: f64,
}

/// The Page-Hinkley test: a deviation from the running mean that accumulates beyond a threshold.
///
/// With the running mean `m_t` after `t` observations and `U_t = max(0, U_{t-1} + x_t - m_t - d)` it
/// alarms when `U_t` exceeds the threshold; the fall is treated alike. `U_t` equals Page's cumulative
/// sum less its minimum. The alarm latches until [`reset`](DriftTest::reset), and so
/// do the figures it was raised on: what comes after it is checked but not counted.
///
/// # Allocation
/// None, ever: the whole state is a few numbers.
///
/// # Examples
/// ```
/// use campaign_core::{DriftState, DriftTest};
/// use campaign_drift::{Direction, PageHinkleyConfig};
/// // Cost per conversion: about 40, day to day give or take 4.
/// let config = PageHinkleyConfig::for_deviation(4.0).with_direction(Direction::Up);
/// let mut test = config.build()?;
/// for day in 0..60 {
///     assert_ne!(test.observe(if day % 2 == 0 { 36.0 } else { 44.0 })?, DriftState::Drift);
/// }
/// let alarm = (0..30).position(|_| test.observe(52.0) == Ok(DriftState::Drift));
/// assert_eq!(alarm, Some(4));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
/// Page (1954); Hinkley (1971).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved"))]
pub struct PageHinkley {
    config: PageHinkleyConfig,
    sums: Sums,
    alarm: bool,
}

/// What is read of a [`PageHinkley`], before the check.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct Saved {
    config: PageHinkleyConfig,
    sums: Sums,
    alarm: bool,
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for PageHinkley {
    type Error = DriftError;
    fn try_from(saved: Saved) -> core::result::Result<Self, DriftError> {
        let Sums { mean, up, down, .. } = saved.sums;
        for (what, value, low) in [("mean", mean, f64::MIN), ("up", up, 0.0), ("down", down, 0.0)] {
            if !(value.is_finite() && value >= low) {
                let expected = "the finite sum of a saved test";
                return Err(DriftError::Setting { what, value, expected });
            }
        }
        Ok(Self { sums: saved.sums, alarm: saved.alarm, ..saved.config.build()? })
    }
}

impl PageHinkley {
    /// The settings.
    #[must_use]
    pub const fn config(&self) -> PageHinkleyConfig {
        self.config
    }

    /// The mean of the stream so far; `None` before the first observation.
    #[must_use]
    pub const fn mean(&self) -> Option<f64> {
        if self.sums.n == 0 { None } else { Some(self.sums.mean) }
    }

    fn statistic(&self) -> f64 {
        match self.config.direction {
            Direction::Up => self.sums.up,
            Direction::Down => self.sums.down,
            Direction::Both => self.sums.up.max(self.sums.down),
        }
    }

    fn state(&self) -> DriftState {
        if self.alarm {
            DriftState::Drift
        } else if self.sums.n < self.config.warmup.max(1) {
            DriftState::Warmup
        } else if self.statistic() > self.config.warning * self.config.threshold {
            DriftState::Warning
        } else {
            DriftState::Stable
        }
    }
}

impl DriftTest for PageHinkley {
    fn observe(&mut self, x: f64) -> Result<DriftState> {
        if !x.is_finite() {
            return Err(Error::NonFinite { what: "x", index: 0, value: x });
        }
        // The figures of an alarm are its evidence; they stay until the test is armed again.
        if self.alarm {
            return Ok(DriftState::Drift);
        }
        let mut next = self.sums;
        next.n += 1;
        next.mean += (x - next.mean) / next.n as f64;
        next.up = (next.up + (x - next.mean - self.config.tolerance)).max(0.0);
        next.down = (next.down + (next.mean - x - self.config.tolerance)).max(0.0);
        // Two huge values of opposite sign are finite, their difference is not.
        if !(next.mean.is_finite() && next.up.is_finite() && next.down.is_finite()) {
            return Err(Error::NonFinite { what: "sum with x", index: 0, value: x });
        }
        self.sums = next;
        if self.sums.n >= self.config.warmup && self.statistic() > self.config.threshold {
            self.alarm = true;
        }
        Ok(self.state())
    }

    fn report(&self) -> DriftReport {
        DriftReport::new(self.state(), self.statistic(), self.config.threshold, self.sums.n)
    }

    fn reset(&mut self) {
        self.sums = Sums::default();
        self.alarm = false;
    }
}
