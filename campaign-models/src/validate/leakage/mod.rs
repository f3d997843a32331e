//! What a model should not have been shown.
//!
//! [`LeakageCheck`] looks for columns and rows that make a model look better than it will be, and
//! says with numbers why. It cannot know what a column means: a finding is a question to whoever
//! does, and a column that leaks a little among noise is not found.

mod after;
mod alone;
mod duplicates;
mod error;
mod identifier;
mod joint;
mod outcome;
mod report;
mod statistics;

use std::sync::Arc;

use campaign_core::rand::{Rng, RngExt};
use campaign_core::{Column, Dataset};
use jiff::civil::Date;

pub use error::LeakageError;
pub use report::{Evidence, Finding, LeakageKind, LeakageReport};

use alone::Alone;
use joint::Joint;
use outcome::Outcome;

/// Looks for leaks.
///
/// | kind | raised where |
/// | --- | --- |
/// | [`TooGoodAlone`](LeakageKind::TooGoodAlone) | one column predicts the target with AUC (or, for amounts, `R²` of ranks) above 0.95; or, for two classes, it ranks as well as five or more other columns together, which rank well themselves, and halves what they leave unexplained |
/// | [`KnownAfter`](LeakageKind::KnownAfter) | a value is there, or is not the usual one, almost only where the target is positive |
/// | [`ChangedAfter`](LeakageKind::ChangedAfter) | a value was last changed after the day of its row, by days the caller knows |
/// | [`IdLike`](LeakageKind::IdLike) | almost every row has its own level, or its own whole number that rises with the rows or the days, leaves hardly a gap, or has 13 digits |
/// | [`Duplicates`](LeakageKind::Duplicates) | rows equal in every column and the target stand on both sides of a split, more than agree by chance |
/// | [`NearDuplicates`](LeakageKind::NearDuplicates) | rows of one group that differ in one column at most stand on both sides of a split that is not one in time |
///
/// What is estimated is judged by a bound at some standard errors from it, two to four, so that chance
/// alone does not raise an alarm.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, ndarray::Array2};
/// use campaign_models::validate::{LeakageCheck, LeakageKind};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// // What was paid is filled in where there was a conversion.
/// let converted = |row: usize| row % 5 == 0;
/// let x = Array2::from_shape_fn((500, 2), |(row, column)| match column {
///     0 => (row * 7919 % 211) as f64,
///     _ if converted(row) => 20.0 + (row % 3) as f64,
///     _ => f64::NAN,
/// });
/// let columns = vec![Column::numeric("spend_7d"), Column::numeric("order_value")];
/// let data = Dataset::new(columns, x)?
///     .with_target((0..500).map(|row| f64::from(converted(row))).collect())?;
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let report = LeakageCheck::new().inspect(&data, &mut rng)?;
/// assert_eq!(report.findings.len(), 1);
/// assert_eq!(report.findings[0].kind, LeakageKind::KnownAfter);
/// assert_eq!(report.findings[0].column.as_deref(), Some("order_value"));
/// println!("{report}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeakageCheck {
    changed_on: Vec<(Arc<str>, Vec<Option<Date>>)>,
}

impl LeakageCheck {
    /// Everything that can be seen in the data themselves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the day on which each row's value of a column was last changed, where it is known.
    ///
    /// For [`inspect`](Self::inspect), which compares it to the day of the row.
    #[must_use]
    pub fn with_changed_on(
        mut self,
        column: impl Into<Arc<str>>,
        days: impl Into<Vec<Option<Date>>>,
    ) -> Self {
        self.changed_on.push((column.into(), days.into()));
        self
    }

    /// Looks at each column of a table.
    ///
    /// Weights are not looked at. The generator halves the rows, so that what a column says is
    /// judged on rows that did not teach it.
    ///
    /// # Errors
    /// [`LeakageError`] for data without a target, changed days of a column that does not exist or
    /// of data without days, or of a wrong length, or where the model of all columns cannot be fitted.
    ///
    /// # Complexity
    /// `O(rows ln(rows) * columns)`, and two fits of a small model for each column that ranks well.
    pub fn inspect(
        &self,
        data: &Dataset,
        rng: &mut dyn Rng,
    ) -> Result<LeakageReport, LeakageError> {
        let target = data.target().ok_or(LeakageError::NoTarget)?;
        let outcome = Outcome::new(target);
        let half: Vec<bool> = target.iter().map(|_| rng.random()).collect();
        let mut findings = self.changed(data)?;
        let mut joint = Joint::new(data, &half);
        for (index, column) in data.columns().iter().enumerate() {
            let values: Vec<f64> = data.features().column(index).to_vec();
            findings.extend(identifier::find(column, &values, data.days()));
            findings.extend(look(index, column, &values, &outcome, &half, &mut joint, rng)?);
        }
        Ok(LeakageReport { rows: data.n_rows(), columns: data.columns().len(), findings })
    }

    /// Looks at each column of the training data, and at rows on both sides of a split.
    ///
    /// # Errors
    /// As [`inspect`](Self::inspect), and [`LeakageError::Schema`] for sides with other columns.
    ///
    /// # Complexity
    /// As [`inspect`](Self::inspect), and memory for three numbers per row.
    pub fn inspect_split(
        &self,
        train: &Dataset,
        valid: &Dataset,
        rng: &mut dyn Rng,
    ) -> Result<LeakageReport, LeakageError> {
        crate::schema::check_columns(valid.columns(), train.columns())?;
        let mut report = self.inspect(train, rng)?;
        report.findings.extend(duplicates::find(train, valid));
        report.rows += valid.n_rows();
        Ok(report)
    }

    fn changed(&self, data: &Dataset) -> Result<Vec<Finding>, LeakageError> {
        let mut findings = Vec::new();
        for (name, changed_on) in &self.changed_on {
            if !data.columns().iter().any(|column| column.name == *name) {
                return Err(LeakageError::NoSuchColumn(Arc::clone(name)));
            }
            let days = data.days().ok_or(LeakageError::NoDays)?;
            let (got, expected) = (changed_on.len(), days.len());
            if got != expected {
                return Err(LeakageError::Length { column: Arc::clone(name), got, expected });
            }
            findings.extend(after::changed(name, changed_on, days));
        }
        Ok(findings)
    }
}

/// One finding per column about what it says of the target, the plainest reason first.
fn look(
    index: usize,
    column: &Column,
    values: &[f64],
    outcome: &Outcome,
    half: &[bool],
    joint: &mut Joint<'_>,
    rng: &mut dyn Rng,
) -> Result<Option<Finding>, LeakageError> {
    let missing = after::missing(column, values, outcome);
    if missing.is_some() {
        return Ok(missing);
    }
    let Some(alone) = Alone::new(column, values, outcome, half) else {
        return Ok(None);
    };
    let plain = alone.too_good(column, outcome).or_else(|| after::values(column, values, outcome));
    if plain.is_some() {
        return Ok(plain);
    }
    alone.outdoes(index, column, outcome, joint, rng)
}
