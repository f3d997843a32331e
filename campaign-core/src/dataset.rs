//! A table ready for a model.

use std::sync::Arc;

use jiff::civil::Date;
use ndarray::{Array2, ArrayView2, Axis};
use thiserror::Error;

use crate::consent::Purpose;

/// Why parts do not make a data set.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// A part has the wrong length.
    #[error("{what} has length {got}, expected {expected}")]
    Length {
        /// Which part.
        what: &'static str,
        /// Its length.
        got: usize,
        /// The length needed.
        expected: usize,
    },
    /// Two columns have one name.
    #[error("two columns are called {0:?}")]
    DuplicateColumn(Arc<str>),
    /// A value that cannot be.
    #[error("row {row}, column {column:?}: got {value}, expected {expected}")]
    Value {
        /// Row, from 0.
        row: usize,
        /// Column, or `target`, `weight` or `offset`.
        column: Arc<str>,
        /// The value.
        value: f64,
        /// What was expected there.
        expected: &'static str,
    },
    /// A row index beyond the end.
    #[error("row {row} does not exist, there are {rows}")]
    Row {
        /// The row asked for.
        row: usize,
        /// How many there are.
        rows: usize,
    },
}

/// What the numbers of a column mean.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum ColumnKind {
    /// A quantity.
    Numeric,
    /// One of several levels; the number is the level's index.
    Categorical {
        /// The levels' names.
        levels: Arc<[Arc<str>]>,
    },
}

/// A column's name and meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Column {
    /// Its name, unique in the table.
    pub name: Arc<str>,
    /// What its numbers mean.
    pub kind: ColumnKind,
    /// Why personal attributes of people are used, where the column rests on any.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub sensitive: Option<Purpose>,
}

impl Column {
    /// A column of quantities.
    #[must_use]
    pub fn numeric(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), kind: ColumnKind::Numeric, sensitive: None }
    }

    /// A column of level indices.
    #[must_use]
    pub fn categorical(name: impl Into<Arc<str>>, levels: impl Into<Arc<[Arc<str>]>>) -> Self {
        let kind = ColumnKind::Categorical { levels: levels.into() };
        Self { name: name.into(), kind, sensitive: None }
    }

    /// Marks it as resting on personal attributes of people, used for a purpose.
    #[must_use]
    pub fn with_sensitive(mut self, purpose: Purpose) -> Self {
        self.sensitive = Some(purpose);
        self
    }
}

/// Features with their names and meaning and, where there are any, target, weights, offset, days and
/// groups.
///
/// # Shapes
/// `features` is `(rows, columns)`, row-major, NaN for missing; everything else has one entry per
/// row.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, ndarray::array};
/// let data = Dataset::new(vec![Column::numeric("spend_7d")], array![[10.0], [f64::NAN]])?
///     .with_target(vec![1.0, 0.0])?;
/// assert_eq!((data.n_rows(), data.columns()[0].name.as_ref()), (2, "spend_7d"));
/// # Ok::<(), campaign_core::dataset::DatasetError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    columns: Vec<Column>,
    features: Array2<f64>,
    target: Option<Vec<f64>>,
    weights: Option<Vec<f64>>,
    offset: Option<Vec<f64>>,
    days: Option<Vec<Date>>,
    groups: Option<Vec<u32>>,
}

