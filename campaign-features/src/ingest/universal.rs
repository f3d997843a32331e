//! Universal Analytics, the Google Analytics before version 4.

use super::adapter::{Adapter, has, has_any, table};
use super::ga4::in_english;
use super::header::HeaderCell;
use super::layout::{Layout, Level, Output, Role};

/// Universal Analytics: exports of the web interface, in several languages, and tables of its reporting API
/// (`ga:sourceMedium`, `ga_source`).
///
/// They are recognised by a source, medium, campaign or channel grouping beside sessions and another
/// measure in Universal Analytics' words, and are read as the sessions of Google Analytics 4 are.
/// Transactions are the key events; goals completed are where a table has no transactions. The table by day
/// that the interface puts behind the report is skipped.
#[derive(Debug, Clone, Copy, Default)]
pub struct UniversalAnalytics;

/// Dimensions that no other report calls so.
const OWN: [&str; 3] = ["source / medium", "default channel grouping", "channel grouping"];

/// Dimensions that others have as well.
const WHERE_FROM: [&str; 3] = ["source", "medium", "campaign"];

const MEASURES: [&str; 9] = [
    "transactions",
    "transaction revenue",
    "revenue",
    "bounce rate",
    "bounces",
    "goal completions",
    "goal completions all",
    "ecommerce conversion rate",
    "pages / session",
];

impl Adapter for UniversalAnalytics {
    fn platform(&self) -> &str {
        "universal_analytics"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        let mut header = in_english(header);
        let mut of_api = false;
        for cell in &mut header {
            let bare = cell.name.strip_prefix("ga:").or_else(|| cell.name.strip_prefix("ga "));
            if let Some(bare) = bare.map(str::to_owned) {
                (cell.name, of_api) = (bare, true);
            }
        }
        let measures = MEASURES.iter().filter(|name| has(&header, name)).count();
        let known = match of_api {
            true => has_any(&header, &OWN) || has_any(&header, &WHERE_FROM),
            false => {
                let weak = has_any(&header, &WHERE_FROM) && measures > 1;
                (has_any(&header, &OWN) && measures > 0) || weak
            }
        };
        if !known || !has(&header, "sessions") {
            return None;
        }
        let mut layout = table(self.platform(), &header, NAMES);
        layout.output = Output::Web;
        layout.level = Some(Level::Session);
        layout.score += 12;
        Some(layout)
    }
}

const NAMES: &[(&str, Role)] = &[
    ("date", Role::Day),
    ("day", Role::Day),
    ("default channel grouping", Role::ChannelGroup),
    ("channel grouping", Role::ChannelGroup),
    ("source / medium", Role::SourceMedium),
    ("source", Role::UtmSource),
    ("medium", Role::UtmMedium),
    ("campaign", Role::CampaignName),
    ("sessions", Role::Sessions),
    ("transactions", Role::Conversions),
    ("goal completions", Role::Conversions),
    ("goal completions all", Role::Conversions),
    ("revenue", Role::Revenue),
    ("transaction revenue", Role::Revenue),
    ("currency code", Role::Currency),
    ("view id", Role::Breakdown),
    ("profile id", Role::Breakdown),
    ("device category", Role::Breakdown),
    ("social network", Role::Breakdown),
    ("users", Role::Metric),
    ("new users", Role::Metric),
    ("pageviews", Role::Metric),
    ("bounces", Role::Metric),
    ("session duration", Role::Metric),
    ("avg session duration", Role::Metric),
    ("pages / session", Role::Metric),
    ("pageviews per session", Role::Metric),
    ("avg time on page", Role::Metric),
    ("exit rate", Role::Metric),
];
