//! The trait of platforms, and the table-driven way to implement it.

mod table;

use std::borrow::Cow;

use super::header::HeaderCell;
use super::layout::Layout;

pub use table::table;
pub(crate) use table::{
    column, counted_only, described, finest, in_micros, is_group, metrics, units_if_broken,
};

/// Recognises the tables of one platform by their header.
///
/// An adapter only says what the columns mean; splitting, numbers, dates, totals rows, duplicates and
/// the accounting are the same for every platform.
///
/// # Examples
/// A platform whole: its reports, with cents and a window that the header says, and its table of
/// panels, told apart by their columns.
/// ```
/// use campaign_features::ingest::adapter::{Adapter, table};
/// use campaign_features::ingest::header::HeaderCell;
/// use campaign_features::ingest::layout::{Clock, Layout, Output, Role};
/// use campaign_features::ingest::number::Unit;
/// use campaign_features::ingest::{Ingest, IngestConfig, Level};
///
/// struct Billboards;
///
/// impl Adapter for Billboards {
///     fn platform(&self) -> &str {
///         "billboards"
///     }
///
///     fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
///         let has = |name: &str| header.iter().any(|cell| cell.name == name);
///         if has("panel id") && has("town") && !has("rent") {
///             // What describes things: names of panels.
///             let mut layout = table(self.platform(), header, &[
///                 ("panel id", Role::Id),
///                 ("panel name", Role::Name),
///                 ("town", Role::Attribute),
///             ]);
///             layout.output = Output::Entities(Some(Level::Ad));
///             layout.level = Some(Level::Ad);
///             return Some(layout);
///         }
///         // By content: whatever order or further columns the file has.
///         if !(has("panel id") && (has("rent") || has("rent cents"))) {
///             return None;
///         }
///         let mut layout = table(self.platform(), header, &[
///             ("night of", Role::Day),
///             ("campaign", Role::CampaignName),
///             ("panel id", Role::Ad),
///             ("side", Role::Breakdown),
///             ("booking state", Role::Attribute),
///             ("rent", Role::Spend),
///             ("rent cents", Role::Spend),
///             ("passers by", Role::Impressions),
///             ("calls in 7 days", Role::Conversions),
///         ]);
///         for column in &mut layout.columns {
///             if &*column.name == "rent cents" {
///                 column.unit = Unit::Cents;
///             }
///         }
///         if has("calls in 7 days") {
///             layout.window = Some("7-day".into());
///         }
///         layout.clock = Clock::Account;
///         layout.score += 20;
///         Some(layout)
///     }
/// }
///
/// let mut ingest = Ingest::new(IngestConfig::new("acme"))?.with_adapter(Billboards);
/// ingest.read_bytes("may.csv", b"Rental of May\n\n\
///     Side,Panel ID,Night of,Rent cents (EUR),Passers-by,Calls in 7 days\n\
///     north,7,2026-05-04,1250,900,2\nsouth,7,2026-05-04,1250,400,0\n");
/// ingest.read_bytes("panels.csv", b"Panel ID,Panel name,Town\n7,Station,Ulm\n");
/// let out = ingest.finish()?;
/// let north = &out.records[0];
/// assert_eq!((north.spend.to_string(), north.impressions), ("12.5".to_owned(), Some(900)));
/// assert_eq!(north.currency.map(|c| c.code()), Some("EUR"));
/// assert_eq!((north.breakdown.as_deref(), north.ad_name.as_deref()), (Some("side=north"), Some("Station")));
/// assert_eq!(north.attribution_window.as_deref(), Some("7-day"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Adapter: Send + Sync {
    /// The platform: the `source` of the records.
    fn platform(&self) -> &str;

    /// What the table is, if this is a header of the platform.
    fn layout(&self, header: &[HeaderCell]) -> Option<Layout>;

    /// The layout once the first row below the header is known, for tables whose header alone leaves
    /// something open.
    fn refine(&self, layout: Layout, _first: &[Cow<'_, str>]) -> Layout {
        layout
    }
}

/// Whether a header has a column.
pub(crate) fn has(header: &[HeaderCell], name: &str) -> bool {
    header.iter().any(|cell| same(&cell.name, name))
}

/// Whether a header has one of some columns.
pub(crate) fn has_any(header: &[HeaderCell], names: &[&str]) -> bool {
    names.iter().any(|name| has(header, name))
}

/// Whether a header has a column that is written exactly so, in the form of [`HeaderCell::name`].
pub(crate) fn has_exact(header: &[HeaderCell], name: &str) -> bool {
    header.iter().any(|cell| cell.name == name)
}

/// Whether two names are the same but for spaces and punctuation: `campaign id`, `campaign.id` and
/// `CampaignId` are one column of different versions and connectors. A `%` counts, because it makes a
/// share of a number.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let letters = |text: &str| text.chars().any(char::is_alphanumeric);
    a == b || (letters(a) && compact(a).eq(compact(b)))
}

fn compact(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| c.is_alphanumeric() || *c == '%')
}
