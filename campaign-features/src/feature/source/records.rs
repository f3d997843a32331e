//! Daily records as one source.

use campaign_core::time::{AccountDay, TimeError};
use campaign_core::{Currency, Micros, Record};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use super::super::error::FeatureError;
use super::super::plan::day_number;
use super::units::Unit;
use super::{Row, Sources, SourcesBuilder};
use crate::ingest::{Credit, Origin};

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
    ZONE,
];

/// The attribute that names the zone of a record's days.
pub(crate) const ZONE: &str = "zone";

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
    claims: bool,
    at_most: Option<(u16, TimeZone)>,
    currency: Option<(Option<Currency>, usize)>,
    rows: usize,
    origins: Vec<Option<Origin>>,
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
        Ok(Self {
            builder,
            claims: true,
            at_most: None,
            currency: None,
            rows: 0,
            origins: Vec::new(),
            fact: String::new(),
            keys: Default::default(),
        })
    }

    /// Takes conversions and revenue from [`push_credit`](Self::push_credit) alone, so that nothing is
    /// counted twice: what records claim counts 0, which is not missing, for first-party orders are all
    /// there are.
    #[must_use]
    pub const fn without_claims(mut self) -> Self {
        self.claims = false;
        self
    }

    /// Takes a record as known this many days after its day, in its zone (`zone` where it names none),
    /// if it states to be known later.
    ///
    /// An assumption for histories that were exported in one go: read literally, nothing in them was
    /// known before the export, so that no past day has features. It claims that the numbers exported
    /// now are those that were seen then, which restatements make untrue.
    #[must_use]
    pub fn known_at_most(mut self, days: u16, zone: TimeZone) -> Self {
        self.at_most = Some((days, zone));
        self
    }

    /// Adds a record, or an earlier version of one.
    ///
    /// # Errors
    /// [`FeatureError::Currencies`] for an amount that cannot be added to those before,
    /// [`FeatureError::Measure`] for a value too large; the record is then not added.
    pub fn push(&mut self, record: &Record) -> Result<(), FeatureError> {
        let known_at = self.known(record)?;
        if self.claims {
            return self.take(record, known_at, true);
        }
        let mut record = record.clone();
        record.conversions = Some(0.0);
        record.revenue = Some(Micros::ZERO);
        if let Some(reporting) = &mut record.reporting {
            reporting.revenue = Some(Micros::ZERO);
        }
        self.take(&record, known_at, true)
    }

    /// Adds a record with where it was read; see [`finish_with_origins`](Self::finish_with_origins).
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_from(
        &mut self,
        record: &Record,
        origin: Option<Origin>,
    ) -> Result<(), FeatureError> {
        let row = self.rows;
        self.push(record)?;
        self.origins.resize(row, None);
        self.origins.push(origin);
        Ok(())
    }

    /// Adds what a first-party order brought the ad of a record (see
    /// [`apply_conversions`](crate::ingest::apply_conversions)): a fact of its own on the record's day,
    /// known from the instant the order became known.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_credit(&mut self, record: &Record, credit: &Credit) -> Result<(), FeatureError> {
        let mut order = Record {
            spend: Micros::ZERO,
            revenue: Some(credit.value),
            impressions: None,
            clicks: None,
            conversions: Some(credit.share),
            video_views: None,
            ..record.clone()
        };
        if let Some(reporting) = &mut order.reporting {
            let value = credit.value.convert(reporting.rate);
            reporting.spend = Micros::ZERO;
            reporting.revenue = Some(value.map_err(|_| FeatureError::Measure {
                of: RECORDS.into(),
                row: self.rows,
                measure: "revenue".into(),
                value: credit.value.to_f64(),
            })?);
        }
        self.take(&order, credit.known_at.as_microsecond(), false)
    }

    /// When a record counts as known.
    fn known(&self, record: &Record) -> Result<i64, FeatureError> {
        let stated = record.known_at.as_microsecond();
        let Some((days, zone)) = &self.at_most else { return Ok(stated) };
        let named = record.zone.as_deref().map(campaign_core::time::zone).transpose()?;
        let last = record.date.checked_add(i64::from(*days).days());
        let last = last.map_err(|_| TimeError::Range(record.date))?;
        let day = AccountDay::new(last, named.as_ref().unwrap_or(zone))?;
        Ok(stated.min(day.end().as_microsecond()))
    }

    /// A later version replaces an earlier one of the same record unless each is a fact of its own.
    fn take(&mut self, record: &Record, known_at: i64, replaces: bool) -> Result<(), FeatureError> {
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
            self.fact.push_str(part.unwrap_or(""));
            self.fact.push('\u{1f}');
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
            day: day_number(record.date),
            known_at,
            fact: replaces.then_some(&*self.fact),
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

    /// The sources, and by row where each was read, as far as that was told: what
    /// [`Origins`](crate::lineage::Origins) hold.
    ///
    /// # Errors
    /// As [`SourcesBuilder::finish`].
    pub fn finish_with_origins(self) -> Result<(Sources, Vec<Option<Origin>>), FeatureError> {
        Ok((self.builder.finish()?, self.origins))
    }
}
