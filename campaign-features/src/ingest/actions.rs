//! Actions and their values (Meta, Reddit), from tables of their own, joined to the records of their ad
//! and day, and from lists in cells of a report.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use campaign_core::Micros;
use jiff::civil::Date;

use super::assemble::Draft;
use super::header::normal;
use super::layout::{Level, Role};
use super::report::Join;
use super::row::{Fault, RowReader};
use super::store::{ActionRow, Store};
use super::texts::Symbol;

type Key = (Arc<str>, Date, Option<Arc<str>>, Option<Arc<str>>, Option<Arc<str>>, Option<Arc<str>>);

pub(crate) fn action_row(
    store: &mut Store,
    reader: &mut RowReader<'_, '_>,
) -> Result<ActionRow, Fault> {
    let (day, _, _) = reader.days()?;
    let kind = reader.text(Role::ActionType).map(|kind| store.texts.get(kind));
    if kind.is_none() && reader.positions.of(Role::ActionType).is_some() {
        let reason = "no value".to_owned();
        return Err(reader.fault(Role::ActionType, "a type of action", reason));
    }
    // As in records, where there is no id the name is the id.
    let mut id = |role, name| -> Result<_, Fault> {
        let own = reader.id(role)?.map(Cow::Borrowed);
        let id = if own.is_none() { reader.name_as_id(name)? } else { own };
        Ok(id.map(|id| store.texts.get(&id)))
    };
    let account = id(Role::Account, Role::AccountName)?;
    let campaign = id(Role::Campaign, Role::CampaignName)?;
    let ad_group = id(Role::AdGroup, Role::AdGroupName)?;
    let ad = id(Role::Ad, Role::AdName)?;
    let count = reader.quantity(Role::ActionValue)?.unwrap_or(0.0);
    let amount = reader.amount(Role::ActionValue)?.map_or(Micros::ZERO, |(micros, _)| micros);
    let worth = reader.amount(Role::Revenue)?.map(|(micros, _)| micros);
    let platform = reader.layout.platform.clone();
    let broken_down = !reader.broken_by.is_empty();
    Ok(ActionRow {
        platform,
        day,
        account,
        campaign,
        ad_group,
        ad,
        kind,
        count,
        amount,
        worth,
        broken_down,
    })
}

/// Whether the values of the file that was just read are amounts: its name says so, or one of them is
/// no whole number.
pub(crate) fn are_amounts(store: &Store, name: &str) -> bool {
    let name = super::header::normal(name);
    let file = store.file();
    name.contains("action values")
        || store.actions.slots.iter().rev().take_while(|slot| slot.file == file).any(|slot| {
            // Below 2^53 a fraction is seen exactly; counts are far below.
            slot.item.kind.is_some() && slot.item.count.fract() != 0.0
        })
}

/// The finest thing an action or record is about.
fn finest(platform: &Arc<str>, day: Date, ids: [Option<&Arc<str>>; 4]) -> Key {
    let [account, campaign, ad_group, ad] = ids;
    let none = || None;
    let (platform, of) = (platform.clone(), |id: Option<&Arc<str>>| id.cloned());
    if ad.is_some() {
        (platform, day, none(), none(), none(), of(ad))
    } else if ad_group.is_some() {
        (platform, day, none(), none(), of(ad_group), None)
    } else if campaign.is_some() {
        (platform, day, none(), of(campaign), None, None)
    } else {
        (platform, day, of(account), None, None, None)
    }
}

impl ActionRow {
    fn key(&self) -> Key {
        let ids = [&self.account, &self.campaign, &self.ad_group, &self.ad];
        finest(&self.platform, self.day, ids.map(Option::as_ref))
    }
}

/// What a record is about: account, campaign, ad group and ad, as far as the level of its row goes.
fn about(store: &Store, draft: &Draft) -> Option<Key> {
    let profile = store.ads.profiles.get(draft.profile)?;
    let from = |level: Level, id| {
        store.texts.borrow(if profile.level >= level { id } else { Symbol::NONE })
    };
    let ids = [
        store.texts.borrow(profile.account),
        from(Level::Campaign, profile.campaign),
        from(Level::AdGroup, profile.ad_group),
        from(Level::Ad, profile.ad),
    ];
    Some(finest(store.texts.borrow(profile.platform)?, draft.record.date, ids))
}

/// Actions by what they are about and day, of the types that count.
pub(crate) struct Actions {
    counts: HashMap<Key, BTreeMap<usize, (f64, Option<jiff::Timestamp>)>>,
    values: HashMap<Key, BTreeMap<usize, i64>>,
    /// The days of each platform's tables of counts and of amounts.
    span: HashMap<(Arc<str>, bool), (Date, Date)>,
    joined: HashSet<Key>,
}

