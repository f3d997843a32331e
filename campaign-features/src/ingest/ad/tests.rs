//! Rows as the caches and the fast paths read them, against every cell read anew by the slow ones.

use std::borrow::Cow;
use std::collections::BTreeSet;

use campaign_core::Micros;
use proptest::prelude::*;

use super::*;
use crate::ingest::config::{Defaults, IngestConfig};
use crate::ingest::detect::{Found, detect};
use crate::ingest::number::DecimalMark;
use crate::ingest::row::{Seen, Style, broken_by};
use crate::ingest::table::Rows;
use crate::ingest::{Adapter, Google, Meta, Snapchat};

/// What became of a row: everything that is kept of it, or the column and the reason of its reject.
type Outcome = Result<Kept, (Option<usize>, String)>;

#[derive(Debug, PartialEq)]
struct Kept {
    days: Days,
    known: Option<Timestamp>,
    metrics: Metrics,
    currency: Option<Currency>,
    texts: [Option<String>; 14],
}

fn found(text: &str) -> Found {
    let adapters: Vec<Box<dyn Adapter>> =
        vec![Box::new(Meta), Box::new(Google), Box::new(Snapchat)];
    detect(text, false, &adapters, &[], &BTreeSet::new()).unwrap()
}

fn style(undecided: bool) -> Style {
    let (mark, zone) = (DecimalMark::Dot, jiff::tz::TimeZone::UTC);
    Style { mark, undecided, order: None, zone, period: None }
}

fn rows(text: &str, found: &Found) -> Vec<Vec<String>> {
    let mut rows = Rows::new(text, found.delimiter);
    let (mut cells, mut out) = (Vec::new(), Vec::new());
    while rows.read(&mut cells).is_some() {
        out.push(cells.iter().map(|cell| cell.to_string()).collect());
    }
    out.split_off(found.rows_above as usize)
}

fn store() -> Store {
    let config = IngestConfig::new("b");
    let settings = config.check(&[]).unwrap();
    Store::new(config, settings)
}

/// Calls a function with a reader of each row of a table.
fn each<T>(
    text: &str,
    undecided: bool,
    mut of: impl FnMut(&mut RowReader<'_, '_>, usize) -> T,
) -> Vec<T> {
    let (found, style, defaults) = (found(text), style(undecided), Defaults::default());
    let (positions, mut seen) =
        (crate::ingest::row::Positions::new(&found.layout), Seen::default());
    let broken_by = broken_by(&found.layout);
    let rows = rows(text, &found);
    let read = rows.iter().enumerate().map(|(number, row)| {
        let cells: Vec<Cow<'_, str>> = row.iter().map(|cell| Cow::Borrowed(&**cell)).collect();
        let mut reader = RowReader {
            layout: &found.layout,
            positions: &positions,
            cells: &cells,
            style: &style,
            defaults: &defaults,
            broken_by: &broken_by,
            seen: &mut seen,
        };
        of(&mut reader, number)
    });
    read.collect()
}

/// By the path that every export takes: one memo for the whole table.
fn fast(text: &str, undecided: bool) -> Vec<Outcome> {
    let (mut store, found) = (store(), found(text));
    let plan = Plan::new(&found.layout, &[]);
    let by = store.texts.symbol(&broken_by(&found.layout));
    let mut memo = Memo::new(&found.layout, &plan, by);
    each(text, undecided, |reader, number| {
        // Taken back row by row, so that none is left out as a repetition; what was remembered stays.
        store.ads.take_back(u32::MAX);
        let kept = store.accept_ad(reader, &plan, None, number as u64, &mut memo);
        kept.map_err(|fault| (fault.column, fault.reason))?;
        let row = store.ads.rows.get(0).unwrap();
        let p = *store.ads.profile(row).unwrap();
        let text = |symbol: Symbol| store.texts.borrow(symbol).map(|text| text.to_string());
        Ok(Kept {
            days: (row.day, row.last_day, row.hour()),
            known: row.known(),
            metrics: row.metrics(),
            currency: row.currency,
            texts: [
                p.account,
                p.campaign,
                p.campaign_name,
                p.ad_group,
                p.ad_group_name,
                p.ad,
                p.ad_name,
                p.creative,
                p.audience,
                p.country,
                p.breakdown,
                p.zone,
                p.window,
                p.platform,
            ]
            .map(text),
        })
    })
}

/// The same, cell by cell.
fn slow(text: &str, undecided: bool) -> Vec<Outcome> {
    each(text, undecided, |reader, _| plainly(reader).map_err(|fault| (fault.column, fault.reason)))
}

