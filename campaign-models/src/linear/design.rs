//! Columns to numbers: standardised quantities and indicators.

use std::sync::Arc;

use campaign_core::ndarray::ArrayView1;
use campaign_core::{Column, ColumnKind, Dataset};

use super::error::LinearError;

/// The matrix of products of so many numbers a row still fits a cache level or two.
const MOST_TERMS: usize = 4096;

/// A spread below this share of the largest value is rounding.
const NO_SPREAD: f64 = 1e-12;

/// What stands for a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Coding {
    /// A quantity brought to mean 0 and variance 1, and an indicator of being missing.
    Quantity { mean: f64, deviation: f64, term: Option<usize>, missing: Option<usize> },
    /// An indicator for each level that was seen, and for being missing.
    Levels {
        terms: Vec<Option<usize>>,
        seen: Vec<bool>,
        missing: Option<usize>,
        missing_seen: bool,
    },
}

/// Rows as a linear model sees them.
#[derive(Debug)]
pub(super) struct Design {
    /// A coding for each column.
    pub(super) codings: Vec<Coding>,
    /// How many terms are quantities; they come first.
    pub(super) n_quantities: usize,
    /// By how much each term was not divided: 1 for quantities, the deviation of indicators.
    pub(super) scales: Vec<f64>,
    /// The share of weight that each indicator is 1 for; 0 for quantities.
    pub(super) shares: Vec<f64>,
    /// The quantities, row after row.
    quantities: Vec<f64>,
    /// The indicators that are 1, ascending, row after row, and where each row's start.
    indicators: Vec<u32>,
    starts: Vec<usize>,
}

impl Design {
    /// Of rows whose weights add up to 1. `leave_first` leaves out the first indicator of each
    /// categorical column.
    pub(super) fn new(
        data: &Dataset,
        rows: &[usize],
        weights: &[f64],
        leave_first: bool,
    ) -> Result<Self, LinearError> {
        let features = data.features();
        let mut terms = Terms { n_quantities: 0, shares: Vec::new(), leave_first };
        let mut codings = Vec::with_capacity(data.columns().len());
        for (column, values) in data.columns().iter().zip(features.columns()) {
            let weighted = || rows.iter().map(|row| values[*row]).zip(weights.iter().copied());
            codings.push(match &column.kind {
                ColumnKind::Numeric => terms.quantity(weighted)?,
                ColumnKind::Categorical { levels } => terms.levels(levels.len(), weighted),
            });
        }
        let Terms { n_quantities, shares: indicator_shares, .. } = terms;
        let n_terms = n_quantities + indicator_shares.len();
        if n_terms > MOST_TERMS {
            return Err(LinearError::TooWide { got: n_terms, max: MOST_TERMS });
        }
        // Indicators were numbered from 0.
        codings.iter_mut().for_each(|coding| coding.shift_indicators(n_quantities));
        let mut shares = vec![0.0; n_quantities];
        shares.extend(indicator_shares);
        let deviation =
            |share: &f64| if *share > 0.0 { (share * (1.0 - share)).sqrt() } else { 1.0 };
        let scales = shares.iter().map(deviation).collect();
        let (quantities, indicators, starts) = (Vec::new(), Vec::new(), vec![0]);
        let mut design =
            Self { codings, n_quantities, scales, shares, quantities, indicators, starts };
        rows.iter().for_each(|row| design.push(features.row(*row)));
        Ok(design)
    }

    fn push(&mut self, row: ArrayView1<'_, f64>) {
        for (x, coding) in row.iter().zip(&self.codings) {
            match coding {
                Coding::Quantity { mean, deviation, term, missing } => {
                    if term.is_some() {
                        self.quantities.push(if x.is_nan() { 0.0 } else { (x - mean) / deviation });
                    }
                    if x.is_nan() {
                        self.indicators.extend(missing.map(|term| term as u32));
                    }
                }
                Coding::Levels { terms, missing, .. } => {
                    // A data set has no other numbers than levels and NaN here.
                    let term = if x.is_nan() { *missing } else { terms[*x as usize] };
                    self.indicators.extend(term.map(|term| term as u32));
                }
            }
        }
        self.starts.push(self.indicators.len());
    }

    pub(super) fn n_terms(&self) -> usize {
        self.scales.len()
    }

