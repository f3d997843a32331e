//! Why reading as a whole fails. What is wrong with one file or row is reported, not an error.

use campaign_core::ids::IdError;
use campaign_core::money::MoneyError;
use jiff::civil::Date;
use thiserror::Error;

use crate::fx::FxError;

/// Why a run as a whole fails.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum IngestError {
    /// A path cannot be read or written.
    #[error("{path}: {reason}")]
    Io {
        /// The path.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// An exchange rate that was asked for is missing.
    #[error(transparent)]
    Fx(#[from] FxError),
    /// An amount that does not fit: a sum of hours, a worth of conversions or a converted amount.
    #[error("{file}, line {row}: {error}")]
    Amount {
        /// The file of the row; of several hours, of the last that was added.
        file: String,
        /// Its line.
        row: u64,
        /// What is wrong.
        error: MoneyError,
    },
    /// What only a coarser report has does not fit in the reporting currency.
    #[error("what is unallocated of {source_id} on {date}: {error}")]
    Unallocated {
        /// The source.
        source_id: String,
        /// The day.
        date: Date,
        /// What is wrong.
        error: MoneyError,
    },
    /// A text that cannot be an id.
    #[error("{file}, line {row}: {error}")]
    Id {
        /// The file of the row.
        file: String,
        /// Its line.
        row: u64,
        /// What is wrong.
        error: IdError,
    },
}
