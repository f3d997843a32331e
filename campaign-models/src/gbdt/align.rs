//! Data brought to a model's columns by name.

use std::sync::Arc;

use campaign_core::ndarray::Array2;
use campaign_core::{ColumnKind, Dataset};

use super::model::Gbdt;
use crate::schema::{SchemaError, check_kind};

/// What a column's numbers become.
struct Source {
    column: usize,
    /// For each level of the data the model's, `None` for one it does not have.
    levels: Option<Vec<Option<usize>>>,
}

impl Gbdt {
    /// The data as the model expects them: its columns, found by name, in its order, and levels by name.
    /// Other columns are left out, and all else stays.
    ///
    /// A level that the model does not have becomes missing, or an error where the model
    /// [refuses](super::UnseenLevels::Refuse) it and a row has it.
    ///
    /// # Errors
    /// [`SchemaError`] for a column that is not there or of another kind, and for a refused level.
    ///
    /// # Examples
    /// ```
    /// use campaign_core::{Column, Dataset, ndarray::{Array2, array}};
    /// use campaign_models::{GbdtConfig, Objective, gbdt::UnseenLevels};
    /// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
    ///
    /// let channel = Column::categorical("channel", vec!["search".into(), "social".into()]);
    /// let x = Array2::from_shape_fn((100, 1), |(row, _)| (row % 2) as f64);
    /// let y = (0..100).map(|row| (row % 2) as f64).collect();
    /// let data = Dataset::new(vec![channel], x)?.with_target(y)?;
    /// let config = GbdtConfig::new(Objective::Squared).with_unseen_levels(UnseenLevels::Refuse);
    /// let model = config.fit(&data, None, &mut Xoshiro256PlusPlus::seed_from_u64(1))?;
    ///
    /// let levels = vec!["video".into(), "social".into()];
    /// let columns = vec![Column::numeric("clicks"), Column::categorical("channel", levels)];
    /// let week = Dataset::new(columns.clone(), array![[3.0, 1.0]])?;
    /// assert!(model.predict_dataset(&model.align(&week)?)?[0] > 0.9);
    /// let week = Dataset::new(columns, array![[3.0, 1.0], [1.0, 0.0]])?;
    /// assert_eq!(
    ///     model.align(&week).unwrap_err().to_string(),
    ///     r#"row 1, column "channel": no training row had level "video""#
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn align(&self, data: &Dataset) -> Result<Dataset, SchemaError> {
        let sources = self.sources(data)?;
        let from = data.features();
        let mut features = Array2::from_elem((data.n_rows(), sources.len()), f64::NAN);
        for ((row, at), to) in features.indexed_iter_mut() {
            let Source { column, levels } = &sources[at];
            let value = from[[row, *column]];
            *to = match levels {
                Some(levels) if !value.is_nan() => match levels[value as usize] {
                    Some(level) => level as f64,
                    None if self.seen_levels().is_some() => {
                        return Err(unseen(data, row, *column, value as usize));
                    }
                    None => f64::NAN,
                },
                _ => value,
            };
        }
        Ok(data.clone().with_features(self.columns().to_vec(), features)?)
    }

    fn sources(&self, data: &Dataset) -> Result<Vec<Source>, SchemaError> {
        let source = |expected: &campaign_core::Column| {
            let column = data.columns().iter().position(|got| got.name == expected.name);
            let missing = || SchemaError::Missing { column: Arc::clone(&expected.name) };
            let column = column.ok_or_else(missing)?;
            let got = &data.columns()[column];
            check_kind(got, expected)?;
            let levels = match (&got.kind, &expected.kind) {
                (
                    ColumnKind::Categorical { levels: got },
                    ColumnKind::Categorical { levels: expected },
                ) => {
                    let place = |name| expected.iter().position(|level| level == name);
                    Some(got.iter().map(place).collect())
                }
                _ => None,
            };
            Ok(Source { column, levels })
        };
        self.columns().iter().map(source).collect()
    }
}

/// The error for a level by its number in the data.
pub(super) fn unseen(data: &Dataset, row: usize, column: usize, level: usize) -> SchemaError {
    let about = &data.columns()[column];
    let name = match &about.kind {
        ColumnKind::Categorical { levels } => levels.get(level).cloned(),
        ColumnKind::Numeric => None,
    };
    let (column, level) = (Arc::clone(&about.name), name.unwrap_or_default());
    SchemaError::UnseenLevel { row, column, level }
}