impl Dataset {
    /// A table of features.
    ///
    /// # Errors
    /// [`DatasetError`] if there is not one column per name, two names are equal, a value is
    /// infinite, or a level index is not one of its column's levels.
    pub fn new(columns: Vec<Column>, features: Array2<f64>) -> Result<Self, DatasetError> {
        length("columns", columns.len(), features.ncols())?;
        let mut names: Vec<_> = columns.iter().map(|c| &c.name).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(DatasetError::DuplicateColumn(Arc::clone(pair[0])));
        }
        for ((row, c), &value) in features.indexed_iter() {
            let expected = match &columns[c].kind {
                ColumnKind::Numeric if value.is_infinite() => "a finite number or NaN",
                ColumnKind::Categorical { levels } if !is_level(value, levels.len()) => {
                    "the index of a level or NaN"
                }
                _ => continue,
            };
            let column = Arc::clone(&columns[c].name);
            return Err(DatasetError::Value { row, column, value, expected });
        }
        let features = if features.is_standard_layout() {
            features
        } else {
            features.as_standard_layout().into_owned()
        };
        Ok(Self {
            columns,
            features,
            target: None,
            weights: None,
            offset: None,
            days: None,
            groups: None,
        })
    }

    /// The same rows with other features.
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`DatasetError::Length`] for another number of rows.
    pub fn with_features(
        self,
        columns: Vec<Column>,
        features: Array2<f64>,
    ) -> Result<Self, DatasetError> {
        length("features", features.nrows(), self.n_rows())?;
        let Self { columns, features, .. } = Self::new(columns, features)?;
        Ok(Self { columns, features, ..self })
    }

    /// Adds what is to be predicted.
    ///
    /// # Errors
    /// [`DatasetError`] for a wrong length or a value that is not finite.
    pub fn with_target(mut self, target: Vec<f64>) -> Result<Self, DatasetError> {
        length("target", target.len(), self.n_rows())?;
        values("target", &target, f64::MIN, "a finite number")?;
        self.target = Some(target);
        Ok(self)
    }

    /// Adds how much each row counts.
    ///
    /// # Errors
    /// [`DatasetError`] for a wrong length or a weight that is negative or not finite.
    pub fn with_weights(mut self, weights: Vec<f64>) -> Result<Self, DatasetError> {
        length("weights", weights.len(), self.n_rows())?;
        values("weight", &weights, 0.0, "a finite number that is not negative")?;
        self.weights = Some(weights);
        Ok(self)
    }

    /// Adds what each row's score starts from: the logarithm of its exposure where a count is
    /// predicted, or another model's score.
    ///
    /// # Errors
    /// [`DatasetError`] for a wrong length or a value that is not finite.
    pub fn with_offset(mut self, offset: Vec<f64>) -> Result<Self, DatasetError> {
        length("offset", offset.len(), self.n_rows())?;
        values("offset", &offset, f64::MIN, "a finite number")?;
        self.offset = Some(offset);
        Ok(self)
    }

    /// Adds the day of each row.
    ///
    /// # Errors
    /// [`DatasetError::Length`].
    pub fn with_days(mut self, days: Vec<Date>) -> Result<Self, DatasetError> {
        length("days", days.len(), self.n_rows())?;
        self.days = Some(days);
        Ok(self)
    }

    /// Adds the group of each row (its ad, its campaign), by index.
    ///
    /// # Errors
    /// [`DatasetError::Length`].
    pub fn with_groups(mut self, groups: Vec<u32>) -> Result<Self, DatasetError> {
        length("groups", groups.len(), self.n_rows())?;
        self.groups = Some(groups);
        Ok(self)
    }

    /// The rows at these indices, in this order; an index may occur twice.
    ///
    /// # Errors
    /// [`DatasetError::Row`].
    pub fn select(&self, rows: &[usize]) -> Result<Self, DatasetError> {
        let n = self.n_rows();
        if let Some(&row) = rows.iter().find(|row| **row >= n) {
            return Err(DatasetError::Row { row, rows: n });
        }
        fn pick<T: Copy>(from: Option<&[T]>, rows: &[usize]) -> Option<Vec<T>> {
            from.map(|from| rows.iter().map(|&row| from[row]).collect())
        }
        Ok(Self {
            columns: self.columns.clone(),
            features: self.features.select(Axis(0), rows),
            target: pick(self.target(), rows),
            weights: pick(self.weights(), rows),
            offset: pick(self.offset(), rows),
            days: pick(self.days(), rows),
            groups: pick(self.groups(), rows),
        })
    }

    /// Without the columns that rest on personal attributes, for a model that may not see them.
    #[must_use]
    pub fn without_sensitive(&self) -> Self {
        let kept = |c: &usize| self.columns.get(*c).is_some_and(|c| c.sensitive.is_none());
        let kept: Vec<usize> = (0..self.columns.len()).filter(kept).collect();
        // A selection of columns is laid out by columns; rows are what every data set lends.
        let features = self.features.select(Axis(1), &kept).as_standard_layout().into_owned();
        Self {
            columns: self.columns.iter().filter(|c| c.sensitive.is_none()).cloned().collect(),
            features,
            ..self.clone()
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.features.nrows()
    }

    /// The columns' names and meanings.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The features.
    #[must_use]
    pub fn features(&self) -> ArrayView2<'_, f64> {
        self.features.view()
    }

    /// What is to be predicted.
    #[must_use]
    pub fn target(&self) -> Option<&[f64]> {
        self.target.as_deref()
    }

    /// How much each row counts.
    #[must_use]
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// What each row's score starts from.
    #[must_use]
    pub fn offset(&self) -> Option<&[f64]> {
        self.offset.as_deref()
    }

    /// The day of each row.
    #[must_use]
    pub fn days(&self) -> Option<&[Date]> {
        self.days.as_deref()
    }

    /// The group of each row.
    #[must_use]
    pub fn groups(&self) -> Option<&[u32]> {
        self.groups.as_deref()
    }
}

fn is_level(value: f64, levels: usize) -> bool {
    value.is_nan() || (value >= 0.0 && value.fract() == 0.0 && value < levels as f64)
}

fn length(what: &'static str, got: usize, expected: usize) -> Result<(), DatasetError> {
    if got == expected { Ok(()) } else { Err(DatasetError::Length { what, got, expected }) }
}

