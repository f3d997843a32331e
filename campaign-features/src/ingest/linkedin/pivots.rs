//! What rows of LinkedIn's API are grouped by.

use std::borrow::Cow;

use crate::ingest::adapter::{finest, same};
use crate::ingest::header::normal;
use crate::ingest::layout::{Layout, Role};

/// The columns of what rows of the API are grouped by.
const PIVOTS: [&str; 3] = ["string of pivot values", "pivot values", "pivot value"];

/// The role of a pivot's values by what they are, or by what the pivot is called.
const PIVOTED: [(&str, &str, Role); 4] = [
    ("urn:li:sponsoredcampaigngroup:", "campaign group", Role::Campaign),
    ("urn:li:sponsoredcampaign:", "campaign", Role::AdGroup),
    ("urn:li:sponsoredcreative:", "creative", Role::Ad),
    ("urn:li:sponsoredaccount:", "account", Role::Account),
];

/// What is said where nothing tells what the values of a pivot are.
const TAKEN: &str = "the values of the pivot are taken for ads";

/// What rows of the API are grouped by stands in one column for all levels. Beside an id it repeats it;
/// alone it is taken for the ad, unless its first value says what it is.
pub(super) fn pivots(layout: &mut Layout) {
    let named = [Role::Ad, Role::AdGroup, Role::Campaign].iter().any(|role| layout.has(*role));
    let mut alone = false;
    for column in layout.columns.iter_mut().filter(|c| c.role == Role::AdName) {
        if !PIVOTS.iter().any(|pivot| same(pivot, &column.name)) {
            continue;
        }
        if named {
            column.role = Role::Attribute;
        } else {
            alone = true;
        }
    }
    layout.level = Some(finest(layout));
    if alone {
        layout.notes.push(TAKEN.to_owned());
    }
}

/// The role of a pivot whose first value is known.
fn pivoted(layout: &Layout, first: &[Cow<'_, str>]) -> Option<Role> {
    let alone = layout.notes.iter().any(|note| note == TAKEN);
    let cell = |index: usize| first.get(index).map(|cell| cell.trim().to_ascii_lowercase());
    let value = cell(layout.position(Role::AdName).filter(|_| alone)?)?;
    let kind = layout.columns.iter().position(|column| &*column.name == "pivot").and_then(cell);
    let kind = kind.map(|kind| normal(&kind));
    let of_value = PIVOTED.iter().find(|(urn, ..)| value.contains(urn));
    let of_kind = || PIVOTED.iter().find(|(_, pivot, _)| kind.as_deref() == Some(pivot));
    match of_value.or_else(of_kind) {
        Some((.., role)) => Some(*role),
        // Places, companies and jobs of members.
        None => {
            let part = value.contains("urn:li:") || kind.is_some_and(|k| k.starts_with("member "));
            part.then_some(Role::Breakdown)
        }
    }
}

/// Gives a pivot that stands alone the role that its first value says.
pub(super) fn tell(layout: &mut Layout, first: &[Cow<'_, str>]) {
    if let Some(role) = pivoted(layout, first) {
        let columns = layout.columns.iter_mut();
        columns.filter(|column| column.role == Role::AdName).for_each(|c| c.role = role);
        layout.level = Some(finest(layout));
        layout.notes.retain(|note| note != TAKEN);
    }
}
