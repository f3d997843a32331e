//! Daily records as one source, and the rows they ask for.

use core::fmt::Write as _;
use std::collections::HashMap;

use campaign_core::time::AccountDay;
use campaign_core::{Currency, Record};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::super::error::FeatureError;
use super::super::plan::date_of;
use super::units::Unit;
use super::{NONE, Requests, Row, Sources, SourcesBuilder};

/// The source that records make.
pub const RECORDS: &str = "records";

/// The entity kinds that records name, in the order of the key columns.
///
/// Ads, ad groups, campaigns and accounts are known as `source/id`, because two platforms may give
/// one number twice; everything else by its own name.
pub const RECORD_KINDS: [&str; 10] = [
    "ad", "ad_group", "campaign", "account", "channel", "creative", "audience", "country",
    "source", "brand",
];

const MEASURES: [(&str, Unit); 6] = [
    ("spend", Unit::Millionth),
    ("revenue", Unit::Millionth),
    ("impressions", Unit::Count),
    ("clicks", Unit::Count),
    ("conversions", Unit::Millionth),
    ("video_views", Unit::Count),
];

const ATTRIBUTES: [&str; 10] = [
    "source",
    "channel",
    "campaign_name",
    "ad_group_name",
    "ad_name",
    "creative",
    "country",
    "audience",
    "breakdown",
    "zone",
];

const ZONE: usize = 9;

/// Builds [`Sources`] of records, pushed one by one.
///
/// The one source is called `records`; its measures are `spend`, `revenue`, `impressions`, `clicks`,
/// `conversions` and `video_views`, its attributes `source`, `channel`, `campaign_name`,
/// `ad_group_name`, `ad_name`, `creative`, `country`, `audience`, `breakdown` and `zone`. Records that
/// agree on everything that tells rows of one day apart are versions of one fact; the latest known
/// counts.
///
/// # Units
/// Amounts in the reporting currency where the records have one, else in the accounts' own, which
/// must then be one.
///
/// # Examples
/// ```
/// use campaign_features::feature::source::RecordSources;
/// use campaign_features::ingest::{Ingest, IngestConfig};
/// let export = "Day,Ad ID,Amount spent (EUR),Impressions\n2026-05-04,77,12.50,1000\n";
/// let mut ingest = Ingest::new(IngestConfig::new("acme"))?;
/// ingest.read_bytes("meta.csv", export.as_bytes());
/// let mut records = RecordSources::new()?;
/// for record in &ingest.finish()?.records {
///     records.push(record)?;
/// }
/// let sources = records.finish()?;
/// assert_eq!(sources.key(0, "meta_ads/77"), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RecordSources {
    builder: SourcesBuilder,
    currency: Option<(Option<Currency>, usize)>,
    rows: usize,
    fact: String,
    keys: [String; 4],
}

impl RecordSources {
    /// No records yet.
    ///
    /// # Errors
    /// None that can happen: the declaration is checked like any other.
    pub fn new() -> Result<Self, FeatureError> {
        let mut builder = SourcesBuilder::new(RECORD_KINDS)?;
        builder.source(RECORDS, &RECORD_KINDS, &MEASURES, &ATTRIBUTES)?;
        Ok(Self { builder, currency: None, rows: 0, fact: String::new(), keys: Default::default() })
    }

    /// Adds a record, or an earlier version of one.
    ///
    /// # Errors
    /// [`FeatureError::Currencies`] for an amount that cannot be added to those before,
    /// [`FeatureError::Measure`] for a value too large; the record is then not added.
    pub fn push(&mut self, record: &Record) -> Result<(), FeatureError> {
        let (spend, revenue) = record.amounts();
        if spend.0 != 0 || revenue.is_some_and(|revenue| revenue.0 != 0) {
            self.same_currency(record)?;
        }
        let source = record.source.as_str();
        let ids = [
            record.ad.as_ref().map(|id| id.as_str()),
            record.ad_group.as_ref().map(|id| id.as_str()),
            record.campaign.as_ref().map(|id| id.as_str()),
            record.account.as_ref().map(|id| id.as_str()),
        ];
        for (key, id) in self.keys.iter_mut().zip(ids) {
            key.clear();
            if let Some(id) = id {
                key.extend([source, "/", id]);
            }
        }
        let [ad, ad_group, campaign, account] =
            self.keys.each_ref().map(|key| Some(key.as_str()).filter(|key| !key.is_empty()));
        let channel = record.channel.as_ref().map(|id| id.as_str());
        let creative = record.creative.as_ref().map(|id| id.as_str());
        let audience = record.audience.as_ref().map(|id| id.as_str());
        let country = record.country.as_deref();
        let brand = record.brand.as_str();
        self.fact.clear();
        let parts = [Some(brand), Some(source), account, campaign, ad_group, audience, country];
        for part in parts.into_iter().chain([record.breakdown.as_deref()]) {
            // Ids hold no control characters, so that the joined text tells the parts apart.
            let _ = write!(self.fact, "{}\u{1f}", part.unwrap_or(""));
        }
        let count = |count: Option<u64>| count.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        let conversions = record.conversions.map(|n| {
            Unit::Millionth.integer(n).ok_or_else(|| FeatureError::Measure {
                of: RECORDS.into(),
                row: self.rows,
                measure: "conversions".into(),
                value: n,
            })
        });
        let row = Row {
            keys: &[
                ad,
                ad_group,
                campaign,
                account,
                channel,
                creative,
                audience,
                country,
                Some(source),
                Some(brand),
            ],
            day: number(record.date),
            known_at: record.known_at.as_microsecond(),
            fact: Some(&self.fact),
            measures: &[
                Some(spend.0),
                revenue.map(|revenue| revenue.0),
                count(record.impressions),
                count(record.clicks),
                conversions.transpose()?,
                count(record.video_views),
            ],
            attributes: &[
                Some(source),
                channel,
                record.campaign_name.as_deref(),
                record.ad_group_name.as_deref(),
                record.ad_name.as_deref(),
                creative,
                country,
                audience,
                record.breakdown.as_deref(),
                record.zone.as_deref(),
            ],
        };
        if let Some(source) = self.builder.get(RECORDS) {
            source.push(&row)?;
        }
        self.rows += 1;
        Ok(())
    }

