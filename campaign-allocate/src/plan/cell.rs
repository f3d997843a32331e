//! What a user states: cells with bounds, channels with limits.

use super::error::PlanError;

/// The least and the most that a cell may get.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Bounds {
    /// Amounts; the upper one may be infinite.
    Absolute {
        /// The least.
        lower: f64,
        /// The most.
        upper: f64,
    },
    /// Within this share of last period's spend: 0.3 is ±30 %.
    Relative(f64),
}

/// One thing to spend on: a creative, ad group or audience in a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    channel: String,
    name: String,
    roas: f64,
    last: Option<f64>,
    bounds: Bounds,
}

impl Cell {
    /// A cell between 0 and no upper bound. `roas` is the response per unit of spend; it may be negative.
    #[must_use]
    pub fn new(channel: impl Into<String>, name: impl Into<String>, roas: f64) -> Self {
        let bounds = Bounds::Absolute { lower: 0.0, upper: f64::INFINITY };
        Self { channel: channel.into(), name: name.into(), roas, last: None, bounds }
    }

    /// Sets what was spent last period.
    #[must_use]
    pub const fn with_last(mut self, amount: f64) -> Self {
        self.last = Some(amount);
        self
    }

    /// Sets the least and the most to spend; the most may be infinite.
    #[must_use]
    pub const fn with_bounds(mut self, lower: f64, upper: f64) -> Self {
        self.bounds = Bounds::Absolute { lower, upper };
        self
    }

    /// Keeps the spend within a share of last period's: 0.3 is ±30 %. Needs [`with_last`](Self::with_last).
    ///
    /// A share above 1 gives a lower bound of 0.
    #[must_use]
    pub const fn with_relative_bounds(mut self, share: f64) -> Self {
        self.bounds = Bounds::Relative(share);
        self
    }

    /// The channel.
    #[must_use]
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// The name within the channel.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Response per unit of spend.
    #[must_use]
    pub const fn roas(&self) -> f64 {
        self.roas
    }

    /// What was spent last period, if that is known.
    #[must_use]
    pub const fn last(&self) -> Option<f64> {
        self.last
    }

    /// The bounds as they were stated.
    #[must_use]
    pub const fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// The bounds as amounts.
    pub(super) fn checked_bounds(&self) -> Result<(f64, f64), PlanError> {
        const AMOUNT: &str = "a finite amount that is not negative";
        let error = |what, value, expected| PlanError::CellValue {
            channel: self.channel.clone(),
            cell: self.name.clone(),
            what,
            value,
            expected,
        };
        let amount = |what, value: f64| {
            if value.is_finite() && value >= 0.0 {
                Ok(value)
            } else {
                Err(error(what, value, AMOUNT))
            }
        };
        if !self.roas.is_finite() {
            return Err(error("the ROAS", self.roas, "a finite number"));
        }
        if let Some(last) = self.last {
            amount("the last spend", last)?;
        }
        match (self.bounds, self.last) {
            (Bounds::Absolute { lower, upper }, _) => {
                amount("the lower bound", lower)?;
                if upper >= 0.0 {
                    Ok((lower, upper))
                } else {
                    Err(error("the upper bound", upper, "an amount that is not negative"))
                }
            }
            (Bounds::Relative(share), Some(last)) => {
                amount("the relative bound", share)?;
                let lower = (last * (1.0 - share)).max(0.0);
                Ok((lower, amount("the upper bound", last * (1.0 + share))?))
            }
            (Bounds::Relative(_), None) => Err(PlanError::NoLastSpend {
                channel: self.channel.clone(),
                cell: self.name.clone(),
            }),
        }
    }
}

/// Limits on what a channel spends over all its cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    name: String,
    floor: f64,
    cap: f64,
}

impl Channel {
    /// A channel without limits.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), floor: 0.0, cap: f64::INFINITY }
    }

    /// Sets the least the channel must spend.
    #[must_use]
    pub const fn with_floor(mut self, floor: f64) -> Self {
        self.floor = floor;
        self
    }

    /// Sets the most the channel may spend.
    #[must_use]
    pub const fn with_cap(mut self, cap: f64) -> Self {
        self.cap = cap;
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The least it must spend.
    #[must_use]
    pub const fn floor(&self) -> f64 {
        self.floor
    }

    /// The most it may spend; infinite where there is no cap.
    #[must_use]
    pub const fn cap(&self) -> f64 {
        self.cap
    }

    pub(super) fn check(&self) -> Result<(), PlanError> {
        let error = |what, value, expected| {
            Err(PlanError::ChannelValue { channel: self.name.clone(), what, value, expected })
        };
        if !(self.floor.is_finite() && self.floor >= 0.0) {
            return error("the floor", self.floor, "a finite amount that is not negative");
        }
        if self.cap.is_nan() || self.cap < 0.0 {
            return error("the cap", self.cap, "an amount that is not negative");
        }
        Ok(())
    }
}