impl Actions {
    /// `None` where no table of actions was read.
    pub(crate) fn new(store: &Store) -> Option<Self> {
        let mut counts: HashMap<Key, BTreeMap<usize, (f64, Option<jiff::Timestamp>)>> =
            HashMap::new();
        let mut values: HashMap<Key, BTreeMap<usize, i64>> = HashMap::new();
        let mut span: HashMap<(Arc<str>, bool), (Date, Date)> = HashMap::new();
        for slot in store.actions.live() {
            let row = &slot.item;
            // The table that is not broken down has the same actions.
            if row.broken_down {
                continue;
            }
            let is_amount = store.amount_files.contains(&slot.file);
            let days = span.entry((row.platform.clone(), is_amount)).or_insert((row.day, row.day));
            *days = (days.0.min(row.day), days.1.max(row.day));
            let counted =
                |of: &Arc<str>| store.config.meta_actions.iter().position(|k| **k == **of);
            let Some(rank) = row.kind.as_ref().map_or(Some(0), counted) else { continue };
            let key = row.key();
            if is_amount {
                let sum = values.entry(key).or_default().entry(rank).or_default();
                *sum = sum.saturating_add(row.amount.0);
            } else {
                let sum = counts.entry(key).or_default().entry(rank).or_insert((0.0, None));
                *sum = (sum.0 + row.count, sum.1.max(slot.known));
            }
            if let Some(worth) = row.worth {
                let sum = values.entry(row.key()).or_default().entry(rank).or_default();
                *sum = sum.saturating_add(worth.0);
                let days = span.entry((row.platform.clone(), true)).or_insert((row.day, row.day));
                *days = (days.0.min(row.day), days.1.max(row.day));
            }
        }
        let joined = HashSet::new();
        (!span.is_empty()).then_some(Self { counts, values, span, joined })
    }

    /// Gives records that state no conversions of their own the actions of their ad and day: of the
    /// types that count, the first that is there. Days inside a table of actions that has none for an ad
    /// have 0. `records` are all of one or several days.
    pub(crate) fn join(&mut self, store: &Store, records: &mut [Draft]) {
        let Self { counts, values, span, joined } = self;
        let mut seen: HashSet<Key> = HashSet::new();
        let keys = records.iter().filter_map(|draft| about(store, draft));
        let repeated: HashSet<Key> = keys.filter(|key| !seen.insert(key.clone())).collect();
        for draft in records.iter_mut() {
            let Some(key) = about(store, draft) else { continue };
            // Actions are not broken down: they belong to no single row of several.
            if repeated.contains(&key) {
                continue;
            }
            let inside = |is_amount: bool| {
                let days = span.get(&(key.0.clone(), is_amount));
                days.is_some_and(|(from, to)| (*from..=*to).contains(&draft.record.date))
            };
            if draft.record.conversions.is_none() {
                match counts.get(&key).and_then(|by_rank| by_rank.values().next()) {
                    Some((count, known)) => {
                        draft.record.conversions = Some(*count);
                        draft.record.known_at =
                            known.map_or(draft.record.known_at, |k| k.max(draft.record.known_at));
                        joined.insert(key.clone());
                    }
                    None if inside(false) => draft.record.conversions = Some(0.0),
                    None => {}
                }
            }
            if draft.record.revenue.is_none() {
                match values.get(&key).and_then(|by_rank| by_rank.values().next()) {
                    Some(value) => {
                        draft.record.revenue = Some(Micros(*value));
                        joined.insert(key);
                    }
                    None if inside(true) => draft.record.revenue = Some(Micros::ZERO),
                    None => {}
                }
            }
        }
    }

    /// How many actions were joined.
    pub(crate) fn finish(self) -> Join {
        let Self { counts, values, joined, .. } = self;
        let owed: HashSet<&Key> = counts.keys().chain(values.keys()).collect();
        Join {
            what: "actions to the record of their ad and day".to_owned(),
            owed: owed.len() as u64,
            joined: joined.len() as u64,
        }
    }
}

/// Whether a column holds results, which are other events from row to row.
pub(crate) fn are_results(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "results",
        "resultados",
        "ergebnisse",
        "resultats",
        "risultati",
        "resultaten",
        "結果",
        "wyniki",
        "resultat",
    ];
    NAMES.contains(&name)
}

