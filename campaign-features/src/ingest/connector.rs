//! Columns that the programs which copy tables of platforms add to them.
//!
//! A copy that appends holds a row again whenever the platform restated it, under another row number:
//! the number tells nothing apart, and the time at which it was copied says which version is the later.

use super::layout::Role;

/// When a row was copied, which is when it became known.
const COPIED: [&str; 9] = [
    "fivetran synced",
    "airbyte extracted at",
    "airbyte emitted at",
    "sdc extracted at",
    "sdc received at",
    "sdc batched at",
    "dlt load id",
    "hevo ingested at",
    "hevo loaded at",
];

/// How the names of the other columns of such programs begin: Airbyte, Stitch and Singer, dlt, Hevo, and
/// pandas for a row number that it saved.
const OWN: [&str; 5] = ["airbyte ", "sdc ", "dlt ", "hevo ", "unnamed: "];

/// The role of a column that is not the platform's, by its name in the form to compare.
pub(super) fn role(name: &str) -> Option<Role> {
    if COPIED.contains(&name) {
        Some(Role::KnownAt)
    } else if name == "fivetran id" {
        // A digest of what tells rows apart: some tables name nothing else that does.
        Some(Role::Breakdown)
    } else {
        OWN.iter().any(|start| name.starts_with(start)).then_some(Role::Ignored)
    }
}
