//! The steps of matching, platform by platform.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use campaign_core::{CampaignId, Micros, SourceId};
use jiff::civil::{Date, date};

use super::super::matching::{Demand, Supply, take};
use super::{Claim, ClaimError, ClaimOptions, ClaimReport, ClaimRow};
use crate::ingest::{Amounts, Conversion};
use crate::zone::day_of;

/// One conversion in millionths.
const ONE: i64 = 1_000_000;

/// An order within one platform.
struct Order<'o> {
    order: &'o Conversion,
    /// Its position among all orders.
    at: usize,
    day: i32,
    campaign: Option<Arc<str>>,
    /// Whether it names this platform.
    own: bool,
    left: i64,
}

/// A claim within one platform.
struct Claimed<'c> {
    claim: &'c Claim,
    day: i32,
    campaign: Option<Arc<str>>,
    count: i64,
    left: i64,
}

pub(super) fn pair(
    claims: &[Claim],
    orders: &[Conversion],
    options: &ClaimOptions,
) -> Result<ClaimReport, ClaimError> {
    let mut report = ClaimReport { orders: orders.len() as u64, ..ClaimReport::default() };
    let mut by_source: BTreeMap<&SourceId, Vec<Claimed<'_>>> = BTreeMap::new();
    for (index, claim) in claims.iter().enumerate() {
        let bad = ClaimError::Count { claim: index, count: claim.count };
        let valid = claim.count.is_finite() && claim.count >= 0.0;
        let count = Micros::from_f64(claim.count).ok().filter(|_| valid).ok_or(bad)?.0;
        let campaign = claim.campaign.as_ref().map(|id| Arc::from(id.as_str()));
        let claimed = Claimed { claim, day: number(claim.day), campaign, count, left: count };
        by_source.entry(&claim.source).or_default().push(claimed);
    }
    let known: Vec<(usize, &Conversion, i32)> = orders
        .iter()
        .enumerate()
        .filter(|(_, order)| options.as_of.is_none_or(|as_of| order.known_at <= as_of))
        .map(|(at, order)| (at, order, number(day_of(order.at, &options.zone))))
        .collect();
    report.after_as_of = (orders.len() - known.len()) as u64;
    let sources: BTreeSet<&SourceId> = by_source
        .keys()
        .copied()
        .chain(known.iter().filter_map(|(_, order, _)| order.platform.as_ref()))
        .collect();
    // How many platforms claim an order, by its position.
    let mut claimed_by = vec![0_u32; orders.len()];
    let mut done = Vec::new();
    for source in sources {
        let mut claims = by_source.remove(source).unwrap_or_default();
        let mut orders = of_source(source, &claims, &known);
        let matched = run(&mut claims, &mut orders, i32::from(options.window_days));
        for order in orders.iter().filter(|order| order.left < ONE) {
            if let Some(count) = claimed_by.get_mut(order.at) {
                *count += 1;
            }
        }
        done.push((source, claims, orders, matched));
    }
    for (source, claims, orders, matched) in done {
        rows(source, &claims, &orders, &matched, &claimed_by, &mut report)?;
    }
    for (at, order, _) in &known {
        let claims = claimed_by.get(*at).copied().unwrap_or(0);
        let owed = order.platform.is_some();
        report.owed += u64::from(owed);
        report.unattributed += u64::from(!owed);
        report.joined += u64::from(owed && claims > 0);
        report.claimed_orders += u64::from(claims > 0);
        report.overlap += u64::from(claims > 1);
    }
    Ok(report)
}

fn number(day: Date) -> i32 {
    (day - date(1970, 1, 1)).get_days()
}

