//! GA4: `#` lines before the header, a grand total at the end, days as `20260901` in the property's zone.

use std::collections::BTreeMap;

use campaign_core::time::AccountDay;
use jiff::civil::Date;

use super::crm::origin;
use super::table::Table;
use super::{ExportFile, Job};
use crate::market::day::{binomial, day_part, poisson};
use crate::market::error::MarketError;
use crate::market::order::clicks_before;
use crate::market::season::holidays;
use crate::market::stream::{Purpose, stream};
use crate::market::truth::days_between;

/// Sessions, orders and revenue of one day and origin.
#[derive(Default, Clone, Copy)]
struct Sums {
    sessions: u64,
    orders: u64,
    revenue: f64,
}

/// The day, and the campaign; `None` for what no campaign brought.
type Key = (Date, Option<usize>);

pub(super) fn file(job: &Job<'_>) -> Result<ExportFile, MarketError> {
    let mut table = Table::new(&[
        "Date",
        "Session source / medium",
        "Session campaign",
        "Sessions",
        "Key events",
        "Total revenue",
    ]);
    let mut sums = BTreeMap::new();
    sessions(job, &mut sums)?;
    orders(job, &mut sums);
    let truth = job.market.truth();
    let mut all = Sums::default();
    for ((date, campaign), sum) in sums {
        let campaign = campaign.and_then(|index| truth.campaigns.get(index));
        let channel = campaign.and_then(|c| truth.channels.get(c.channel));
        let (source, medium) = origin(channel.map(|c| c.platform));
        table.rows.push(vec![
            date.strftime("%Y%m%d").to_string(),
            format!("{source} / {medium}"),
            campaign.map_or("(not set)".to_owned(), |c| c.name.to_string()),
            sum.sessions.to_string(),
            sum.orders.to_string(),
            format!("{:.2}", sum.revenue),
        ]);
        all.sessions += sum.sessions;
        all.orders += sum.orders;
        all.revenue += sum.revenue;
    }
    let total = vec![
        "Grand total".to_owned(),
        String::new(),
        String::new(),
        all.sessions.to_string(),
        all.orders.to_string(),
        format!("{:.2}", all.revenue),
    ];
    let (from, to) = job.range();
    let line = "# ----------------------------------------";
    let (from, to) = (from.replace('-', ""), to.replace('-', ""));
    let before = format!(
        "{line}\n# Traffic acquisition: Session source / medium\n{line}\n#\n# All Users\n# Start date: {from}\n# End date: {to}\n"
    );
    table.file("ga4_sessions.csv", &before, &[total])
}

/// Clicks become sessions of the property's day, short of those whom the tool does not see.
fn sessions(job: &Job<'_>, sums: &mut BTreeMap<Key, Sums>) -> Result<(), MarketError> {
    let truth = job.market.truth();
    let seen = 1.0 - truth.config.unseen_sessions;
    let (first, last) = match job.history.first().zip(job.history.last()) {
        Some((first, last)) => (first.date, last.date),
        None => return Ok(()),
    };
    for day in job.history {
        let number = day_part(days_between(truth.config.start, day.date));
        for (index, (ad, did)) in truth.ads.iter().zip(&day.ads).enumerate() {
            let Some(channel) = truth.channels.get(ad.channel) else { continue };
            let account = AccountDay::new(day.date, &channel.zone)?;
            let here = AccountDay::of(account.start(), &truth.analytics_zone)?;
            let part = here.end().duration_since(account.start()).as_secs_f64() / 3600.0;
            let share = clicks_before(part / account.hours());
            let parts = [number, index as u64, 0];
            let mut rng = stream(truth.seed, Purpose::Sessions, parts);
            let total = binomial(did.clicks, seen, &mut rng);
            let early = binomial(total, share, &mut rng);
            let next = AccountDay::of(here.end(), &truth.analytics_zone)?;
            for (date, count) in [(here.date(), early), (next.date(), total - early)] {
                if count > 0 && first <= date && date <= last {
                    sums.entry((date, Some(ad.campaign))).or_default().sessions += count;
                }
            }
        }
        let demand = holidays(&truth.config.holidays, day.date);
        let mut rng = stream(truth.seed, Purpose::Sessions, [number, u64::MAX, 0]);
        let organic = poisson(truth.config.organic.sessions_per_day * demand * seen, &mut rng);
        sums.entry((day.date, None)).or_default().sessions += organic;
    }
    Ok(())
}

/// Orders on the property's day they were placed; those of lost clicks count as nobody's.
fn orders(job: &Job<'_>, sums: &mut BTreeMap<Key, Sums>) {
    let truth = job.market.truth();
    let Some((first, last)) = job.history.first().zip(job.history.last()) else { return };
    let days = job.history.iter();
    let known = days.flat_map(|day| day.orders.iter().chain(&day.organic));
    for order in known.filter(|order| order.known_at <= job.options.as_of) {
        let date = order.ordered_at.to_zoned_datetime(truth.analytics_zone.clone()).date();
        if date < first.date || date > last.date {
            continue;
        }
        let ad = order.ad.filter(|_| order.tracked).and_then(|ad| truth.ads.get(ad));
        let sum = sums.entry((date, ad.map(|ad| ad.campaign))).or_default();
        sum.orders += 1;
        sum.revenue += order.revenue;
    }
}
