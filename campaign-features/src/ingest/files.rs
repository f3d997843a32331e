//! Which files a folder holds.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::error::IngestError;

/// How names of files end that may hold a report. What is no text table is listed to be reported.
const ENDINGS: [&str; 11] = [
    ".csv", ".tsv", ".tab", ".txt", ".zip", ".xlsx", ".xls", ".ods", ".json", ".jsonl", ".parquet",
];

/// Files under a folder in the order of their names; hidden ones are left alone, and so are folders that
/// were seen before.
pub(super) fn list(
    folder: &Path,
    out: &mut Vec<PathBuf>,
    seen: &mut BTreeSet<PathBuf>,
    io: &dyn Fn(std::io::Error, &Path) -> IngestError,
) -> Result<(), IngestError> {
    let real = std::fs::canonicalize(folder).map_err(|error| io(error, folder))?;
    if !seen.insert(real) {
        return Ok(());
    }
    let entries = std::fs::read_dir(folder).map_err(|error| io(error, folder))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|error| io(error, folder))?.path());
    }
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            list(&path, out, seen, io)?;
        } else {
            let plain = name.strip_suffix(".gz").unwrap_or(&name);
            if ENDINGS.iter().any(|ending| plain.ends_with(ending)) {
                out.push(path);
            }
        }
    }
    Ok(())
}
