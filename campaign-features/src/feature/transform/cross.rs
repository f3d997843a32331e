//! Two columns and more as one.

use super::encoding::NO_LEVEL;
use super::error::{TransformError, length, parameter};

/// How two numbers become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Combine {
    /// a / b; NaN where b is 0.
    Ratio,
    /// a b.
    Product,
    /// a − b.
    Difference,
    /// a + b.
    Sum,
}

impl Combine {
    /// The number; NaN where either is NaN, and where the result is not finite.
    ///
    /// # Examples
    /// ```
    /// use campaign_features::feature::transform::cross::Combine;
    /// assert_eq!(Combine::Ratio.of(6.0, 3.0), 2.0);
    /// assert!(Combine::Ratio.of(6.0, 0.0).is_nan());
    /// ```
    #[must_use]
    pub fn of(self, a: f64, b: f64) -> f64 {
        let value = match self {
            Self::Ratio => a / b,
            Self::Product => a * b,
            Self::Difference => a - b,
            Self::Sum => a + b,
        };
        if value.is_finite() && a.is_finite() && b.is_finite() { value } else { f64::NAN }
    }
}

/// A crossing of columns of levels: the combinations that are frequent in training, and one level for
/// all others.
///
/// Code 0 is the most frequent combination (equally frequent ones in the order of their codes); the
/// code after the last stands for every other one, also one that was not seen. A combination of which a
/// part is missing ([`NO_LEVEL`]) is missing itself and counts nothing.
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::cross::Cross;
/// use campaign_features::feature::transform::encoding::NO_LEVEL;
/// let (country, device) = ([0, 0, 1, 0], [2, 2, 2, 5]);
/// let cross = Cross::fit(&[&country, &device], 1, 1)?;
/// assert_eq!(cross.code(&[0, 2]), 0);
/// assert_eq!(cross.code(&[1, 2]), cross.other());
/// assert_eq!(cross.code(&[0, NO_LEVEL]), NO_LEVEL);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Cross {
    columns: usize,
    /// Combinations, by code.
    levels: Vec<Box<[u32]>>,
    /// Codes, by combination.
    sorted: Vec<u32>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    columns: usize,
    levels: Vec<Box<[u32]>>,
}

impl From<Cross> for Parts {
    fn from(cross: Cross) -> Self {
        Self { columns: cross.columns, levels: cross.levels }
    }
}

impl TryFrom<Parts> for Cross {
    type Error = TransformError;

    fn try_from(parts: Parts) -> Result<Self, TransformError> {
        Self::new(parts.columns, parts.levels)
    }
}

impl Cross {
    fn new(columns: usize, levels: Vec<Box<[u32]>>) -> Result<Self, TransformError> {
        for level in &levels {
            length("a combination", level.len(), columns)?;
        }
        let count = levels.len() as f64;
        let codes = u32::try_from(levels.len()).unwrap_or(NO_LEVEL);
        parameter("most", count, codes < NO_LEVEL - 1, "fewer than 4 294 967 294")?;
        let mut sorted: Vec<u32> = (0..codes).collect();
        sorted.sort_by_key(|&code| levels.get(code as usize));
        Ok(Self { columns, levels, sorted })
    }

