//! From a plan in numbers to amounts of money that add up.

use campaign_core::{Budget, Currency, Micros, Money, money::MoneyError};

use super::error::PlanError;
use super::outcome::{CellOutcome, PlanOutcome};
use crate::lp::room;

impl PlanOutcome {
    /// The plan in whole units of money that add up to its total.
    ///
    /// The total is the budget if it is an equality. Else it is the spend of the plan rounded down: less where
    /// upper bounds and caps in whole units permit no more, more where lower bounds and floors in whole
    /// units need it and the budget permits it. Each
    /// amount starts as its spend rounded down. The units that are missing go first to cells strictly between
    /// their bounds, so that a cell at a bound stays there, and only then to the others; among each one at a
    /// time to the largest remainders (ties to the first cell), as far as the cell's upper bound and the
    /// channel's cap permit. Units that are too many are taken away in the same way. Lower bounds and
    /// floors count rounded up to a unit, upper bounds and caps rounded down, so that no amount breaks
    /// its bound by even one micro.
    ///
    /// `unit` is the smallest step: `Micros(1)`, or `Micros(10_000)` for cents.
    ///
    /// # Errors
    /// [`PlanError::NoPlan`], [`PlanError::Unit`], [`PlanError::Money`] for amounts beyond 9.2e12;
    /// [`PlanError::NotAMultiple`] where an exact budget is no number of units and
    /// [`PlanError::Rounding`] where bounds leave no room for whole units.
    pub fn to_micros(&self, unit: Micros) -> Result<Vec<Micros>, PlanError> {
        if !self.has_plan() {
            return Err(PlanError::NoPlan { status: self.status });
        }
        if unit.0 <= 0 {
            return Err(PlanError::Unit { unit });
        }
        let mut rounding = Rounding::new(self, unit)?;
        rounding.meet_channels()?;
        rounding.meet_total()?;
        let amount = |units: i64| units.checked_mul(unit.0).map(Micros);
        let amounts: Option<Vec<Micros>> = rounding.units.into_iter().map(amount).collect();
        Ok(amounts.ok_or(MoneyError::Overflow)?)
    }

    /// The plan in the smallest coins of a currency, as [`to_micros`](Self::to_micros).
    ///
    /// # Errors
    /// As [`to_micros`](Self::to_micros).
    pub fn to_money(&self, currency: Currency) -> Result<Vec<Money>, PlanError> {
        let unit = Micros(10_i64.pow(6_u32.saturating_sub(currency.exponent())));
        let amounts = self.to_micros(unit)?;
        Ok(amounts.into_iter().map(|micros| Money::new(micros, currency)).collect())
    }
}

/// A number of units, rounded down; what is within rounding of a whole number counts as that number.
fn floor_units(amount: f64, unit: Micros) -> Result<i64, MoneyError> {
    let micros = snapped(amount * Micros::UNIT as f64);
    to_integer(snapped(micros / unit.0 as f64).floor())
}

fn ceil_units(amount: f64, unit: Micros) -> Result<i64, MoneyError> {
    let micros = snapped(amount * Micros::UNIT as f64);
    to_integer(snapped(micros / unit.0 as f64).ceil())
}

/// 12.3 units are 12299999.999999998 micros in binary; that is meant to be 12300000.
fn snapped(value: f64) -> f64 {
    let whole = value.round();
    if (value - whole).abs() <= 4.0 * f64::EPSILON * whole.abs() { whole } else { value }
}

fn to_integer(value: f64) -> Result<i64, MoneyError> {
    if value.abs() < 9.2e18 { Ok(value as i64) } else { Err(MoneyError::Overflow) }
}

struct Rounding<'a> {
    outcome: &'a PlanOutcome,
    unit: Micros,
    exact: Vec<f64>,
    /// Whether the spend of each cell lies strictly between its bounds.
    between: Vec<bool>,
    units: Vec<i64>,
    lower: Vec<i64>,
    upper: Vec<i64>,
    channel: Vec<i64>,
    floor: Vec<i64>,
    cap: Vec<i64>,
}

impl<'a> Rounding<'a> {
    fn new(outcome: &'a PlanOutcome, unit: Micros) -> Result<Self, PlanError> {
        let plan = &outcome.plan;
        let high = |&bound: &f64| {
            // An endless bound, or one beyond all money, does not bind.
            if bound > 9e12 { Ok(i64::MAX) } else { floor_units(bound, unit) }
        };
        let lower: Result<Vec<i64>, _> = plan.lower.iter().map(|&l| ceil_units(l, unit)).collect();
        let upper: Result<Vec<i64>, _> = plan.upper.iter().map(high).collect();
        let floor: Result<Vec<i64>, _> = plan.floor.iter().map(|&f| ceil_units(f, unit)).collect();
        let cap: Result<Vec<i64>, _> = plan.cap.iter().map(high).collect();
        let scale = Micros::UNIT as f64 / unit.0 as f64;
        // The same tolerance with which the reasons say that a cell is at a bound.
        let room = room(plan.budget);
        let between = |c: &CellOutcome| c.spend - c.lower > room && c.upper - c.spend > room;
        let mut this = Self {
            outcome,
            unit,
            exact: outcome.cells.iter().map(|cell| cell.spend * scale).collect(),
            between: outcome.cells.iter().map(between).collect(),
            units: Vec::with_capacity(plan.cells.len()),
            lower: lower?,
            upper: upper?,
            channel: vec![0; plan.channels.len()],
            floor: floor?,
            cap: cap?,
        };
        for (i, cell) in outcome.cells.iter().enumerate() {
            if this.lower[i] > this.upper[i] {
                return Err(
                    this.stuck(format!("the bounds of {:?} in {:?}", cell.name, cell.channel))
                );
            }
            let units = floor_units(cell.spend, unit)?.clamp(this.lower[i], this.upper[i]);
            this.units.push(units);
            let sum = &mut this.channel[plan.channel_of[i] as usize];
            *sum = sum.checked_add(units).ok_or(MoneyError::Overflow)?;
        }
        Ok(this)
    }