    /// The rows: quantities, and which indicators are 1.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&[f64], &[u32])> {
        self.starts.windows(2).enumerate().map(|(row, bounds)| {
            let quantities = &self.quantities[row * self.n_quantities..][..self.n_quantities];
            (quantities, &self.indicators[bounds[0]..bounds[1]])
        })
    }

    /// What a term is, for a message.
    pub(super) fn name(&self, term: usize, columns: &[Column]) -> Arc<str> {
        for (column, coding) in columns.iter().zip(&self.codings) {
            let name = &column.name;
            match (coding, &column.kind) {
                (Coding::Quantity { term: Some(t), .. }, _) if *t == term => {
                    return Arc::clone(name);
                }
                (
                    Coding::Quantity { missing: Some(t), .. }
                    | Coding::Levels { missing: Some(t), .. },
                    _,
                ) if *t == term => {
                    return format!("{name} = missing").into();
                }
                (Coding::Levels { terms, .. }, ColumnKind::Categorical { levels }) => {
                    if let Some(level) = terms.iter().position(|t| *t == Some(term)) {
                        return format!("{name} = {}", levels[level]).into();
                    }
                }
                _ => {}
            }
        }
        "the intercept".into()
    }
}

impl Coding {
    fn shift_indicators(&mut self, by: usize) {
        match self {
            Self::Quantity { missing, .. } => missing.iter_mut().for_each(|term| *term += by),
            Self::Levels { terms, missing, .. } => {
                terms.iter_mut().chain([missing]).flatten().for_each(|term| *term += by);
            }
        }
    }
}

/// Terms being numbered: quantities, and apart from them indicators.
struct Terms {
    n_quantities: usize,
    shares: Vec<f64>,
    leave_first: bool,
}

impl Terms {
    fn indicator(&mut self, share: f64) -> usize {
        self.shares.push(share);
        self.shares.len() - 1
    }

    fn quantity<I: Iterator<Item = (f64, f64)>>(
        &mut self,
        weighted: impl Fn() -> I,
    ) -> Result<Coding, LinearError> {
        let present = || weighted().filter(|(x, _)| !x.is_nan());
        let share: f64 = present().map(|(_, w)| w).sum();
        if share <= 0.0 {
            return Ok(Coding::Quantity { mean: 0.0, deviation: 1.0, term: None, missing: None });
        }
        let mean: f64 = present().map(|(x, w)| x * (w / share)).sum();
        let variance: f64 = present().map(|(x, w)| w * (x - mean) * (x - mean)).sum();
        let largest = present().fold(0.0_f64, |largest, (x, _)| largest.max(x.abs()));
        let deviation = variance.sqrt();
        if !deviation.is_finite() {
            return Err(LinearError::NonFinite);
        }
        let varies = deviation > NO_SPREAD * largest;
        let deviation = if varies { deviation } else { 1.0 };
        let term = varies.then_some(self.n_quantities);
        self.n_quantities += usize::from(varies);
        let share: f64 = weighted().filter(|(x, _)| x.is_nan()).map(|(_, w)| w).sum();
        let missing = (share > 0.0).then(|| self.indicator(share));
        Ok(Coding::Quantity { mean, deviation, term, missing })
    }

    fn levels<I: Iterator<Item = (f64, f64)>>(
        &mut self,
        n: usize,
        weighted: impl Fn() -> I,
    ) -> Coding {
        // Missing is the one after the last level.
        let mut shares = vec![0.0; n + 1];
        for (x, w) in weighted() {
            shares[if x.is_nan() { n } else { x as usize }] += w;
        }
        let seen: Vec<bool> = shares.iter().map(|share| *share > 0.0).collect();
        let varies = seen.iter().filter(|seen| **seen).count() > 1;
        let first = if self.leave_first { seen.iter().position(|seen| *seen) } else { None };
        let term = |(level, share): (usize, &f64)| {
            (varies && *share > 0.0 && Some(level) != first).then(|| self.indicator(*share))
        };
        let mut terms: Vec<Option<usize>> = shares.iter().enumerate().map(term).collect();
        let missing = terms.pop().flatten();
        let missing_seen = seen.last().copied().unwrap_or(false);
        Coding::Levels { terms, seen, missing, missing_seen }
    }
}
