//! Web sessions, also from tables of single events.

use std::collections::{BTreeMap, HashSet};

use super::conversion::WebRow;
use super::store::Store;

/// Web rows, and events summed per day and where their sessions came from.
pub(crate) fn web_rows(store: &Store) -> Vec<WebRow> {
    let mut out: Vec<WebRow> = store.web.live().map(|slot| slot.item.clone()).collect();
    let mut groups: BTreeMap<_, (WebRow, HashSet<_>)> = BTreeMap::new();
    for slot in store.events.live() {
        let event = &slot.item;
        let Ok(source) = campaign_core::SourceId::new(&*event.platform) else { continue };
        let key = (
            event.platform.clone(),
            event.day,
            event.source.clone(),
            event.medium.clone(),
            event.campaign.clone(),
        );
        let (row, sessions) = groups.entry(key).or_insert_with(|| {
            let row = WebRow {
                brand: store.settings.brand.clone(),
                source,
                date: event.day,
                last_date: event.day,
                channel_group: None,
                utm_source: event.source.clone(),
                utm_medium: event.medium.clone(),
                campaign: event.campaign.clone(),
                sessions: None,
                key_events: Some(0.0),
                revenue: None,
                currency: event.currency,
                known_at: event.known_at,
            };
            (row, HashSet::new())
        });
        if let Some(session) = &event.session {
            sessions.insert(session.clone());
            row.sessions = Some(sessions.len() as u64);
        }
        if event.is_key {
            row.key_events = row.key_events.map(|sum| sum + 1.0);
        }
        if let Some(revenue) = event.revenue {
            let sum = row.revenue.unwrap_or_default();
            row.revenue = Some(campaign_core::Micros(sum.0.saturating_add(revenue.0)));
        }
        row.known_at = row.known_at.max(event.known_at);
    }
    out.extend(groups.into_values().map(|(row, _)| row));
    out
}
