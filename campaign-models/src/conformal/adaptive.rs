//! Coverage under drift.

use std::collections::VecDeque;

use campaign_core::error::check_finite;
use campaign_core::{Error, PredictiveDistribution};

use super::error::ConformalError;
use super::score::{check_coverage, distribution_of, rank, score, scores, widen};

/// Conformal intervals that correct themselves as targets become known.
///
/// Margins are taken from a window of the latest scores, at a miscoverage `a_t` that moves after every
/// row: up by `step * (1 - coverage)` after a hit, down by `step * coverage` after a miss. Whatever the
/// data do, the share of misses over `T` rows differs from `1 - coverage` by at most
/// `(max(a_1, 1 - a_1) + step) / (step T)`: no assumption of exchangeable rows is made. To hold that, an
/// interval is infinite when `a_t` falls to 0 and empty (shown as one point) when it rises to 1.
///
/// With [`with_steps`](Self::with_steps) several step sizes run beside each other and the miscoverage
/// is their mean, weighted by how well each did lately, which spares the choice of one; the bound above
/// is then not proven.
///
/// # Source
/// Gibbs & Candès 2021, "Adaptive conformal inference under distribution shift", eq. 2 and proposition
/// 4.1; several steps: Gibbs & Candès 2024, "Conformal inference for online prediction with arbitrary
/// distribution shifts", algorithm 1 (DtACI, with the mean in place of a draw) and section 2.3 for its
/// constants.
///
/// # Examples
/// ```
/// use campaign_models::conformal::AdaptiveConformal;
/// let start: Vec<f64> = (1..=99).map(f64::from).collect();
/// let zero = [0.0; 99];
/// let mut intervals = AdaptiveConformal::fit(&start, &zero, &zero, 0.9, 0.05)?;
/// assert_eq!(intervals.interval(0.0, 0.0), (-90.0, 90.0));
/// // The world changes: targets ten times as large. Each miss widens what follows.
/// for target in [500.0, 600.0, 700.0] {
///     assert!(!intervals.observe(target, 0.0, 0.0)?);
/// }
/// assert!(intervals.interval(0.0, 0.0).1 > 100.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved"))]
pub struct AdaptiveConformal {
    coverage: f64,
    experts: Vec<Expert>,
    /// The latest scores, oldest first.
    window: VecDeque<f64>,
    /// The same, ascending.
    #[cfg_attr(feature = "serde", serde(skip))]
    sorted: Vec<f64>,
}

/// One step size with the miscoverage it has come to.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct Expert {
    step: f64,
    miscoverage: f64,
    weight: f64,
}

/// Rows over which the weights of several steps forget; the paper's choice.
const MEMORY: f64 = 500.0;

impl AdaptiveConformal {
    /// Starts from calibration rows; the window keeps as many scores as there are.
    ///
    /// A step near 0.005 follows slow drift, 0.05 fast drift at the price of widths that vary.
    ///
    /// # Errors
    /// [`ConformalError`] for a coverage outside `(0, 1)`, lengths that differ, a number that is not
    /// finite, fewer rows than `coverage / (1 - coverage)`, or a step that is not positive and finite.
    pub fn fit(
        target: &[f64],
        low: &[f64],
        high: &[f64],
        coverage: f64,
        step: f64,
    ) -> Result<Self, ConformalError> {
        Self::with_steps(target, low, high, coverage, &[step])
    }

    /// As [`fit`](Self::fit) with several steps; the paper's are 0.001, 0.002, 0.004, up to 0.128.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), and [`ConformalError::NoSteps`].
    pub fn with_steps(
        target: &[f64],
        low: &[f64],
        high: &[f64],
        coverage: f64,
        steps: &[f64],
    ) -> Result<Self, ConformalError> {
        let window = scores(target, low, high)?.into();
        let expert = |&step: &f64| Expert { step, miscoverage: 1.0 - coverage, weight: 1.0 };
        let experts = steps.iter().map(expert).collect();
        Self::checked(coverage, experts, window)
    }

    fn checked(
        coverage: f64,
        experts: Vec<Expert>,
        window: VecDeque<f64>,
    ) -> Result<Self, ConformalError> {
        check_coverage(coverage)?;
        rank(window.len(), coverage)?;
        if experts.is_empty() {
            return Err(ConformalError::NoSteps);
        }
        for (index, expert) in experts.iter().enumerate() {
            let Expert { step, miscoverage, weight } = *expert;
            let expected = "positive and finite";
            for (what, value) in [("steps", step), ("weights", weight)] {
                if !(value > 0.0 && value.is_finite()) {
                    return Err(ConformalError::Value { what, index, value, expected });
                }
            }
            super::score::finite("miscoverage", index, miscoverage)?;
        }
        for (index, value) in window.iter().enumerate() {
            super::score::finite("window", index, *value)?;
        }
        let mut sorted: Vec<f64> = window.iter().copied().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Ok(Self { coverage, experts, window, sorted })
    }

