//! Why a plan cannot be made.

use campaign_core::money::MoneyError;
use thiserror::Error;

/// Why a plan cannot be made, or not be rounded to money.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The budget is negative or no finite number.
    #[error("the budget is {value}, expected a finite amount that is not negative")]
    Budget {
        /// The value.
        value: f64,
    },
    /// A number of a cell is out of range.
    #[error("{what} of cell {cell:?} in channel {channel:?} is {value}, expected {expected}")]
    CellValue {
        /// The channel.
        channel: String,
        /// The cell.
        cell: String,
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        expected: &'static str,
    },
    /// Bounds relative to last period's spend, and no such spend.
    #[error("cell {cell:?} in channel {channel:?} has relative bounds but no last spend")]
    NoLastSpend {
        /// The channel.
        channel: String,
        /// The cell.
        cell: String,
    },
    /// A number of a channel is out of range.
    #[error("{what} of channel {channel:?} is {value}, expected {expected}")]
    ChannelValue {
        /// The channel.
        channel: String,
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        expected: &'static str,
    },
    /// The same cell twice.
    #[error("cell {cell:?} in channel {channel:?} is listed twice")]
    DuplicateCell {
        /// The channel.
        channel: String,
        /// The cell.
        cell: String,
    },
    /// Limits of one channel twice.
    #[error("channel {channel:?} has limits twice")]
    DuplicateChannel {
        /// The channel.
        channel: String,
    },
    /// More cells than a `u32` counts.
    #[error("{got} cells, expected at most {}", u32::MAX)]
    TooManyCells {
        /// How many there are.
        got: usize,
    },
    /// There is no plan to round.
    #[error("there is no plan to round: it is {status}")]
    NoPlan {
        /// How the allocation ended.
        status: campaign_core::Status,
    },
    /// The rounding unit is not positive.
    #[error("the rounding unit is {unit}, expected a positive amount")]
    Unit {
        /// The unit.
        unit: campaign_core::Micros,
    },
    /// An exact budget that no number of rounding units adds up to.
    #[error("the budget {budget} is not a multiple of {unit}")]
    NotAMultiple {
        /// The budget.
        budget: campaign_core::Micros,
        /// The unit.
        unit: campaign_core::Micros,
    },
    /// No amounts in whole units satisfy the bounds.
    #[error("no amounts in multiples of {unit} satisfy {what}")]
    Rounding {
        /// The unit.
        unit: campaign_core::Micros,
        /// The limits of which cell or channel, or the budget.
        what: String,
    },
    /// An amount beyond what micros can hold.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