    fn same_currency(&mut self, record: &Record) -> Result<(), FeatureError> {
        let currency = record.reporting.map_or(record.currency, |r| Some(r.currency));
        let (first, first_row) = *self.currency.get_or_insert((currency, self.rows));
        if first == currency {
            return Ok(());
        }
        let code = |currency: Option<Currency>| currency.map_or("unknown", |c| c.code());
        Err(FeatureError::Currencies {
            row: self.rows,
            currency: code(currency),
            first: code(first),
            first_row,
        })
    }

    /// The sources.
    ///
    /// # Errors
    /// As [`SourcesBuilder::finish`].
    pub fn finish(self) -> Result<Sources, FeatureError> {
        self.builder.finish()
    }
}

fn number(date: Date) -> i32 {
    // The calendar's days fit.
    (date - Date::constant(1970, 1, 1)).get_days()
}

impl Sources {
    /// One request per day and combination of keys of these kinds that a record names, in the order of
    /// the keys' names and days: decided when the day begins in the account's zone (`otherwise` where
    /// a record has none), so that the day itself is not seen.
    ///
    /// # Errors
    /// [`FeatureError::Unknown`] for a kind that records do not name or without the source `records`,
    /// [`FeatureError::Time`] at the ends of the calendar.
    pub fn record_days(
        &self,
        kinds: &[&str],
        otherwise: &TimeZone,
    ) -> Result<Requests, FeatureError> {
        let unknown = |what: &'static str, name: &str, known: String| FeatureError::Unknown {
            feature: "".into(),
            what,
            name: name.into(),
            known,
        };
        let records = self.sources.iter().find(|source| &*source.name == RECORDS);
        let records = records.ok_or_else(|| unknown("source", RECORDS, self.source_names()))?;
        let mut asked = Vec::with_capacity(kinds.len());
        for kind in kinds {
            // A table of no rows names every kind, and asks for nothing.
            let named = |&kind: &usize| records.is_empty() || !records.keys[kind].is_empty();
            let index = self.kind(kind).filter(named);
            asked.push(index.ok_or_else(|| unknown("entity kind", kind, self.kinds.join(", ")))?);
        }
        let key = |row: u32| asked.iter().map(move |&kind| records.keys[kind][row as usize]);
        let by = |a: &u32, b: &u32| {
            let days = || records.day[*a as usize].cmp(&records.day[*b as usize]);
            key(*a).cmp(key(*b)).then_with(days)
        };
        let named = |row: &u32| asked.iter().all(|&k| records.keys[k][*row as usize] != NONE);
        let mut rows: Vec<u32> = (0..records.len() as u32).filter(named).collect();
        rows.sort_by(by);
        rows.dedup_by(|a, b| by(a, b).is_eq());
        let mut zones = HashMap::new();
        let mut requests = self.requests();
        let mut keys = vec![NONE; self.kinds.len()];
        for row in rows {
            for &kind in &asked {
                keys[kind] = records.keys[kind][row as usize];
            }
            let day = records.day[row as usize];
            let zone = records.attributes.get(ZONE).map_or(NONE, |codes| codes[row as usize]);
            let cutoff = match zones.get(&(zone, day)) {
                Some(&cutoff) => cutoff,
                None => {
                    let name = records.vocabularies.get(ZONE).and_then(|v| v.get(zone as usize));
                    let begins = begins(day, name.map(|name| &**name), otherwise)?;
                    zones.insert((zone, day), begins);
                    begins
                }
            };
            requests.push(&keys, day, cutoff)?;
        }
        for (kind, keys) in requests.keys.iter_mut().enumerate() {
            if !asked.contains(&kind) {
                keys.clear();
            }
        }
        Ok(requests)
    }

    fn source_names(&self) -> String {
        self.sources.iter().map(|source| &*source.name).collect::<Vec<_>>().join(", ")
    }
}

/// The first instant of a day, in microseconds.
fn begins(day: i32, zone: Option<&str>, otherwise: &TimeZone) -> Result<i64, FeatureError> {
    let named = zone.map(campaign_core::time::zone).transpose()?;
    let beyond = || campaign_core::Error::OutOfRange {
        what: "day",
        index: 0,
        value: f64::from(day),
        low: f64::from(number(Date::MIN)),
        high: f64::from(number(Date::MAX)),
    };
    let date = date_of(day).ok_or_else(beyond)?;
    let day = AccountDay::new(date, named.as_ref().unwrap_or(otherwise))?;
    Ok(day.start().as_microsecond())
}