    fn stuck(&self, what: String) -> PlanError {
        PlanError::Rounding { unit: self.unit, what }
    }

    /// Moves each channel to within its floor and cap.
    fn meet_channels(&mut self) -> Result<(), PlanError> {
        let plan = &self.outcome.plan;
        for channel in 0..self.channel.len() {
            let members = plan.offsets[channel] as usize..plan.offsets[channel + 1] as usize;
            let members: Vec<usize> = plan.members[members].iter().map(|&c| c as usize).collect();
            let sum = self.channel[channel];
            let (floor, cap) = (self.floor[channel], self.cap[channel]);
            let target = if sum < floor { floor } else { sum.min(cap) };
            if floor > cap || !self.shift(&members, target - sum, false) {
                return Err(self
                    .stuck(format!("the limits of channel {:?}", plan.channels[channel].name())));
            }
        }
        Ok(())
    }

    /// What the amounts must add up to.
    fn total(&self) -> Result<i64, PlanError> {
        let unit = self.unit;
        match self.outcome.plan.budget {
            Budget::Exactly(amount) => {
                let budget = Micros::from_f64(amount)?;
                if budget.0 % unit.0 == 0 {
                    Ok(budget.0 / unit.0)
                } else {
                    Err(PlanError::NotAMultiple { budget, unit })
                }
            }
            Budget::AtMost(amount) => {
                let budget = floor_units(amount, unit)?;
                let least = self.least().ok_or(MoneyError::Overflow)?;
                let spend = floor_units(self.outcome.total, unit)?.min(self.most());
                Ok(spend.max(least).min(budget))
            }
        }
    }

    /// What lower bounds and floors demand together.
    fn least(&self) -> Option<i64> {
        let mut lower = vec![0_i64; self.channel.len()];
        for (&units, &channel) in self.lower.iter().zip(&self.outcome.plan.channel_of) {
            let sum = &mut lower[channel as usize];
            *sum = sum.checked_add(units)?;
        }
        let demand = lower.iter().zip(&self.floor).map(|(&lower, &floor)| lower.max(floor));
        demand.into_iter().try_fold(0_i64, i64::checked_add)
    }

    /// What upper bounds and caps permit together.
    fn most(&self) -> i64 {
        let mut upper = vec![0_i64; self.channel.len()];
        for (&units, &channel) in self.upper.iter().zip(&self.outcome.plan.channel_of) {
            let sum = &mut upper[channel as usize];
            *sum = sum.saturating_add(units);
        }
        let room = upper.iter().zip(&self.cap).map(|(&upper, &cap)| upper.min(cap));
        room.fold(0, i64::saturating_add)
    }

    fn meet_total(&mut self) -> Result<(), PlanError> {
        let total = self.total()?;
        let all: Vec<usize> = (0..self.units.len()).collect();
        let sum = self.units.iter().try_fold(0_i64, |sum, &units| sum.checked_add(units));
        let missing = total - sum.ok_or(MoneyError::Overflow)?;
        if self.shift(&all, missing, true) {
            Ok(())
        } else {
            Err(self.stuck("the budget and all limits".to_owned()))
        }
    }

    /// Adds `missing` units, or takes them away if negative: from cells between their bounds first, so that
    /// a cell said to be at a bound is there to the last unit. False if the limits do not let it.
    fn shift(&mut self, cells: &[usize], missing: i64, by_channel: bool) -> bool {
        let between: Vec<usize> = cells.iter().copied().filter(|&c| self.between[c]).collect();
        let missing = self.shift_among(&between, missing, by_channel);
        self.shift_among(cells, missing, by_channel) == 0
    }

    /// Adds `missing` units in equal shares of at least one per round, largest remainder first; takes
    /// away, smallest first, if negative. Returns what the limits did not let it.
    fn shift_among(&mut self, cells: &[usize], mut missing: i64, by_channel: bool) -> i64 {
        let step = missing.signum();
        while missing != 0 {
            let mut open: Vec<usize> =
                cells.iter().copied().filter(|&c| self.room(c, step, by_channel) > 0).collect();
            if open.is_empty() {
                break;
            }
            let remainder = |c: usize| (self.exact[c] - self.units[c] as f64) * step as f64;
            open.sort_by(|&a, &b| remainder(b).total_cmp(&remainder(a)));
            let share = (missing.abs() / open.len() as i64).max(1);
            for cell in open {
                // A channel may have filled up during this round.
                let units = self.room(cell, step, by_channel).min(share).min(missing.abs());
                self.units[cell] += units * step;
                self.channel[self.outcome.plan.channel_of[cell] as usize] += units * step;
                missing -= units * step;
            }
        }
        missing
    }

    /// How many units a cell can still move in a direction.
    fn room(&self, cell: usize, step: i64, by_channel: bool) -> i64 {
        let channel = self.outcome.plan.channel_of[cell] as usize;
        let (units, sum) = (self.units[cell], self.channel[channel]);
        let (own, shared) = if step > 0 {
            (self.upper[cell].saturating_sub(units), self.cap[channel].saturating_sub(sum))
        } else {
            (units - self.lower[cell], sum.saturating_sub(self.floor[channel]))
        };
        if by_channel { own.min(shared).max(0) } else { own.max(0) }
    }
}