    /// The coverage asked for.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.coverage
    }

    /// The miscoverage at which the next interval is taken; it starts at `1 - coverage` and may leave
    /// `0..1`.
    #[must_use]
    pub fn miscoverage(&self) -> f64 {
        let total: f64 = self.experts.iter().map(|e| e.weight).sum();
        self.experts.iter().map(|e| e.weight / total * e.miscoverage).sum()
    }

    /// How far the next interval's ends are moved outwards: infinite if too much was missed.
    #[must_use]
    pub fn margin(&self) -> f64 {
        self.margin_at(self.miscoverage())
    }

    fn margin_at(&self, miscoverage: f64) -> f64 {
        if miscoverage >= 1.0 {
            return f64::NEG_INFINITY;
        }
        match rank(self.sorted.len(), 1.0 - miscoverage) {
            Ok(rank) => self.sorted.get(rank - 1).copied().unwrap_or(f64::INFINITY),
            Err(_) => f64::INFINITY,
        }
    }

    /// The next row's interval. Its ends may be infinite.
    #[must_use]
    pub fn interval(&self, low: f64, high: f64) -> (f64, f64) {
        let margin = self.margin();
        widen(low, high, margin, margin)
    }

    /// The intervals of rows whose targets are not known yet as a distribution whose quantiles at
    /// `(1 - coverage) / 2` and `(1 + coverage) / 2` are their ends.
    ///
    /// # Errors
    /// [`Error::Length`] if there is not one `high` per `low`, [`Error::NonFinite`] for a prediction
    /// that is not finite or while intervals are infinite.
    pub fn distribution(&self, low: &[f64], high: &[f64]) -> Result<PredictiveDistribution, Error> {
        let margin = self.margin();
        distribution_of(self.coverage, low, high, |_, low, high| widen(low, high, margin, margin))
    }

    /// Learns a row's target and says whether its interval held it.
    ///
    /// # Errors
    /// [`Error::NonFinite`]; nothing has changed then.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Complexity
    /// `O(window + steps * ln(window))`.
    pub fn observe(&mut self, target: f64, low: f64, high: f64) -> Result<bool, Error> {
        check_finite("target", &[target])?;
        check_finite("predictions", &[low, high])?;
        let new = score(target, low, high);
        check_finite("score", &[new])?;
        let hit = new <= self.margin();
        // The largest miscoverage at which the row would still have been covered.
        let below = self.sorted.partition_point(|s| *s < new);
        let tightest = 1.0 - below as f64 / (self.sorted.len() as f64 + 1.0);
        self.weigh(tightest);
        for at in 0..self.experts.len() {
            let missed = new > self.margin_at(self.experts[at].miscoverage);
            let expert = &mut self.experts[at];
            expert.miscoverage += expert.step * (1.0 - self.coverage - f64::from(u8::from(missed)));
        }
        if let Some(oldest) = self.window.pop_front() {
            let at = self.sorted.partition_point(|s| s.total_cmp(&oldest).is_lt());
            self.sorted.remove(at);
        }
        let at = self.sorted.partition_point(|s| s.total_cmp(&new).is_lt());
        self.sorted.insert(at, new);
        self.window.push_back(new);
        Ok(hit)
    }

    /// Weighs the steps by their pinball loss at this row, and mixes a little so that none is lost.
    fn weigh(&mut self, tightest: f64) {
        let k = self.experts.len() as f64;
        if k < 2.0 {
            return;
        }
        let a = 1.0 - self.coverage;
        let share = 1.0 / (2.0 * MEMORY);
        let spread = (1.0 - a).powi(2) * a.powi(3) + a.powi(2) * (1.0 - a).powi(3);
        let rate = (3.0 / MEMORY).sqrt() * (((k * MEMORY).ln() + 2.0) / spread).sqrt();
        for expert in &mut self.experts {
            let gap = tightest - expert.miscoverage;
            expert.weight *= (-rate * (a * gap - gap.min(0.0))).exp();
        }
        let total: f64 = self.experts.iter().map(|e| e.weight).sum();
        for expert in &mut self.experts {
            // Shares, so that weights neither vanish nor overflow over a long run.
            expert.weight = (1.0 - share) * expert.weight / total + share / k;
        }
    }
}

/// As read, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    coverage: f64,
    experts: Vec<Expert>,
    window: VecDeque<f64>,
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for AdaptiveConformal {
    type Error = ConformalError;

    fn try_from(saved: Saved) -> Result<Self, ConformalError> {
        Self::checked(saved.coverage, saved.experts, saved.window)
    }
}
