//! Features with their rows and names.

use std::io::{self, Write};
use std::sync::Arc;

use campaign_core::ndarray::Array2;
use campaign_core::{AdId, ChannelId, Column, ColumnKind, Dataset};
use jiff::Timestamp;
use jiff::civil::Date;

use super::error::FeatureError;
use super::labels::{Labels, Target};
use super::spec::FeatureSpec;
use crate::ingest::safe_cell;

/// Features of (ad, day) rows.
///
/// # Shapes
/// `values` is `(rows, columns)`, row-major, NaN for missing; `keys`, `cutoffs` have one entry per
/// row.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureTable {
    pub(super) ads: Vec<AdId>,
    pub(super) keys: Vec<(u32, Date)>,
    pub(super) cutoffs: Vec<Timestamp>,
    pub(super) columns: Vec<Column>,
    pub(super) values: Array2<f64>,
    pub(super) channels: Vec<ChannelId>,
    pub(super) formats: Vec<Arc<str>>,
}

/// Rows to train on.
#[derive(Debug, Clone, PartialEq)]
pub struct Training {
    /// Features, target, weights, days, and the ads as groups.
    pub data: Dataset,
    /// The rows of the table that these are.
    pub rows: Vec<usize>,
}

impl FeatureTable {
    /// The ads of the rows, ascending.
    #[must_use]
    pub fn ads(&self) -> &[AdId] {
        &self.ads
    }

    /// Per row, the index of its ad in [`ads`](Self::ads) and its day.
    #[must_use]
    pub fn keys(&self) -> &[(u32, Date)] {
        &self.keys
    }

    /// The ad and day of a row.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<(&AdId, Date)> {
        let &(ad, day) = self.keys.get(row)?;
        Some((self.ads.get(ad as usize)?, day))
    }

    /// Per row, the instant after which nothing it holds became known.
    #[must_use]
    pub fn cutoffs(&self) -> &[Timestamp] {
        &self.cutoffs
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

    /// How many rows there are.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.keys.len()
    }

    /// A column by its name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<Vec<f64>> {
        let index = self.columns.iter().position(|column| &*column.name == name)?;
        Some(self.values.column(index).to_vec())
    }

    /// The spec with this table's vocabularies, so that a later table has the same levels.
    #[must_use]
    pub fn fixed(&self, spec: &FeatureSpec) -> FeatureSpec {
        spec.clone()
            .with_channels(self.channels.iter().cloned())
            .with_formats(self.formats.iter().cloned())
    }

    /// All rows, to be scored: features, days, and the ads as groups.
    ///
    /// # Errors
    /// [`FeatureError::Dataset`] if the table has no columns that make one.
    pub fn to_dataset(&self) -> Result<Dataset, FeatureError> {
        Ok(Dataset::new(self.columns.clone(), self.values.clone())?
            .with_days(self.keys.iter().map(|key| key.1).collect())?
            .with_groups(self.keys.iter().map(|key| key.0).collect())?)
    }

    /// The rows whose labels are mature and have the target, with it.
    ///
    /// A rate is weighted by its denominator, so that the weighted mean of the target is the rate
    /// over all rows; rows where that is not positive are left out.
    ///
    /// # Errors
    /// [`FeatureError::Labels`] if the labels are not those of this table's rows.
    pub fn training(&self, labels: &Labels, target: Target) -> Result<Training, FeatureError> {
        let ours = (0..self.n_rows()).map(|row| self.row(row));
        let theirs = labels.keys().iter().map(|(ad, day)| Some((ad, *day)));
        if let Some(row) = ours.clone().zip(theirs).position(|(a, b)| a != b) {
            return Err(FeatureError::Labels { row });
        }
        if ours.len() != labels.keys().len() {
            return Err(FeatureError::Labels { row: ours.len().min(labels.keys().len()) });
        }
        let chosen: Vec<(usize, f64, f64)> = (0..self.n_rows())
            .filter_map(|row| labels.target(row, target).map(|(y, weight)| (row, y, weight)))
            .collect();
        let rows: Vec<usize> = chosen.iter().map(|c| c.0).collect();
        let mut data =
            self.to_dataset()?.select(&rows)?.with_target(chosen.iter().map(|c| c.1).collect())?;
        if matches!(target, Target::Rate(_)) {
            data = data.with_weights(chosen.iter().map(|c| c.2).collect())?;
        }
        Ok(Training { data, rows })
    }

    /// Writes `ad,day,cutoff` and the features, comma-separated with a header; missing is empty,
    /// levels stand by name, numbers read back to the same bits.
    ///
    /// Texts that a spreadsheet would run as a formula get a leading apostrophe.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_csv(&self, mut out: impl Write) -> io::Result<()> {
        out.write_all(b"ad,day,cutoff")?;
        for column in &self.columns {
            write!(out, ",{}", cell(&column.name))?;
        }
        out.write_all(b"\n")?;
        let rows = self.keys.iter().zip(&self.cutoffs).zip(self.values.rows());
        for ((&(ad, day), cutoff), values) in rows {
            let ad = self.ads.get(ad as usize).map_or("", AdId::as_str);
            write!(out, "{},{day},{cutoff}", cell(ad))?;
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
