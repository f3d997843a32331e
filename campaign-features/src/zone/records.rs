//! Records in the days of another zone.

use std::sync::Arc;

use campaign_core::record::Reporting;
use campaign_core::time::{AccountDay, zone};
use campaign_core::{Micros, Record};

use super::align::{AlignError, Alignment};
use super::split::{Part, divide, split};

/// A record, or the part of one, on a day of another zone.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AlignedRecord {
    /// The record, dated in the zone asked for.
    pub record: Record,
    /// Whether it is a whole record, or which part of one.
    pub alignment: Alignment,
    /// The position of the record it comes from.
    pub of: usize,
}

/// Moves daily records to the days of a zone.
///
/// A record whose day is the same interval in the zone asked for stays whole. Any other is divided by
/// the seconds of overlap, each amount and count by largest remainders, so that the parts add up to it
/// exactly; conversions are divided in millionths. Each part says which share of the record it stands
/// for. What was known of the record is known of its parts at the same instant.
///
/// # Errors
/// [`AlignError::NoZone`], [`AlignError::Period`] for records that are not of one day, and the others
/// where a number cannot be divided exactly.
pub fn align_records(records: &[Record], to: &str) -> Result<Vec<AlignedRecord>, AlignError> {
    let target = zone(to)?;
    let name: Arc<str> = to.into();
    let mut out = Vec::with_capacity(records.len());
    for (of, record) in records.iter().enumerate() {
        let Some(own) = record.zone.as_deref() else {
            return Err(AlignError::NoZone { record: of, date: record.date });
        };
        let period = record
            .breakdown
            .as_deref()
            .filter(|b| b.split(';').any(|pair| pair.starts_with("period=")));
        if let Some(breakdown) = period {
            let breakdown = breakdown.to_owned();
            return Err(AlignError::Period { record: of, date: record.date, breakdown });
        }
        let day = AccountDay::new(record.date, &zone(own)?)?;
        // A day that the zone skipped has no hours, and so nothing to divide.
        if own == to || day.start() == day.end() {
            let mut record = record.clone();
            record.zone = Some(name.clone());
            out.push(AlignedRecord { record, alignment: Alignment::Exact, of });
            continue;
        }
        let parts = split(day.start(), day.end(), &target)?;
        let total: f64 = parts.iter().map(|part| part.seconds).sum();
        let divided = Divided::new(record, of, &parts)?;
        for (index, part) in parts.iter().enumerate() {
            let share = part.seconds / total;
            let alignment =
                if parts.len() == 1 { Alignment::Exact } else { Alignment::Apportioned { share } };
            let mut record = record.clone();
            record.date = part.day.date();
            record.zone = Some(name.clone());
            divided.write(index, &mut record);
            out.push(AlignedRecord { record, alignment, of });
        }
    }
    Ok(out)
}

/// The parts of every number of a record.
struct Divided {
    spend: Vec<Micros>,
    revenue: Option<Vec<Micros>>,
    reporting: Option<(Vec<Micros>, Option<Vec<Micros>>)>,
    impressions: Option<Vec<Micros>>,
    clicks: Option<Vec<Micros>>,
    video_views: Option<Vec<Micros>>,
    conversions: Option<Vec<Micros>>,
}

impl Divided {
    fn new(record: &Record, of: usize, days: &[Part]) -> Result<Self, AlignError> {
        let parts = |amount: Micros| -> Vec<Micros> {
            divide(amount.0, days).into_iter().map(Micros).collect()
        };
        let count = |field, value: Option<u64>| {
            let exact = |value: u64| {
                let bad = |_| AlignError::Count { record: of, field, value: value as f64 };
                i64::try_from(value).map(|value| parts(Micros(value))).map_err(bad)
            };
            value.map(exact).transpose()
        };
        let millionths = |value: f64| {
            let bad = |_| AlignError::Count { record: of, field: "conversions", value };
            Micros::from_f64(value).map(parts).map_err(bad)
        };
        Ok(Self {
            spend: parts(record.spend),
            revenue: record.revenue.map(parts),
            reporting: record.reporting.map(|r| (parts(r.spend), r.revenue.map(parts))),
            impressions: count("impressions", record.impressions)?,
            clicks: count("clicks", record.clicks)?,
            video_views: count("video_views", record.video_views)?,
            conversions: record.conversions.map(millionths).transpose()?,
        })
    }

    fn write(&self, index: usize, record: &mut Record) {
        let at = |parts: &Vec<Micros>| parts.get(index).copied().unwrap_or_default();
        let count =
            |parts: &Option<Vec<Micros>>| parts.as_ref().map(|parts| at(parts).0.unsigned_abs());
        record.spend = at(&self.spend);
        record.revenue = self.revenue.as_ref().map(at);
        record.reporting = match (record.reporting, &self.reporting) {
            (Some(own), Some((spend, revenue))) => {
                Some(Reporting { spend: at(spend), revenue: revenue.as_ref().map(at), ..own })
            }
            _ => None,
        };
        record.impressions = count(&self.impressions);
        record.clicks = count(&self.clicks);
        record.video_views = count(&self.video_views);
        record.conversions = self.conversions.as_ref().map(|parts| at(parts).to_f64());
    }
}
