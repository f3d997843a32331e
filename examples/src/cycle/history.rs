//! What happened, per cell and day: the table that every later stage reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use campaign_core::{ChannelId, CreativeId, Currency, Record};
use jiff::civil::Date;

use crate::program::Failure;

/// The smallest thing that can be given a budget of its own: an ad, or what the source reports in
/// its place (an ad group, a campaign).
#[derive(Debug, Clone)]
pub struct Cell {
    /// Unique key: source, account and the ids down to the finest one known.
    pub key: Arc<str>,
    /// Id of the finest level known.
    pub id: Arc<str>,
    /// Its name, or its id.
    pub name: Arc<str>,
    /// Its channel; the source's name where no rule matched.
    pub channel: ChannelId,
    /// The source.
    pub source: Arc<str>,
    /// Campaign id and name.
    pub campaign: Labelled,
    /// Ad group id and name.
    pub ad_group: Labelled,
    /// The creative, by its content.
    pub creative: Option<CreativeId>,
}

/// An id and a name, each if known.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Labelled {
    /// The id.
    pub id: Option<Arc<str>>,
    /// The name.
    pub name: Option<Arc<str>>,
}

impl Labelled {
    /// The name, or else the id, or else nothing.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().or(self.id.as_deref()).unwrap_or("")
    }
}

/// Sums over some cells and days.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Facts {
    /// Spend in currency units.
    pub spend: f64,
    /// Revenue in currency units.
    pub revenue: f64,
    /// Conversions.
    pub conversions: f64,
    /// Clicks.
    pub clicks: f64,
    /// Impressions.
    pub impressions: f64,
}

impl Facts {
    /// Adds the other's figures to these.
    pub fn add(&mut self, other: &Self) {
        self.spend += other.spend;
        self.revenue += other.revenue;
        self.conversions += other.conversions;
        self.clicks += other.clicks;
        self.impressions += other.impressions;
    }
}

/// Cells, days and the figures between them.
#[derive(Debug, Clone)]
pub struct History {
    /// The cells, in the order of their keys.
    pub cells: Vec<Cell>,
    /// The currency of every amount, if known.
    pub currency: Option<Currency>,
    /// First and last day with data.
    pub days: (Date, Date),
    /// Whether any source reports revenue.
    pub has_revenue: bool,
    /// Per cell, its days in order.
    facts: Vec<Vec<(Date, Facts)>>,
}

impl History {
    /// Gathers records, all of one currency (or all of an unknown one).
    ///
    /// # Errors
    /// If there are none.
    pub fn new(records: &[Record]) -> Result<Self, Failure> {
        let currency = records.first().and_then(currency_of);
        let mut by_key: BTreeMap<String, (Cell, BTreeMap<Date, Facts>)> = BTreeMap::new();
        let mut days: Option<(Date, Date)> = None;
        let mut has_revenue = false;
        for record in records {
            let cell = cell_of(record)?;
            let entry = by_key
                .entry(cell.key.to_string())
                .or_insert_with(|| (cell.clone(), BTreeMap::new()));
            // Names change over time; the latest record's name is shown.
            entry.0 = cell;
            let (spend, revenue) = record.amounts();
            has_revenue |= revenue.is_some();
            entry.1.entry(record.date).or_default().add(&Facts {
                spend: spend.to_f64(),
                revenue: revenue.map_or(0.0, |r| r.to_f64()),
                conversions: record.conversions.unwrap_or(0.0),
                clicks: record.clicks.unwrap_or(0) as f64,
                impressions: record.impressions.unwrap_or(0) as f64,
            });
            let (first, last) = days.unwrap_or((record.date, record.date));
            days = Some((first.min(record.date), last.max(record.date)));
        }
        let days = days.ok_or_else(|| Failure::new("no usable rows: nothing to plan from"))?;
        let (cells, facts) =
            by_key.into_values().map(|(cell, by_day)| (cell, by_day.into_iter().collect())).unzip();
        Ok(Self { cells, currency, days, has_revenue, facts })
    }

    /// The days of a cell that have data.
    pub fn of_cell(&self, cell: usize) -> &[(Date, Facts)] {
        self.facts.get(cell).map_or(&[], Vec::as_slice)
    }

    /// Sum of a cell from one day to another, both included.
    #[must_use]
    pub fn sum(&self, cell: usize, from: Date, to: Date) -> Facts {
        let days = self.of_cell(cell);
        let start = days.partition_point(|(day, _)| *day < from);
        let mut sum = Facts::default();
        days[start..].iter().take_while(|(day, _)| *day <= to).for_each(|(_, f)| sum.add(f));
        sum
    }

    /// Sum of all cells from one day to another, both included.
    #[must_use]
    pub fn total(&self, from: Date, to: Date) -> Facts {
        let mut total = Facts::default();
        (0..self.cells.len()).for_each(|cell| total.add(&self.sum(cell, from, to)));
        total
    }

    /// The channels, in alphabetical order.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelId> {
        let mut channels: Vec<_> = self.cells.iter().map(|c| c.channel.clone()).collect();
        channels.sort_unstable();
        channels.dedup();
        channels
    }
}

/// The currency of the amounts of a record that are computed with.
#[must_use]
pub fn currency_of(record: &Record) -> Option<Currency> {
    record.reporting.map(|reporting| reporting.currency).or(record.currency)
}

/// The key of the cell that a record belongs to.
#[must_use]
pub fn cell_key(record: &Record) -> String {
    let (campaign, ad_group, ad) = levels(record);
    let account = record.account.as_ref().map_or("", |id| id.as_str());
    let id = |level: &Labelled| level.id.clone().or_else(|| level.name.clone()).unwrap_or_default();
    [record.source.as_str(), account, &id(&campaign), &id(&ad_group), &id(&ad)].join("/")
}

fn levels(record: &Record) -> (Labelled, Labelled, Labelled) {
    let level = |id: Option<&str>, name: &Option<Arc<str>>| Labelled {
        id: id.map(Arc::from),
        name: name.clone(),
    };
    (
        level(record.campaign.as_ref().map(|id| id.as_str()), &record.campaign_name),
        level(record.ad_group.as_ref().map(|id| id.as_str()), &record.ad_group_name),
        level(record.ad.as_ref().map(|id| id.as_str()), &record.ad_name),
    )
}

fn cell_of(record: &Record) -> Result<Cell, Failure> {
    let key = cell_key(record);
    let (campaign, ad_group, ad) = levels(record);
    let finest = [&ad, &ad_group, &campaign].into_iter().find(|l| !l.label().is_empty());
    let (id, name) = match finest {
        Some(l) => (Arc::from(l.id.as_deref().unwrap_or(l.label())), Arc::from(l.label())),
        None => (Arc::from(key.as_str()), Arc::from(record.source.as_str())),
    };
    let channel = match &record.channel {
        Some(channel) => channel.clone(),
        None => ChannelId::new(record.source.as_str()).map_err(Failure::new)?,
    };
    Ok(Cell {
        key: key.into(),
        id,
        name,
        channel,
        source: record.source.as_str().into(),
        campaign,
        ad_group,
        creative: record.creative.clone(),
    })
}
