//! What differs between two manifests.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::rows::Changes;
use super::archive::Archive;
use super::{Content, ManifestError};

/// How one input or output differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum ContentDiff {
    /// Only in the later manifest.
    Added,
    /// Only in the earlier one.
    Removed,
    /// In both, with other content.
    Changed {
        /// The rows, where both have an index.
        rows: Option<Changes>,
        /// The columns that differ, are new or are gone, by name.
        columns: Vec<String>,
    },
}

/// What differs between two manifests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ManifestDiff {
    /// Whether the specs differ.
    pub spec: bool,
    /// Whether the code differs.
    pub code: bool,
    /// The inputs that differ.
    pub inputs: BTreeMap<String, ContentDiff>,
    /// The outputs that differ.
    pub outputs: BTreeMap<String, ContentDiff>,
}

pub(super) fn contents(
    before: &BTreeMap<String, Content>,
    after: &BTreeMap<String, Content>,
    archive: &Archive,
) -> Result<BTreeMap<String, ContentDiff>, ManifestError> {
    let mut out = BTreeMap::new();
    for (name, old) in before {
        let diff = match after.get(name) {
            None => ContentDiff::Removed,
            Some(new) if new == old => continue,
            Some(new) => {
                let rows = match (old.rows, new.rows) {
                    (Some(a), Some(b)) => archive.rows(a)?.zip(archive.rows(b)?),
                    _ => None,
                };
                let columns = (old.columns.keys())
                    .chain(new.columns.keys().filter(|name| !old.columns.contains_key(*name)))
                    .filter(|name| old.columns.get(*name) != new.columns.get(*name));
                let mut columns: Vec<String> = columns.cloned().collect();
                columns.sort_unstable();
                ContentDiff::Changed { rows: rows.map(|(a, b)| a.changes(&b)), columns }
            }
        };
        out.insert(name.clone(), diff);
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        out.insert(name.clone(), ContentDiff::Added);
    }
    Ok(out)
}