/// The orders a platform may claim: those that name it, and those that its claims name.
fn of_source<'o>(
    source: &SourceId,
    claims: &[Claimed<'_>],
    known: &[(usize, &'o Conversion, i32)],
) -> Vec<Order<'o>> {
    let ids: BTreeSet<&str> = claims.iter().filter_map(|c| c.campaign.as_deref()).collect();
    let mut names: BTreeMap<&str, Option<&Arc<str>>> = BTreeMap::new();
    for claim in claims {
        if let (Some(name), Some(id)) = (&claim.claim.campaign_name, &claim.campaign) {
            let known = names.entry(name).or_insert(Some(id));
            if *known != Some(id) {
                *known = None;
            }
        }
    }
    let clicks: BTreeSet<&str> = claims.iter().filter_map(|c| c.claim.click.as_deref()).collect();
    let numbers: BTreeSet<&str> = claims.iter().filter_map(|c| c.claim.order.as_deref()).collect();
    let order = |&(at, order, day): &(usize, &'o Conversion, i32)| {
        let own = order.platform.as_ref() == Some(source);
        let named = order.click.as_deref().is_some_and(|click| clicks.contains(click))
            || order.order.as_deref().is_some_and(|number| numbers.contains(number));
        let campaign = order.campaign.as_ref().map(CampaignId::as_str).map(|text| {
            let by_name = names.get(text).copied().flatten().filter(|_| !ids.contains(text));
            by_name.cloned().unwrap_or_else(|| text.into())
        });
        (own || named).then_some(Order { order, at, day, campaign, own, left: ONE })
    };
    let mut out: Vec<Order<'o>> = known.iter().filter_map(order).collect();
    out.sort_by_key(|order| (order.day, order.at));
    out
}

/// Claim, order and millionths.
type Taking = (usize, usize, i64);

fn run(claims: &mut [Claimed<'_>], orders: &mut [Order<'_>], window: i32) -> Vec<Taking> {
    claims.sort_by(|a, b| (a.day, &a.campaign).cmp(&(b.day, &b.campaign)));
    let mut takings = Vec::new();
    let mut step = |claim: &dyn Fn(&Claimed<'_>) -> Option<Arc<str>>,
                    order: &dyn Fn(&Order<'_>) -> Option<Arc<str>>| {
        let mut groups: BTreeMap<Arc<str>, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (index, one) in claims.iter().enumerate().filter(|(_, one)| one.left > 0) {
            if let Some(key) = claim(one) {
                groups.entry(key).or_default().0.push(index);
            }
        }
        for (index, one) in orders.iter().enumerate().filter(|(_, one)| one.left > 0) {
            if let Some(key) = order(one) {
                groups.entry(key).or_default().1.push(index);
            }
        }
        for (own, wanted) in groups.into_values() {
            let mut supplies: Vec<Supply> = own
                .iter()
                .filter_map(|index| claims.get(*index))
                .map(|claim| Supply { day: claim.day, left: claim.left })
                .collect();
            let mut demands: Vec<Demand> = wanted
                .iter()
                .filter_map(|index| orders.get(*index))
                .map(|order| Demand { day: order.day, left: order.left })
                .collect();
            take(&mut supplies, &mut demands, window, |claim, order, amount| {
                let (Some(&claim), Some(&order)) = (own.get(claim), wanted.get(order)) else {
                    return;
                };
                if let (Some(c), Some(o)) = (claims.get_mut(claim), orders.get_mut(order)) {
                    c.left -= amount;
                    o.left -= amount;
                    takings.push((claim, order, amount));
                }
            });
        }
    };
    let all = || Some(Arc::<str>::from(""));
    step(&|c| c.claim.order.clone(), &|o| o.order.order.clone());
    step(&|c| c.claim.click.clone(), &|o| o.order.click.clone());
    // A claim that names its order or click stands for no other.
    let free = |c: &Claimed<'_>| c.claim.order.is_none() && c.claim.click.is_none();
    step(&|c| c.campaign.clone().filter(|_| free(c)), &|o| o.campaign.clone().filter(|_| o.own));
    step(&|c| all().filter(|_| free(c)), &|o| all().filter(|_| o.own && o.campaign.is_none()));
    step(&|c| all().filter(|_| free(c) && c.campaign.is_none()), &|o| all().filter(|_| o.own));
    takings
}

/// Sums in millionths.
#[derive(Default)]
struct Sums {
    claimed: i64,
    matched: i64,
    orders: i64,
    orders_claimed: i64,
    overlap: u64,
    claimed_value: Amounts,
    order_value: Amounts,
}

fn rows(
    source: &SourceId,
    claims: &[Claimed<'_>],
    orders: &[Order<'_>],
    takings: &[Taking],
    claimed_by: &[u32],
    report: &mut ClaimReport,
) -> Result<(), ClaimError> {
    let mut all = Sums::default();
    let mut campaigns: BTreeMap<Option<Arc<str>>, Sums> = BTreeMap::new();
    let overflow = || ClaimError::Overflow(source.clone());
    let add = |sum: &mut i64, more: i64| {
        *sum = sum.checked_add(more).ok_or_else(overflow)?;
        Ok::<_, ClaimError>(())
    };
    for claim in claims {
        for sums in [&mut all, campaigns.entry(claim.campaign.clone()).or_default()] {
            add(&mut sums.claimed, claim.count)?;
            if let Some(value) = claim.claim.value {
                sums.claimed_value.add(claim.claim.currency, value);
            }
        }
    }
    for &(claim, _, amount) in takings {
        let campaign = claims.get(claim).and_then(|claim| claim.campaign.clone());
        for sums in [&mut all, campaigns.entry(campaign).or_default()] {
            add(&mut sums.matched, amount)?;
        }
    }
    for order in orders {
        let claimed = ONE - order.left;
        if !order.own && claimed == 0 {
            continue;
        }
        let others = claimed_by.get(order.at).copied().unwrap_or(0) > 1;
        for sums in [&mut all, campaigns.entry(order.campaign.clone()).or_default()] {
            add(&mut sums.orders, ONE)?;
            add(&mut sums.orders_claimed, claimed)?;
            sums.overlap += u64::from(others && claimed > 0);
            if let Some(value) = order.order.value {
                sums.order_value.add(order.order.currency, value);
            }
        }
    }
    let row = |campaign: Option<CampaignId>, sums: Sums| {
        let units = |millionths: i64| Micros(millionths).to_f64();
        ClaimRow {
            source: source.clone(),
            campaign,
            claimed: units(sums.claimed),
            matched: units(sums.matched),
            claimed_without_order: units(sums.claimed - sums.matched),
            orders: units(sums.orders),
            orders_claimed: units(sums.orders_claimed),
            orders_without_claim: units(sums.orders - sums.orders_claimed),
            overlap: sums.overlap,
            claimed_value: sums.claimed_value,
            order_value: sums.order_value,
        }
    };
    report.sources.push(row(None, all));
    for (campaign, sums) in campaigns {
        let campaign = campaign.and_then(|text| CampaignId::new(&*text).ok());
        report.campaigns.push(row(campaign, sums));
    }
    Ok(())
}
