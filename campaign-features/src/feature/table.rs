//! Features in rows, as they are given to a model or a file.

use std::io::{self, Write};
use std::sync::Arc;

use campaign_core::error::check_length;
use campaign_core::ndarray::Array2;
use campaign_core::{Column, ColumnKind, Dataset};
use jiff::Timestamp;
use jiff::civil::Date;

use super::error::FeatureError;
use super::plan::{Plan, date_of};
use super::source::{Requests, Sources};
use super::spec::FeatureSpec;
use crate::ingest::safe_cell;

/// One row of features per request.
///
/// # Shapes
/// `values` is `(requests, columns)`, row-major, NaN for missing.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureTable {
    columns: Vec<Column>,
    values: Array2<f64>,
    requests: Arc<Requests>,
    kinds: Vec<Arc<str>>,
    names: Vec<Vec<Arc<str>>>,
}

impl FeatureTable {
    /// A plan's columns for these requests.
    ///
    /// # Shapes
    /// `values` is `(requests, columns)`, row-major.
    ///
    /// # Errors
    /// [`FeatureError::Kernel`] for another length.
    pub fn new(
        plan: &Plan,
        sources: &Sources,
        requests: Arc<Requests>,
        values: Vec<f64>,
    ) -> Result<Self, FeatureError> {
        let shape = (requests.len(), plan.columns().len());
        check_length("values", values.len(), shape.0 * shape.1)?;
        let wrong = |_| campaign_core::Error::Layout;
        Ok(Self {
            columns: plan.columns().to_vec(),
            values: Array2::from_shape_vec(shape, values).map_err(wrong)?,
            requests,
            kinds: sources.kinds.clone(),
            names: sources.names.clone(),
        })
    }

    /// The same rows with other columns.
    ///
    /// # Errors
    /// [`FeatureError::Kernel`] for columns of another length.
    pub(crate) fn with_columns(
        &self,
        columns: impl Iterator<Item = (Column, Vec<f64>)>,
    ) -> Result<Self, FeatureError> {
        let (columns, values): (Vec<Column>, Vec<Vec<f64>>) = columns.unzip();
        let mut table = Array2::zeros((self.n_rows(), columns.len()));
        for (mut to, from) in table.columns_mut().into_iter().zip(&values) {
            check_length("column", from.len(), to.len())?;
            for (to, from) in to.iter_mut().zip(from) {
                *to = *from;
            }
        }
        Ok(Self { columns, values: table, ..self.clone() })
    }

    /// The columns' names and meanings.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The features.
    #[must_use]
    pub fn values(&self) -> &Array2<f64> {
        &self.values
    }

    /// What was asked, row by row.
    #[must_use]
    pub fn requests(&self) -> &Requests {
        &self.requests
    }

    /// Entity kinds, in the order of the requests' key columns.
    #[must_use]
    pub fn kinds(&self) -> &[Arc<str>] {
        &self.kinds
    }

    /// Per entity kind, the names of its keys.
    #[cfg(feature = "arrow")]
    pub(crate) fn names(&self) -> &[Vec<Arc<str>>] {
        &self.names
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.requests.len()
    }

    /// The name of a row's key of a kind.
    #[must_use]
    pub fn key(&self, kind: usize, row: usize) -> Option<&Arc<str>> {
        let &key = self.requests.keys.get(kind)?.get(row)?;
        self.names.get(kind)?.get(key as usize)
    }

    /// The day a row describes.
    #[must_use]
    pub fn day(&self, row: usize) -> Option<Date> {
        date_of(*self.requests.described_days().get(row)?)
    }

    /// A column by its name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<Vec<f64>> {
        let index = self.columns.iter().position(|column| &*column.name == name)?;
        Some(self.values.column(index).to_vec())
    }

    /// The spec with this table's levels, so that a later table has the same ones.
    #[must_use]
    pub fn fixed(&self, spec: &FeatureSpec) -> FeatureSpec {
        let mut spec = spec.clone();
        for column in &self.columns {
            if let ColumnKind::Categorical { levels } = &column.kind {
                spec.levels.insert(Arc::clone(&column.name), levels.to_vec());
            }
        }
        spec
    }

    /// All rows for a model: features, days, and the keys of one kind as groups.
    ///
    /// # Errors
    /// [`FeatureError::Dataset`], [`FeatureError::Kernel`] for a day beyond the calendar.
    pub fn to_dataset(&self, group: usize) -> Result<Dataset, FeatureError> {
        let days = self.requests.described_days().iter().map(|&day| {
            date_of(day).ok_or(campaign_core::Error::OutOfRange {
                what: "day",
                index: 0,
                value: f64::from(day),
                low: -4_371_587.0,
                high: 2_932_896.0,
            })
        });
        let mut data = Dataset::new(self.columns.clone(), self.values.clone())?
            .with_days(days.collect::<Result<_, _>>()?)?;
        if let Some(keys) = self.requests.keys.get(group).filter(|keys| !keys.is_empty()) {
            data = data.with_groups(keys.clone())?;
        }
        Ok(data)
    }

    /// Writes the kinds, `day`, `cutoff` and the features, comma-separated with a header; missing is
    /// empty, levels stand by name, numbers read back to the same bits.
    ///
    /// Texts that a spreadsheet would run as a formula get a leading apostrophe.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_csv(&self, mut out: impl Write) -> io::Result<()> {
        let kinds: Vec<usize> = (0..self.kinds.len())
            .filter(|&kind| self.requests.keys.get(kind).is_some_and(|keys| !keys.is_empty()))
            .collect();
        for &kind in &kinds {
            write!(out, "{},", cell(&self.kinds[kind]))?;
        }
        out.write_all(b"day,cutoff")?;
        for column in &self.columns {
            write!(out, ",{}", cell(&column.name))?;
        }
        out.write_all(b"\n")?;
        for (row, values) in self.values.rows().into_iter().enumerate() {
            for &kind in &kinds {
                write!(out, "{},", cell(self.key(kind, row).map_or("", |name| name)))?;
            }
            match self.day(row) {
                Some(day) => write!(out, "{day}")?,
                None => write!(out, "{}", self.requests.described_days()[row])?,
            }
            match Timestamp::from_microsecond(self.requests.cutoff[row]) {
                Ok(cutoff) => write!(out, ",{cutoff}")?,
                Err(_) => write!(out, ",")?,
            }
            for (&value, column) in values.iter().zip(&self.columns) {
                match &column.kind {
                    _ if value.is_nan() => out.write_all(b",")?,
                    ColumnKind::Numeric => write!(out, ",{value}")?,
                    ColumnKind::Categorical { levels } => {
                        let level = levels.get(value as usize).map_or("", |level| &**level);
                        write!(out, ",{}", cell(level))?;
                    }
                }
            }
            out.write_all(b"\n")?;
        }
        out.flush()
    }
}

fn cell(text: &str) -> String {
    let text = safe_cell(text);
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_safe() {
        for (text, expected) in [
            ("a", "a"),
            ("=1+1", "'=1+1"),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("@x,y", "\"'@x,y\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
