//! Row indices of sources and tables.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fmt::Write as _;

use super::Digest;
use super::rows::{RowIndex, RowsError};
use crate::feature::FeatureTable;
use crate::feature::source::{NONE, Sources};

/// The rows of a table, named `kind=key .. day=D cutoff=C`, each with the digest of its values; a
/// request that stands twice is named again with `#2`.
///
/// # Errors
/// [`RowsError::Name`] for a key with a line break.
pub fn table_rows(table: &FeatureTable) -> Result<RowIndex, RowsError> {
    let requests = table.requests();
    let names = (0..table.n_rows()).map(|row| {
        let mut name = String::new();
        for (kind, label) in table.kinds().iter().enumerate() {
            if let Some(key) = table.key(kind, row) {
                let _ = write!(name, "{label}={key} ");
            }
        }
        let day = requests.day.get(row).copied().unwrap_or_default();
        let cutoff = requests.cutoff.get(row).copied().unwrap_or_default();
        let _ = write!(name, "day={day} cutoff={cutoff}");
        if let Some(target) = requests.target_day.get(row) {
            let _ = write!(name, " target={target}");
        }
        name
    });
    let values = table.values();
    let digests = values.outer_iter().map(|row| Digest::of_values(row.iter().copied()));
    RowIndex::new(once(names).zip(digests))
}

/// The digest of each column of a table.
#[must_use]
pub fn column_digests(table: &FeatureTable) -> BTreeMap<String, Digest> {
    let columns = table.columns().iter().zip(table.values().columns());
    columns
        .map(|(column, values)| {
            (column.name.to_string(), Digest::of_values(values.iter().copied()))
        })
        .collect()
}

/// The rows of one source, named `source kind=key .. fact=F known=K`, each with the digest of what it
/// says; a row that stands twice is named again with `#2`.
///
/// # Errors
/// [`RowsError::Name`] for a key with a line break.
pub fn source_rows(sources: &Sources, source: usize) -> Result<RowIndex, RowsError> {
    let Some(rows) = sources.sources.get(source) else { return Ok(RowIndex::default()) };
    let names = (0..rows.len()).map(|row| {
        let mut name = rows.name.to_string();
        for ((label, names), keys) in sources.kinds.iter().zip(&sources.names).zip(&rows.keys) {
            let key = keys.get(row).copied().filter(|key| *key != NONE);
            if let Some(key) = key.and_then(|key| names.get(key as usize)) {
                let _ = write!(name, " {label}={key}");
            }
        }
        let fact = rows.fact.get(row).copied().unwrap_or_default();
        let known = rows.known_at.get(row).copied().unwrap_or_default();
        let _ = write!(name, " fact={fact} known={known}");
        name
    });
    let digests = (0..rows.len()).map(|row| {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&rows.day.get(row).copied().unwrap_or_default().to_le_bytes());
        bytes.push(u8::from(rows.stands.get(row).copied().unwrap_or(true)));
        for measure in &rows.measures {
            bytes.extend_from_slice(&measure.get(row).copied().unwrap_or_default().to_le_bytes());
        }
        // By name: a code means something else once there are more names.
        for (codes, vocabulary) in rows.attributes.iter().zip(&rows.vocabularies) {
            let code = codes.get(row).copied().unwrap_or(NONE);
            let text = vocabulary.get(code as usize).map_or("", |text| &**text);
            bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        Digest::of(&bytes)
    });
    RowIndex::new(once(names).zip(digests))
}

/// Names again what was named before, with a number.
fn once(names: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    names.map(move |name| {
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 { name } else { format!("{name} #{times}") }
    })
}