    /// The `most` frequent combinations of these columns among those seen at least `at_least` times.
    ///
    /// # Shapes
    /// Each column has one code per row.
    ///
    /// # Errors
    /// [`TransformError::Length`] for columns of different lengths; [`TransformError::TooFew`] for fewer
    /// than two columns; [`TransformError::Parameter`] for a vocabulary too large for its codes.
    ///
    /// # Complexity
    /// O(n log n) for n rows.
    pub fn fit(columns: &[&[u32]], most: usize, at_least: usize) -> Result<Self, TransformError> {
        let Some((first, _)) = columns.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            let what = "columns";
            return Err(TransformError::TooFew { what, got: columns.len(), needed: 2 });
        };
        for column in columns {
            length("a column", column.len(), first.len())?;
        }
        let row = |row: usize| columns.iter().filter_map(move |column| column.get(row).copied());
        let mut rows: Vec<usize> =
            (0..first.len()).filter(|&at| row(at).all(|code| code != NO_LEVEL)).collect();
        rows.sort_unstable_by(|&a, &b| row(a).cmp(row(b)));
        let groups = rows.chunk_by(|&a, &b| row(a).eq(row(b)));
        let mut groups: Vec<&[usize]> = groups.filter(|rows| rows.len() >= at_least).collect();
        // The sort is stable: equal counts stay in the order of their codes.
        groups.sort_by_key(|rows| core::cmp::Reverse(rows.len()));
        let levels = groups.iter().take(most).filter_map(|rows| rows.first());
        Self::new(columns.len(), levels.map(|&at| row(at).collect()).collect())
    }

    /// How many columns are crossed.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The combinations, by code.
    pub fn levels(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.levels.iter().map(AsRef::as_ref)
    }

    /// The code of every other combination; also how many combinations have a code of their own.
    #[must_use]
    pub fn other(&self) -> u32 {
        // Checked in `new` to fit.
        self.levels.len() as u32
    }

    /// The code of a combination; [`NO_LEVEL`] if a part of it is, or if it has another number of parts.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Complexity
    /// O(log levels).
    #[must_use]
    pub fn code(&self, parts: &[u32]) -> u32 {
        if parts.len() != self.columns || parts.contains(&NO_LEVEL) {
            return NO_LEVEL;
        }
        let level = |code: &u32| self.levels.get(*code as usize).map_or(&[][..], AsRef::as_ref);
        let found = self.sorted.binary_search_by(|code| level(code).cmp(parts));
        found.ok().and_then(|at| self.sorted.get(at).copied()).unwrap_or(self.other())
    }

    /// The codes of many rows.
    ///
    /// # Errors
    /// [`TransformError::Length`] for another number of columns, or columns of different lengths.
    pub fn apply(&self, columns: &[&[u32]]) -> Result<Vec<u32>, TransformError> {
        length("the crossing", columns.len(), self.columns)?;
        let rows = columns.first().map_or(0, |column| column.len());
        for column in columns {
            length("a column", column.len(), rows)?;
        }
        let mut parts = Vec::with_capacity(columns.len());
        let code = |row: usize| {
            parts.clear();
            parts.extend(columns.iter().filter_map(|column| column.get(row).copied()));
            self.code(&parts)
        };
        Ok((0..rows).map(code).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn by_counting(
            rows in proptest::collection::vec((0..4_u32, 0..4_u32, 0..2_u32), 0..60),
            most in 0..8_usize,
            at_least in 0..4_usize,
        ) {
            let part = |v: u32| if v == 3 { NO_LEVEL } else { v };
            let a: Vec<u32> = rows.iter().map(|r| part(r.0)).collect();
            let b: Vec<u32> = rows.iter().map(|r| part(r.1)).collect();
            let c: Vec<u32> = rows.iter().map(|r| r.2).collect();
            let cross = Cross::fit(&[&a, &b, &c], most, at_least).unwrap();
            let mut counts: BTreeMap<[u32; 3], usize> = BTreeMap::new();
            for row in 0..rows.len() {
                if a[row] != NO_LEVEL && b[row] != NO_LEVEL {
                    *counts.entry([a[row], b[row], c[row]]).or_default() += 1;
                }
            }
            let mut ranked: Vec<_> = counts.into_iter().filter(|(_, n)| *n >= at_least).collect();
            ranked.sort_by_key(|(key, n)| (usize::MAX - n, *key));
            ranked.truncate(most);
            let keys: Vec<[u32; 3]> = ranked.iter().map(|(key, _)| *key).collect();
            prop_assert_eq!(cross.levels().collect::<Vec<_>>(), keys.iter().map(|k| &k[..]).collect::<Vec<_>>());
            let codes = cross.apply(&[&a, &b, &c]).unwrap();
            for row in 0..rows.len() {
                let key = [a[row], b[row], c[row]];
                let expected = if key.contains(&NO_LEVEL) {
                    NO_LEVEL
                } else {
                    keys.iter().position(|k| *k == key).unwrap_or(keys.len()) as u32
                };
                prop_assert_eq!(codes[row], expected);
            }
            let saved = serde_json::to_string(&cross).unwrap();
            prop_assert_eq!(serde_json::from_str::<Cross>(&saved).unwrap(), cross);
        }
    }

    #[test]
    fn bad_input() {
        assert!(Cross::fit(&[], 1, 1).is_err());
        assert!(Cross::fit(&[&[1]], 1, 1).is_err());
        assert!(Cross::fit(&[&[1], &[]], 1, 1).is_err());
        let cross = Cross::fit(&[&[1], &[2]], 5, 1).unwrap();
        assert!(cross.apply(&[&[1]]).is_err() && cross.apply(&[&[1], &[]]).is_err());
        assert_eq!(cross.code(&[1]), NO_LEVEL);
        assert_eq!(cross.code(&[9, 9]), cross.other());
        assert!(serde_json::from_str::<Cross>(r#"{"columns":2,"levels":[[1]]}"#).is_err());
    }

    #[test]
    fn numbers() {
        assert_eq!(Combine::Product.of(2.0, 3.0), 6.0);
        assert_eq!(Combine::Difference.of(2.0, 3.0), -1.0);
        assert_eq!(Combine::Sum.of(2.0, 3.0), 5.0);
        for (a, b) in [(0.0, 0.0), (1.0, f64::INFINITY), (f64::NAN, 1.0), (1e308, 1e-308)] {
            assert!(Combine::Ratio.of(a, b).is_nan(), "{a} {b}");
        }
        assert!(Combine::Product.of(1e308, 10.0).is_nan());
    }
}
