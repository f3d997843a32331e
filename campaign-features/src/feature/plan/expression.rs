//! What a column is made of: reads, dates, and what is computed of them.

use std::sync::Arc;

use super::super::spec::{Arithmetic, Saturation};
use super::super::transform::cap::Exposures;

/// A number per request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    /// A read of an entity plan.
    Read {
        entity: usize,
        slot: usize,
    },
    /// A number of the described day.
    Dated(usize),
    /// `(above + prior * strength) / (below + strength)`.
    Ratio {
        above: Box<Self>,
        below: Box<Self>,
        prior: f64,
        strength: f64,
    },
    /// What a code stands for.
    Lookup {
        code: Box<Self>,
        table: Arc<[f64]>,
        /// For a code beyond the table, and for none.
        other: f64,
        missing: f64,
    },
    Saturated {
        of: Box<Self>,
        saturation: Saturation,
    },
    /// The share of people reached more often than a cap, from impressions per person.
    Capped {
        frequency: Box<Self>,
        shape: f64,
        cap: u32,
    },
    Cross {
        operation: Arithmetic,
        left: Box<Self>,
        right: Box<Self>,
    },
    /// `left * width + right`, the level of a pair.
    Pair {
        left: Box<Self>,
        right: Box<Self>,
        width: f64,
    },
}

impl Expression {
    /// The number; NaN where it is not finite.
    pub(crate) fn value(&self, reads: &[&[f64]], dated: &[f64]) -> f64 {
        let value = match self {
            Self::Read { entity, slot } => {
                return reads.get(*entity).and_then(|r| r.get(*slot)).copied().unwrap_or(f64::NAN);
            }
            Self::Dated(place) => dated.get(*place).copied().unwrap_or(f64::NAN),
            Self::Ratio { above, below, prior, strength } => {
                let (above, below) = (above.value(reads, dated), below.value(reads, dated));
                if *strength == 0.0 {
                    above / below
                } else {
                    (above + prior * strength) / (below + strength)
                }
            }
            Self::Lookup { code, table, other, missing } => {
                let code = code.value(reads, dated);
                // A NaN code becomes 0 when cast, so it is told apart first.
                if code.is_nan() {
                    *missing
                } else {
                    table.get(code as usize).copied().unwrap_or(*other)
                }
            }
            Self::Saturated { of, saturation } => saturation.value(of.value(reads, dated)),
            Self::Capped { frequency, shape, cap } => {
                let frequency = frequency.value(reads, dated);
                Exposures::from_frequency(frequency, *shape)
                    .map_or(f64::NAN, |exposures| exposures.share_above(*cap))
            }
            Self::Cross { operation, left, right } => {
                let (left, right) = (left.value(reads, dated), right.value(reads, dated));
                operation.of(left, right)
            }
            Self::Pair { left, right, width } => {
                left.value(reads, dated) * width + right.value(reads, dated)
            }
        };
        if value.is_finite() { value } else { f64::NAN }
    }
}
