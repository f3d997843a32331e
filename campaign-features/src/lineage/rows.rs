//! A digest per row, so that two versions of a table can be compared without either.

use core::fmt::Write as _;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use thiserror::Error;

use super::{Digest, DigestError};

/// Why rows cannot be indexed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RowsError {
    /// Two rows with one name.
    #[error("two rows are named {0:?}")]
    Twice(String),
    /// A name that would break the line-by-line form.
    #[error("row name {0:?} holds a line break")]
    Name(String),
    /// A line that is no digest, blank and name, or stands in the wrong place.
    #[error("line {line}: {reason}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A line that does not begin with a digest.
    #[error(transparent)]
    Digest(#[from] DigestError),
}

/// The rows of a table by name, each with the digest of its content.
///
/// Its text form is one line per row, `digest name`, ordered by name; it is content-addressed by the
/// digest of that text.
///
/// # Examples
/// ```
/// use campaign_features::lineage::{Digest, RowIndex};
/// let before = RowIndex::new([("ad 1", Digest::of(b"12.50")), ("ad 2", Digest::of(b"3.10"))])?;
/// let after = RowIndex::new([("ad 1", Digest::of(b"12.80")), ("ad 3", Digest::of(b"1.00"))])?;
/// let changes = before.changes(&after);
/// assert_eq!(changes.changed, ["ad 1"]);
/// assert_eq!(changes.removed, ["ad 2"]);
/// assert_eq!(changes.added, ["ad 3"]);
/// # Ok::<(), campaign_features::lineage::RowsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowIndex {
    rows: BTreeMap<String, Digest>,
}

/// Which rows differ between two versions of a table, each list in ascending order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Changes {
    /// In both, with other content.
    pub changed: Vec<String>,
    /// Only in the later one.
    pub added: Vec<String>,
    /// Only in the earlier one.
    pub removed: Vec<String>,
}

impl Changes {
    /// Whether nothing differs.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.added.is_empty() && self.removed.is_empty()
    }
}

impl RowIndex {
    /// From names and digests, in any order.
    ///
    /// # Errors
    /// [`RowsError::Twice`], [`RowsError::Name`].
    pub fn new<N: Into<String>>(
        rows: impl IntoIterator<Item = (N, Digest)>,
    ) -> Result<Self, RowsError> {
        let mut index = Self::default();
        for (name, digest) in rows {
            let name = name.into();
            if name.contains(['\n', '\r']) {
                return Err(RowsError::Name(name));
            }
            if index.rows.contains_key(&name) {
                return Err(RowsError::Twice(name));
            }
            index.rows.insert(name, digest);
        }
        Ok(index)
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The digest of a row.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Digest> {
        self.rows.get(name).copied()
    }

    /// Names and digests, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Digest)> {
        self.rows.iter().map(|(name, digest)| (&name[..], *digest))
    }

    /// What a later version of the table changed.
    #[must_use]
    pub fn changes(&self, later: &Self) -> Changes {
        let mut changes = Changes::default();
        let (mut before, mut after) = (self.rows.iter().peekable(), later.rows.iter().peekable());
        loop {
            let order = match (before.peek(), after.peek()) {
                (None, None) => return changes,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((a, _)), Some((b, _))) => a.cmp(b),
            };
            match order {
                Ordering::Less => {
                    changes.removed.extend(before.next().map(|(name, _)| name.clone()));
                }
                Ordering::Greater => {
                    changes.added.extend(after.next().map(|(name, _)| name.clone()));
                }
                Ordering::Equal => {
                    if let (Some((name, a)), Some((_, b))) = (before.next(), after.next())
                        && a != b
                    {
                        changes.changed.push(name.clone());
                    }
                }
            }
        }
    }

    /// The text form.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.rows.keys().map(|n| n.len() + 66).sum());
        for (name, digest) in &self.rows {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{digest} {name}");
        }
        text
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`RowsError::Line`], [`RowsError::Digest`]: only what [`to_text`](Self::to_text) writes is read.
    pub fn from_text(text: &str) -> Result<Self, RowsError> {
        let mut rows = BTreeMap::new();
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let fail = |reason| RowsError::Line { line: number + 1, reason };
            let line = line.strip_suffix('\n').ok_or(fail("it is cut off"))?;
            let (digest, name) = line.split_once(' ').ok_or(fail("no digest and name"))?;
            if name.contains('\r') {
                return Err(fail("the name holds a line break"));
            }
            if rows.last_key_value().is_some_and(|(last, _): (&String, _)| last.as_str() >= name) {
                return Err(fail("the names do not ascend"));
            }
            rows.insert(name.to_owned(), digest.parse()?);
        }
        Ok(Self { rows })
    }

    /// The digest of the text form.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.to_text().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bad_names_and_texts_are_refused() {
        let zero = Digest::of(b"");
        assert_eq!(RowIndex::new([("a", zero), ("a", zero)]), Err(RowsError::Twice("a".into())));
        assert_eq!(RowIndex::new([("a\nb", zero)]), Err(RowsError::Name("a\nb".into())));
        for bad in ["x", "x\n", "zz a\n", &format!("{zero} b\n{zero} a\n"), &format!("{zero} b")] {
            assert!(RowIndex::from_text(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn changes_are_those_of_the_maps(
            a in prop::collection::btree_map("[a-e]{1,2}", 0_u8..3, 0..12),
            b in prop::collection::btree_map("[a-e]{1,2}", 0_u8..3, 0..12),
        ) {
            let index = |map: &BTreeMap<String, u8>| {
                RowIndex::new(map.iter().map(|(n, v)| (n.clone(), Digest::of(&[*v])))).unwrap()
            };
            let (x, y) = (index(&a), index(&b));
            let changes = x.changes(&y);
            let names = |keep: &dyn Fn(&String) -> bool| -> Vec<String> {
                a.keys().chain(b.keys().filter(|n| !a.contains_key(*n)))
                    .filter(|n| keep(n)).cloned().collect::<std::collections::BTreeSet<_>>()
                    .into_iter().collect()
            };
            prop_assert_eq!(&changes.removed, &names(&|n| a.contains_key(n) && !b.contains_key(n)));
            prop_assert_eq!(&changes.added, &names(&|n| !a.contains_key(n) && b.contains_key(n)));
            let both = |n: &String| a.get(n).zip(b.get(n)).is_some_and(|(p, q)| p != q);
            prop_assert_eq!(&changes.changed, &names(&both));
            prop_assert_eq!(RowIndex::from_text(&x.to_text()), Ok(x));
        }
    }
}