fn values(
    column: &str,
    values: &[f64],
    low: f64,
    expected: &'static str,
) -> Result<(), DatasetError> {
    match values.iter().position(|v| !(v.is_finite() && *v >= low)) {
        None => Ok(()),
        Some(row) => {
            Err(DatasetError::Value { row, column: column.into(), value: values[row], expected })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use ndarray::array;

    fn levels() -> Arc<[Arc<str>]> {
        ["a".into(), "b".into()].into()
    }

    #[test]
    fn names_the_bad_cell() {
        let columns = || vec![Column::numeric("x"), Column::categorical("k", levels())];
        assert!(Dataset::new(columns(), array![[1.0, 1.0], [f64::NAN, f64::NAN]]).is_ok());
        for (bad, row) in [
            (array![[1.0, 0.0], [f64::INFINITY, 0.0]], 1),
            (array![[1.0, 2.0]], 0),
            (array![[1.0, 0.5]], 0),
            (array![[1.0, -1.0]], 0),
        ] {
            let error = Dataset::new(columns(), bad).unwrap_err();
            assert!(matches!(error, DatasetError::Value { row: r, .. } if r == row), "{error}");
        }
        let twice = vec![Column::numeric("x"), Column::numeric("x")];
        assert!(matches!(
            Dataset::new(twice, array![[1.0, 1.0]]),
            Err(DatasetError::DuplicateColumn(_))
        ));
    }

    #[test]
    fn selection_keeps_every_part_together() {
        let d = Dataset::new(vec![Column::numeric("x")], array![[0.0], [1.0], [2.0]])
            .and_then(|d| d.with_target(vec![10.0, 11.0, 12.0]))
            .and_then(|d| d.with_weights(vec![0.0, 1.0, 2.0]))
            .and_then(|d| d.with_offset(vec![-1.0, 0.0, 0.5]))
            .and_then(|d| d.with_days((1..=3).map(|i| date(2026, 1, i)).collect()))
            .and_then(|d| d.with_groups(vec![7, 8, 9]))
            .unwrap();
        let s = d.select(&[2, 0, 2]).unwrap();
        assert_eq!(s.features().column(0).to_vec(), [2.0, 0.0, 2.0]);
        assert_eq!(s.target(), Some(&[12.0, 10.0, 12.0][..]));
        assert_eq!(s.weights(), Some(&[2.0, 0.0, 2.0][..]));
        assert_eq!(s.offset(), Some(&[0.5, -1.0, 0.5][..]));
        assert_eq!(s.days().map(|d| d[1]), Some(date(2026, 1, 1)));
        assert_eq!(s.groups(), Some(&[9, 7, 9][..]));
        assert!(d.select(&[3]).is_err());
    }

    #[test]
    fn other_features_stand_on_the_same_rows() {
        let d = Dataset::new(vec![Column::numeric("x")], array![[0.0], [1.0]])
            .and_then(|d| d.with_target(vec![10.0, 11.0]))
            .unwrap();
        let columns = vec![Column::numeric("y"), Column::numeric("z")];
        let other = d.clone().with_features(columns.clone(), array![[2.0, 3.0], [4.0, 5.0]]);
        let other = other.unwrap();
        assert_eq!((other.columns(), other.target()), (&columns[..], d.target()));
        assert_eq!(other.features(), array![[2.0, 3.0], [4.0, 5.0]].view());
        let short = d.clone().with_features(columns.clone(), array![[2.0, 3.0]]);
        assert!(matches!(short, Err(DatasetError::Length { what: "features", .. })));
        assert!(d.with_features(columns, array![[2.0, 3.0], [4.0, f64::INFINITY]]).is_err());
    }

    #[test]
    fn a_model_may_be_denied_what_is_personal() {
        let columns = vec![
            Column::numeric("spend"),
            Column::numeric("age").with_sensitive(Purpose::ANALYTICS),
            Column::numeric("clicks"),
        ];
        let d = Dataset::new(columns, array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
            .and_then(|d| d.with_target(vec![7.0, 8.0]))
            .unwrap();
        let denied = d.without_sensitive();
        assert_eq!(denied.features(), array![[1.0, 3.0], [4.0, 6.0]].view());
        assert!(denied.features().is_standard_layout());
        assert_eq!(denied.columns()[1].name.as_ref(), "clicks");
        assert_eq!(denied.target(), d.target());
        assert_eq!(denied.without_sensitive(), denied);
    }

    #[test]
    fn lengths_and_values_are_checked() {
        let d = || Dataset::new(vec![Column::numeric("x")], array![[0.0]]).unwrap();
        assert!(d().with_target(vec![]).is_err());
        assert!(d().with_target(vec![f64::NAN]).is_err());
        assert!(d().with_weights(vec![-1.0]).is_err());
        assert!(d().with_offset(vec![]).is_err());
        assert!(d().with_offset(vec![f64::NEG_INFINITY]).is_err());
        assert!(d().with_days(vec![]).is_err());
        assert!(d().with_groups(vec![1, 2]).is_err());
        // A transposed matrix is laid out anew, so that every data set lends row-major rows.
        let t = Dataset::new(
            vec![Column::numeric("a"), Column::numeric("b")],
            array![[1.0, 2.0], [3.0, 4.0]].reversed_axes(),
        );
        assert!(t.unwrap().features().is_standard_layout());
    }
}