fn plainly(reader: &mut RowReader<'_, '_>) -> Result<Kept, Fault> {
    let known = reader.known_at()?;
    let days = reader.days()?;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let named = |reader: &RowReader<'_, '_>, id, name| -> Result<_, Fault> {
        let own = match owned(reader.id(id)?) {
            Some(own) => Some(own),
            None => reader.name_as_id(name)?.map(|text| text.trim().to_owned()),
        };
        Ok((own, owned(reader.text(name))))
    };
    let account = named(reader, Role::Account, Role::AccountName)?;
    let campaign = named(reader, Role::Campaign, Role::CampaignName)?;
    let group = named(reader, Role::AdGroup, Role::AdGroupName)?;
    let ad = named(reader, Role::Ad, Role::AdName)?;
    if [&account.0, &campaign.0, &group.0, &ad.0].iter().all(|id| id.is_none()) {
        let reason = "the row names neither ad, ad group, campaign nor account".to_owned();
        return Err(reader.fault(Role::Ad, "an id or a name", reason));
    }
    let currency = reader.currency()?;
    let stated = |amount: Option<(Micros, Option<Currency>)>| amount.and_then(|(_, code)| code);
    let spend = reader.amount(Role::Spend)?;
    let revenue = reader.amount(Role::Revenue)?;
    let currency = currency.or(stated(spend)).or(stated(revenue));
    for (role, amount) in [(Role::Spend, spend), (Role::Revenue, revenue)] {
        if let (Some(own), Some(of_row)) = (stated(amount), currency)
            && own != of_row
        {
            let reason = format!("an amount in {own} in a row of {of_row}");
            return Err(reader.fault(role, "one currency per row", reason));
        }
    }
    let metrics = Metrics {
        spend: spend.map_or(Micros::ZERO, |(micros, _)| micros),
        revenue: revenue.map(|(micros, _)| micros),
        impressions: reader.count(Role::Impressions)?,
        clicks: reader.count(Role::Clicks)?,
        conversions: reader.quantity(Role::Conversions)?,
        video_views: reader.count(Role::VideoViews)?,
    };
    if spend.is_none() && metrics.impressions.max(metrics.clicks) > Some(0) {
        let reason = "the row has impressions or clicks, but no spend".to_owned();
        return Err(reader.fault(Role::Spend, "an amount", reason));
    }
    let mut parts: Vec<String> = Vec::new();
    for (column, cell) in reader.layout.columns.iter().zip(reader.cells) {
        if column.role == Role::Breakdown && !crate::ingest::number::is_null(cell) {
            parts.push(format!("{}={}", column.name, cell.trim()));
        }
    }
    parts.sort();
    let country = owned(reader.text(Role::Country));
    if let Some(country) = country.as_ref().filter(|country| country.len() != 2) {
        parts.push(format!("country={country}"));
    }
    if days.0 != days.1 {
        parts.push(format!("period={}/{}", days.0, days.1));
    }
    Ok(Kept {
        days,
        known,
        metrics,
        currency,
        texts: [
            account.0,
            campaign.0,
            campaign.1,
            group.0,
            group.1,
            ad.0,
            ad.1,
            None,
            None,
            country.filter(|code| code.len() == 2).map(|code| code.to_uppercase()),
            (!parts.is_empty()).then(|| parts.join(";")),
            owned(reader.zone()),
            owned(reader.text(Role::Window)),
            Some(reader.layout.platform.to_string()),
        ],
    })
}

const HEADERS: [&str; 2] = [
    // Google: a day per row.
    "Day,Customer ID,Campaign ID,Campaign,Ad group ID,Ad group,Ad ID,Device,Country,Currency code,\
     Time zone,Impr.,Clicks,Cost,Conversions,Conv. value,Exported at",
    // Meta: periods, a currency in the header, a window per row.
    "Reporting starts,Account ID,Campaign ID,Campaign name,Ad set ID,Ad set name,Ad ID,Placement,Country,\
     Reporting ends,Attribution setting,Impressions,Link clicks,Amount spent (EUR),Purchases,\
     Purchases conversion value,Known at",
];

/// Cells of a kind of column, well and badly written, few of each so that rows repeat.
fn cell(column: usize, of_meta: bool) -> Vec<&'static str> {
    let days =
        ["2026-05-04", "2026-05-05", " 2026-05-04 ", "2026-05-04 00:00:00", "May 6 2026", "x"];
    match column {
        0 => days.to_vec(),
        9 if of_meta => vec!["2026-05-05", "2026-05-09", "", "2026-05-01"],
        10 if of_meta => vec!["7-day click", "", "--"],
        16 => vec!["2026-05-07T00:00:00Z", "2026-06-07 10:00:00", "", "late"],
        1 | 2 | 4 | 6 => vec!["7", "7 ", "[7]", "=\"7\"", "8", "--", "", "1.2E+17"],
        3 | 5 | 7 => vec!["Spring", " Spring", "Total Care", "", "-", "--"],
        8 => vec!["DE", "de", "Germany", ""],
        9 => vec!["EUR", "eur", "USD", "", "XQX"],
        10 => vec!["Europe/Berlin", "Mars/X", ""],
        11 | 12 => vec!["0", "12", "1,204", " 12", "--", "", "-3", "1.5", "1.000", "< 10", "12%"],
        _ => vec![
            "0",
            "3.10",
            "$3.10",
            "3,10 EUR",
            "1,204.5",
            "(2.5)",
            "1.000",
            "1,000",
            "",
            "--",
            "1e2",
            "1.0000005",
            "99999999999999999999",
            "5 €",
            "12%",
            "> 3",
        ],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_field_of_every_row_is_the_slow_ones(
        of_meta in any::<bool>(),
        undecided in any::<bool>(),
        picks in prop::collection::vec(prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 17), 1..40),
    ) {
        let mut text = HEADERS[usize::from(of_meta)].to_owned();
        for row in &picks {
            let cells = row.iter().enumerate().map(|(column, (at, often))| {
                let cells = cell(column, of_meta);
                // The first is taken often, so that whole rows come through.
                let cell = if often.index(8) > 0 { cells[0] } else { *at.get(&cells) };
                format!("\"{}\"", cell.replace('"', "\"\""))
            });
            let cells: Vec<String> = cells.collect();
            text = format!("{text}\n{}", cells.join(","));
        }
        let (fast, slow) = (fast(&text, undecided), slow(&text, undecided));
        prop_assert_eq!(fast.len(), picks.len());
        prop_assert_eq!(fast, slow);
    }
}
