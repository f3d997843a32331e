//! What to do with the columns of a file, worked out once.

use super::hash::hash;
use super::layout::{Layout, Output, Role};
use super::open::is_open;
use super::row::Positions;
use super::totals::IDENTITY;

/// Roles whose cells are read as numbers.
const NUMBERS: [Role; 10] = [
    Role::Spend,
    Role::SpendBeside,
    Role::Revenue,
    Role::Impressions,
    Role::Clicks,
    Role::Conversions,
    Role::VideoViews,
    Role::ActionValue,
    Role::Sessions,
    Role::Metric,
];

/// Roles whose numbers are counts of whole things.
const COUNTS: [Role; 4] = [Role::Impressions, Role::Clicks, Role::VideoViews, Role::Sessions];

/// Roles whose cells are read as dates.
const DATES: [Role; 9] = [
    Role::Day,
    Role::Start,
    Role::End,
    Role::Until,
    Role::Week,
    Role::Month,
    Role::Hour,
    Role::At,
    Role::KnownAt,
];

/// A column, and what it is known by: its role, or the hash of its name where several have the role.
pub(crate) type Named = (usize, u64);

/// The columns of a file by what is done with them.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) positions: Positions,
    /// Dimensions apart from days and hours, in an order in which that of the columns in a file does not
    /// matter.
    pub(crate) dimensions: Vec<Named>,
    /// The hour, where it is a dimension.
    pub(crate) hours: Vec<Named>,
    /// Metrics.
    pub(crate) metrics: Vec<Named>,
    /// What can change without making another row.
    pub(crate) attributes: Vec<Named>,
    /// Columns that are dimensions or attributes: see `open`.
    pub(crate) open: Vec<usize>,
    /// Those of them whose cells stand in the breakdown either way.
    pub(crate) open_breakdowns: Vec<Named>,
    /// Columns that say what or when a row is about.
    pub(crate) identity: Vec<usize>,
    /// Columns of numbers, and whether they are counts.
    pub(crate) numbers: Vec<(usize, bool)>,
    pub(crate) dates: Vec<usize>,
}

impl Plan {
    pub(crate) fn new(layout: &Layout, composed: &[String]) -> Self {
        // Every cell of a description is part of it, the time of the version included.
        let all = matches!(layout.output, Output::Entities(_));
        let is_date = |role| matches!(role, Role::Day | Role::Start | Role::End);
        // Days are part of the key as dates, however they were written.
        let as_date = !matches!(layout.output, Output::Conversions | Output::Entities(_));
        let records = layout.output == Output::Records;
        let mut out = Self {
            positions: Positions::new(layout),
            dimensions: Vec::new(),
            hours: Vec::new(),
            metrics: Vec::new(),
            attributes: Vec::new(),
            open: Vec::new(),
            open_breakdowns: Vec::new(),
            identity: Vec::new(),
            numbers: Vec::new(),
            dates: Vec::new(),
        };
        for (index, column) in layout.columns.iter().enumerate() {
            if IDENTITY.contains(&column.role) {
                out.identity.push(index);
            }
            if NUMBERS.contains(&column.role) {
                out.numbers.push((index, COUNTS.contains(&column.role)));
            }
            if DATES.contains(&column.role) {
                out.dates.push(index);
            }
            // The same column in another language or connector has the same keys.
            let seed = match column.role.repeats() {
                true => hash(&column.name),
                false => column.role as u64,
            };
            let named = (index, seed);
            // A column that an id is composed of is known.
            if is_open(layout, column) && !composed.iter().any(|name| **name == *column.name) {
                out.open.push(index);
                if column.role == Role::Breakdown {
                    out.open_breakdowns.push(named);
                }
                continue;
            }
            let tells = layout.is_dimension(column);
            if (all || tells) && !(as_date && is_date(column.role)) {
                match column.role {
                    Role::Hour if records => out.hours.push(named),
                    _ => out.dimensions.push(named),
                }
            }
            if !tells && !column.role.is_aside() {
                match column.role {
                    role if NUMBERS.contains(&role) => out.metrics.push(named),
                    _ => out.attributes.push(named),
                }
            }
        }
        let name = |index: usize| layout.columns.get(index).map(|c| (c.name.clone(), index));
        for named in [
            &mut out.dimensions,
            &mut out.hours,
            &mut out.metrics,
            &mut out.attributes,
            &mut out.open_breakdowns,
        ] {
            named.sort_by_key(|(index, seed)| (*seed, *index));
        }
        out.open.sort_by_key(|index| name(*index));
        out
    }
}
