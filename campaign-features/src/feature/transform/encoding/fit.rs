//! Numbers of rows that have not seen their own labels.

use super::super::error::{TransformError, length};
use super::table::Level;
use super::{Encoding, EncodingTable, NO_LEVEL};

/// When a row is decided, and when its label is known; any unit, the same for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// When the row is to be encoded.
    pub at: i64,
    /// When its label is known; `i64::MAX` if not yet.
    pub label_known: i64,
}

pub(super) fn check_row(row: usize, label: f64, weight: f64) -> Result<(), TransformError> {
    for (what, value) in [("labels", label), ("weights", weight), ("labels", label * weight)] {
        if !value.is_finite() {
            return Err(TransformError::NonFinite { what, row, value });
        }
    }
    if weight < 0.0 {
        return Err(TransformError::Range {
            what: "weights",
            row,
            value: weight,
            expected: "0 or more",
        });
    }
    Ok(())
}

/// The rows as sums, checked.
fn rows(
    levels: &[u32],
    labels: &[f64],
    weights: Option<&[f64]>,
) -> Result<Vec<Level>, TransformError> {
    length("labels", labels.len(), levels.len())?;
    if let Some(weights) = weights {
        length("weights", weights.len(), levels.len())?;
    }
    let mut rows = Vec::with_capacity(levels.len());
    for (row, &label) in labels.iter().enumerate() {
        let weight = weights.map_or(Some(1.0), |weights| weights.get(row).copied()).unwrap_or(1.0);
        check_row(row, label, weight)?;
        rows.push(Level { sum: weight * label, weight });
    }
    Ok(rows)
}

impl Encoding {
    /// The table of all rows, for rows that are not among them.
    ///
    /// # Shapes
    /// `levels`, `labels` and `weights` have one entry per row; weights are 1 if none are given, and a
    /// row of weight 0 counts nothing.
    ///
    /// # Errors
    /// [`TransformError`] for a parameter, a length, a label or a weight.
    pub fn fit(
        &self,
        levels: &[u32],
        labels: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<EncodingTable, TransformError> {
        let mut table = EncodingTable::new(*self)?;
        for (row, &level) in rows(levels, labels, weights)?.into_iter().zip(levels) {
            table.push(level, row);
        }
        Ok(table)
    }

    /// The number of each row by the rows of the other folds.
    ///
    /// # Shapes
    /// As [`fit`](Self::fit); `folds` names the fold of each row by any number.
    ///
    /// # Errors
    /// [`TransformError`] for a parameter, a length, a label or a weight.
    ///
    /// # Complexity
    /// O(n log n) for n rows, whatever the number of folds.
    pub fn out_of_fold(
        &self,
        levels: &[u32],
        labels: &[f64],
        weights: Option<&[f64]>,
        folds: &[u32],
    ) -> Result<Vec<f64>, TransformError> {
        self.check()?;
        length("folds", folds.len(), levels.len())?;
        let rows = rows(levels, labels, weights)?;
        let mut order: Vec<Row> = Vec::with_capacity(rows.len());
        for (at, ((&sums, &level), &fold)) in rows.iter().zip(levels).zip(folds).enumerate() {
            if level != NO_LEVEL {
                order.push(Row { at, level, fold, sums });
            }
        }
        // All levels together first, for the prior; then each level.
        order.sort_by_key(|row| (row.fold, row.at));
        let mut all = vec![Level::default(); levels.len()];
        others(&order, &mut all);
        order.sort_by_key(|row| (row.level, row.fold, row.at));
        let mut own = vec![Level::default(); levels.len()];
        for group in order.chunk_by(|a, b| a.level == b.level) {
            others(group, &mut own);
        }
        let number = |((&level, own), all): ((&u32, &Level), &Level)| {
            if level == NO_LEVEL { f64::NAN } else { self.number(*own, *all) }
        };
        Ok(levels.iter().zip(&own).zip(&all).map(number).collect())
    }

    /// The number of each row by rows that happened before it and whose labels it could know:
    /// `at` strictly earlier and `label_known` no later than the row's `at`.
    ///
    /// # Shapes
    /// As [`fit`](Self::fit); `moments` has one entry per row, in any order.
    ///
    /// Rows that nothing precedes get the prior if one is given, else NaN.
    ///
    /// # Errors
    /// [`TransformError`] for a parameter, a length, a label or a weight.
    ///
    /// # Complexity
    /// O(n log n) for n rows.
    pub fn expanding(
        &self,
        levels: &[u32],
        labels: &[f64],
        weights: Option<&[f64]>,
        moments: &[Moment],
    ) -> Result<Vec<f64>, TransformError> {
        let mut table = EncodingTable::new(*self)?;
        length("moments", moments.len(), levels.len())?;
        let rows = rows(levels, labels, weights)?;
        let mut learn: Vec<(i64, usize, u32, Level)> = Vec::with_capacity(rows.len());
        let mut ask: Vec<(i64, usize, u32)> = Vec::with_capacity(rows.len());
        for (at, ((&row, &level), moment)) in rows.iter().zip(levels).zip(moments).enumerate() {
            ask.push((moment.at, at, level));
            // Strictly earlier: a row at the end of time precedes nothing.
            if let Some(after) = moment.at.checked_add(1)
                && moment.label_known != i64::MAX
            {
                learn.push((moment.label_known.max(after), at, level, row));
            }
        }
        learn.sort_by_key(|&(from, at, ..)| (from, at));
        ask.sort_unstable();
        let mut out = vec![f64::NAN; levels.len()];
        let mut learn = learn.into_iter().peekable();
        for (now, at, level) in ask {
            while let Some((.., level, row)) = learn.next_if(|&(from, ..)| from <= now) {
                table.push(level, row);
            }
            if let Some(out) = out.get_mut(at) {
                *out = table.encode(level);
            }
        }
        Ok(out)
    }
}

struct Row {
    at: usize,
    level: u32,
    fold: u32,
    sums: Level,
}

/// For each row the sums of the rows of the other folds: those of the folds before and those of the
/// folds after. A difference from the whole would keep a trace of the row's own label in its last bit.
fn others(sorted: &[Row], out: &mut [Level]) {
    let mut totals: Vec<Level> = Vec::new();
    for fold in sorted.chunk_by(|a, b| a.fold == b.fold) {
        let mut total = Level::default();
        fold.iter().for_each(|row| total.add(row.sums));
        totals.push(total);
    }
    let mut after = vec![Level::default(); totals.len()];
    let mut sum = Level::default();
    for (slot, &total) in after.iter_mut().zip(&totals).rev() {
        *slot = sum;
        sum.add(total);
    }
    let mut before = Level::default();
    let folds = sorted.chunk_by(|a, b| a.fold == b.fold);
    for ((fold, &total), &after) in folds.zip(&totals).zip(&after) {
        let mut other = before;
        other.add(after);
        for row in fold {
            if let Some(slot) = out.get_mut(row.at) {
                *slot = other;
            }
        }
        before.add(total);
    }
}