/// The conversions and revenue of a row: stated ones, unless they are results of a kind that does not
/// count; else those of the first type of action that counts.
pub(crate) fn claimed(
    reader: &mut RowReader<'_, '_>,
    stated: (Option<f64>, Option<Micros>),
    kinds: &[String],
) -> Result<(Option<f64>, Option<Micros>), Fault> {
    let (mut conversions, mut revenue) = stated;
    let kind_stated = reader.positions.of(Role::ResultKind).is_some();
    if kind_stated && conversions.is_some() {
        let column = reader.positions.of(Role::Conversions);
        let column = column.and_then(|index| reader.layout.columns.get(index));
        let counts = reader.text(Role::ResultKind).is_some_and(|kind| is_counted(kind, kinds));
        if column.is_some_and(|column| are_results(&column.name)) && !counts {
            conversions = None;
            *reader.seen.said.entry("results are no conversions by their kind").or_default() += 1;
        }
    }
    if conversions.is_none()
        && let Some(found) = list(reader, Role::ActionCounts, kinds)?
    {
        conversions = Some(found.value);
    }
    if revenue.is_none()
        && let Some(found) = list(reader, Role::ActionAmounts, kinds)?
    {
        revenue = Micros::from_f64(found.value).ok();
    }
    Ok((conversions, revenue))
}

/// The attribution windows that the action that counts is split by.
pub(crate) fn windows(reader: &RowReader<'_, '_>, kinds: &[String]) -> Option<String> {
    let of = |role| list(reader, role, kinds).ok().flatten()?.windows;
    of(Role::ActionCounts).or_else(|| of(Role::ActionAmounts))
}

/// Whether results of a kind count: an action type, or purchases in words.
fn is_counted(kind: &str, kinds: &[String]) -> bool {
    const PURCHASES: [&str; 14] = [
        "purchases",
        "purchase",
        "website purchases",
        "on-facebook purchases",
        "meta purchases",
        "mobile app purchases",
        "kaufe",
        "website-kaufe",
        "compras",
        "compras en el sitio web",
        "achats",
        "achats sur le site web",
        "acquisti",
        "aankopen",
    ];
    let plain = kind.trim().strip_prefix("actions:").unwrap_or(kind).trim();
    kinds.iter().any(|k| k == plain)
        || (kinds.iter().any(|k| k.contains("purchase"))
            && PURCHASES.contains(&normal(plain).as_str()))
}

/// An action that counts, of the list in a cell.
struct Found {
    value: f64,
    windows: Option<String>,
}

/// The first type that counts in a JSON list of actions; 0 where the list has none of them.
fn list(reader: &RowReader<'_, '_>, role: Role, kinds: &[String]) -> Result<Option<Found>, Fault> {
    const EXPECTED: &str = "a JSON list of actions";
    let Some(text) = reader.text(role).filter(|text| *text != "[]" && *text != "None") else {
        return Ok(None);
    };
    let fault = |reason: String| reader.fault(role, EXPECTED, reason);
    let parsed: Result<Vec<serde_json::Map<String, serde_json::Value>>, _> =
        serde_json::from_str(text);
    // Programs that print lists instead of encoding them quote with apostrophes.
    let parsed =
        parsed.or_else(|error| serde_json::from_str(&text.replace('\'', "\"")).map_err(|_| error));
    let entries = parsed.map_err(|error| fault(error.to_string()))?;
    let named = |kind: &str| {
        let mut of_kind = entries.iter();
        of_kind.find(|e| e.get("action_type").and_then(|t| t.as_str()) == Some(kind))
    };
    let Some(entry) = kinds.iter().find_map(|kind| named(kind)) else {
        return Ok(Some(Found { value: 0.0, windows: None }));
    };
    let value = match entry.get("value") {
        Some(serde_json::Value::String(text)) => text.trim().parse().ok(),
        Some(value) => value.as_f64(),
        None => None,
    };
    let value = value.filter(|v: &f64| v.is_finite() && (0.0..=1e12).contains(v));
    let value = value.ok_or_else(|| fault("an action without a count or amount".to_owned()))?;
    let is_window = |key: &&String| {
        let side = key.strip_suffix("_click").or_else(|| key.strip_suffix("_view"));
        let days = side.and_then(|days| days.strip_suffix('d'));
        days.is_some_and(|days| !days.is_empty() && days.bytes().all(|b| b.is_ascii_digit()))
    };
    let mut windows: Vec<&str> = entry.keys().filter(is_window).map(String::as_str).collect();
    windows.sort_unstable();
    Ok(Some(Found { value, windows: (!windows.is_empty()).then(|| windows.join(",")) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_results() {
        let purchases = ["omni_purchase".to_owned(), "purchase".to_owned()];
        for kind in ["actions:omni_purchase", "purchase", "Website purchases", "Käufe", "Achats"] {
            assert!(is_counted(kind, &purchases), "{kind}");
        }
        for kind in ["actions:link_click", "reach", "actions:lead", "", "Leads"] {
            assert!(!is_counted(kind, &purchases), "{kind}");
        }
        // A configuration that counts leads does not count purchases.
        let leads = ["lead".to_owned()];
        assert!(is_counted("actions:lead", &leads) && !is_counted("Purchases", &leads));
        assert!(are_results("ergebnisse") && !are_results("purchases"));
    }
}
