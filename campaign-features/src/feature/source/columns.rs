//! One source's rows in columns.

use std::sync::Arc;

use campaign_core::error::check_length;

use super::super::error::FeatureError;
use super::NONE;
use super::units::{LARGEST, Unit};

/// A measure that a row does not report, which is not 0.
pub const NOT_REPORTED: i64 = i64::MIN;

/// Rows of one source, borrowed: each is one version of one fact.
///
/// # Shapes
/// Every slice has one entry per row; `measures` and `attributes` are one slice each.
///
/// # Units
/// `day` in days since 1970-01-01; `known_at` in microseconds since then, UTC; measures in the
/// integers of their [`Unit`], [`NOT_REPORTED`] where there is none; attributes are codes,
/// [`NONE`](super::NONE) where none is stated.
#[derive(Debug, Clone)]
pub struct Columns<'a> {
    /// The day it happened.
    pub day: &'a [i32],
    /// When this version became known.
    pub known_at: &'a [i64],
    /// Which fact it is a version of, within its entity. A later version replaces an earlier one.
    pub fact: &'a [u64],
    /// `false` for a version that says that the fact is not so (any more): nothing of it counts.
    /// `None` where all stand.
    pub stands: Option<&'a [bool]>,
    /// What is counted.
    pub measures: Vec<&'a [i64]>,
    /// What is stated.
    pub attributes: Vec<&'a [u32]>,
}

impl Columns<'_> {
    /// Checks that the columns hold these rows.
    pub(crate) fn check(&self, rows: &core::ops::Range<usize>) -> Result<(), FeatureError> {
        let n = self.day.len();
        check_length("known_at", self.known_at.len(), n)?;
        check_length("fact", self.fact.len(), n)?;
        check_length("stands", self.stands.map_or(n, <[bool]>::len), n)?;
        for measure in &self.measures {
            check_length("measure", measure.len(), n)?;
        }
        for attribute in &self.attributes {
            check_length("attribute", attribute.len(), n)?;
        }
        if rows.start > rows.end || rows.end > n || n > NONE as usize {
            check_length("rows", rows.end, n)?;
        }
        Ok(())
    }

    /// 1 if the version stands.
    pub(crate) fn stands(&self, row: usize) -> i64 {
        i64::from(self.stands.is_none_or(|stands| stands[row]))
    }

    /// Whether two versions count for the same day and attributes.
    pub(crate) fn same_place(&self, a: usize, b: usize) -> bool {
        self.day[a] == self.day[b] && self.attributes.iter().all(|c| c[a] == c[b])
    }

    /// Whether two versions say the same.
    pub(crate) fn same(&self, a: usize, b: usize) -> bool {
        self.same_place(a, b)
            && self.stands(a) == self.stands(b)
            && self.measures.iter().all(|c| c[a] == c[b])
    }
}

/// A measure's name and unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasureColumn {
    /// Its name.
    pub name: Arc<str>,
    /// What its integers mean.
    pub unit: Unit,
}

/// Rows of one source, owned: each is one version of one fact.
///
/// # Shapes
/// Every list has one entry per row. `keys` has one list per entity kind of the
/// [`Sources`](super::Sources), empty where the source does not name that kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// Its name.
    pub name: Arc<str>,
    /// Per entity kind, whose row it is; [`NONE`](super::NONE) for nobody's.
    pub keys: Vec<Vec<u32>>,
    /// The day it happened, in days since 1970-01-01.
    pub day: Vec<i32>,
    /// When this version became known, in microseconds since 1970, UTC.
    pub known_at: Vec<i64>,
    /// Which fact it is a version of.
    pub fact: Vec<u64>,
    /// Whether the version stands; empty where all do.
    pub stands: Vec<bool>,
    /// Names and units of the measures.
    pub measure_names: Vec<MeasureColumn>,
    /// Per measure, its integers.
    pub measures: Vec<Vec<i64>>,
    /// Names of the attributes.
    pub attribute_names: Vec<Arc<str>>,
    /// Per attribute, its codes.
    pub attributes: Vec<Vec<u32>>,
    /// Per attribute, the names of its codes.
    pub vocabularies: Vec<Vec<Arc<str>>>,
    /// Names of the attributes that are personal: features read them for a stated purpose only.
    pub sensitive: Vec<Arc<str>>,
}

impl Source {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.day.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.day.is_empty()
    }

    /// Whether an attribute is personal.
    #[must_use]
    pub fn is_sensitive(&self, attribute: &str) -> bool {
        self.sensitive.iter().any(|name| **name == *attribute)
    }

    /// The rows, lent.
    #[must_use]
    pub fn columns(&self) -> Columns<'_> {
        Columns {
            day: &self.day,
            known_at: &self.known_at,
            fact: &self.fact,
            stands: (!self.stands.is_empty()).then_some(&self.stands),
            measures: self.measures.iter().map(Vec::as_slice).collect(),
            attributes: self.attributes.iter().map(Vec::as_slice).collect(),
        }
    }

    /// Takes these rows of another source of the same shape instead of its own.
    pub(crate) fn copy_rows(&mut self, of: &Self, rows: &[u32]) {
        fn copy<T: Copy>(to: &mut Vec<T>, from: &[T], rows: &[u32]) {
            to.clear();
            if !from.is_empty() {
                to.extend(rows.iter().map(|&row| from[row as usize]));
            }
        }
        copy(&mut self.day, &of.day, rows);
        copy(&mut self.known_at, &of.known_at, rows);
        copy(&mut self.fact, &of.fact, rows);
        copy(&mut self.stands, &of.stands, rows);
        self.measures.resize_with(of.measures.len(), Vec::new);
        for (to, from) in self.measures.iter_mut().zip(&of.measures) {
            copy(to, from, rows);
        }
        self.attributes.resize_with(of.attributes.len(), Vec::new);
        for (to, from) in self.attributes.iter_mut().zip(&of.attributes) {
            copy(to, from, rows);
        }
    }

    /// Checks lengths and values.
    ///
    /// # Errors
    /// [`FeatureError::Kernel`] for columns of different lengths, [`FeatureError::Measure`] for a
    /// value too large to be summed.
    pub fn check(&self) -> Result<(), FeatureError> {
        let n = self.len();
        self.columns().check(&(0..n))?;
        for keys in self.keys.iter().filter(|keys| !keys.is_empty()) {
            check_length("keys", keys.len(), n)?;
        }
        check_length("measures", self.measures.len(), self.measure_names.len())?;
        check_length("attributes", self.attributes.len(), self.attribute_names.len())?;
        check_length("vocabularies", self.vocabularies.len(), self.attribute_names.len())?;
        for (values, measure) in self.measures.iter().zip(&self.measure_names) {
            let bad = |v: &i64| *v != NOT_REPORTED && !(-LARGEST..=LARGEST).contains(v);
            if let Some(row) = values.iter().position(bad) {
                return Err(FeatureError::Measure {
                    of: Arc::clone(&self.name),
                    row,
                    measure: Arc::clone(&measure.name),
                    value: values[row] as f64,
                });
            }
        }
        Ok(())
    }
}
