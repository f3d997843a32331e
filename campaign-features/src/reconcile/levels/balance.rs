//! The comparison itself: one account and day after the other, finest totals first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use campaign_core::record::Reporting;
use campaign_core::{Currency, Micros, Record};
use jiff::civil::Date;

use super::super::metric::{Metric, Values};
use super::{
    Balance, ByEntity, Conflict, ConflictKind, DayLevels, LevelError, LevelReport, Levels, One,
    Part, Path, Rank, Seen, SourceLevels, Total, Traits, UNALLOCATED,
};

type Account = Option<Arc<str>>;

/// Days, total, finest, unallocated, excess.
type Sums = [i64; 5];

pub(super) fn compare(levels: Levels) -> Result<LevelReport, LevelError> {
    let mut report = LevelReport::default();
    for (name, mut source) in levels.sources {
        let days = std::mem::take(&mut source.days);
        let known = Known::new(&source);
        let mut balances = BTreeMap::new();
        for (date, day) in days {
            let mut at = Day { name: &name, date, known: &known, report: &mut report };
            at.compare(day, &mut balances)?;
        }
        for ((account, currency, metric), [days, total, finest, unallocated, excess]) in balances {
            report.balances.push(Balance {
                source: name.to_string(),
                account: account.map(|account| account.to_string()),
                currency,
                metric,
                days: days.unsigned_abs(),
                total,
                finest,
                unallocated,
                excess,
            });
        }
    }
    report.unallocated.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok(report)
}

fn order(r: &Record) -> impl Ord + '_ {
    (r.date, &r.source, &r.account, &r.campaign, &r.ad_group)
}

/// What is known of a source as a whole.
struct Known {
    /// The account of rows that name none; `None` where there are several.
    only: Option<Account>,
    /// Accounts of totals that no row names although rows name accounts without totals.
    strange: BTreeSet<Account>,
    seen: BTreeMap<Account, Seen>,
    total_campaigns: BTreeSet<Arc<str>>,
    total_ad_groups: BTreeSet<Arc<str>>,
}

impl Known {
    fn new(source: &SourceLevels) -> Self {
        let mut accounts = source.accounts.iter().cloned();
        let only = match (accounts.next(), accounts.next()) {
            (_, Some(_)) => None,
            (first, None) => Some(first),
        };
        let canonical = |account: &Account| match (account, &only) {
            (None, Some(only)) => only.clone(),
            (account, _) => account.clone(),
        };
        let mut seen: BTreeMap<Account, Seen> = BTreeMap::new();
        for (account, ids) in &source.seen {
            let all = seen.entry(canonical(account)).or_default();
            all.campaigns.extend(ids.campaigns.iter().cloned());
            all.ad_groups.extend(ids.ad_groups.iter().cloned());
        }
        let totals: BTreeSet<Account> = source.total_accounts.iter().map(canonical).collect();
        let others = seen.keys().any(|account| !totals.contains(account));
        let unseen = |account: &&Account| !seen.contains_key(*account);
        let strange =
            if others { totals.iter().filter(unseen).cloned().collect() } else { BTreeSet::new() };
        Self {
            only,
            strange,
            seen,
            total_campaigns: source.campaigns.ids.clone(),
            total_ad_groups: source.ad_groups.ids.clone(),
        }
    }

    /// The account of rows; `None` if it cannot be told.
    fn account(&self, stated: Account) -> Option<Account> {
        match stated {
            Some(account) => Some(Some(account)),
            None => self.only.clone(),
        }
    }

    /// Whether rows of an account may know an entity of totals by another id.
    fn may_be_another(&self, account: &Account, rank: Rank, entity: Option<&Arc<str>>) -> bool {
        if self.strange.contains(account) {
            return true;
        }
        let Some(seen) = self.seen.get(account) else { return false };
        let (ids, totals) = match rank {
            Rank::Account => return false,
            Rank::Campaign => (&seen.campaigns, &self.total_campaigns),
            Rank::AdGroup => (&seen.ad_groups, &self.total_ad_groups),
        };
        entity.is_some_and(|id| !ids.contains(id)) && ids.iter().any(|id| !totals.contains(id))
    }
}

/// One day of one source.
struct Day<'a> {
    name: &'a str,
    date: Date,
    known: &'a Known,
    report: &'a mut LevelReport,
}

type Balances = BTreeMap<(Account, Option<Currency>, Metric), Sums>;

impl Day<'_> {
    fn compare(&mut self, day: DayLevels, balances: &mut Balances) -> Result<(), LevelError> {
        let mut parts: BTreeMap<Account, Vec<(Path, Part)>> = BTreeMap::new();
        let mut nowhere = false;
        for (stated, rows) in day.parts {
            match self.known.account(stated) {
                Some(account) => parts.entry(account).or_default().extend(rows),
                None => nowhere = true,
            }
        }
        let mut totals: BTreeMap<Account, BTreeMap<Rank, Vec<ByEntity>>> = BTreeMap::new();
        for ((stated, rank), rows) in day.totals {
            match self.known.account(stated.clone()) {
                Some(account) if !nowhere => {
                    totals.entry(account).or_default().entry(rank).or_default().push(rows);
                }
                _ => rows.into_keys().for_each(|entity| {
                    self.report.totals += 1;
                    self.conflict(&stated, rank, entity.as_ref(), ConflictKind::Unassigned);
                }),
            }
        }
        for (account, ranks) in totals {
            let mut rows = parts.remove(&account).unwrap_or_default();
            let mut coarsest = BTreeMap::new();
            for (rank, groups) in ranks {
                let mut sums = BTreeMap::new();
                for (entity, total) in groups.into_iter().flatten() {
                    self.report.totals += 1;
                    self.one(&account, (rank, entity), &total, &mut rows, &mut sums)?;
                }
                if !sums.is_empty() {
                    coarsest = sums;
                }
            }
            for ((currency, metric), sums) in coarsest {
                let all = balances.entry((account.clone(), currency, metric)).or_default();
                for (all, one) in all.iter_mut().zip(sums) {
                    *all = all.checked_add(one).ok_or_else(|| self.overflow())?;
                }
            }
        }
        Ok(())
    }

    /// One total and the rows below it.
    fn one(
        &mut self,
        account: &Account,
        (rank, entity): (Rank, Option<Arc<str>>),
        total: &Total,
        rows: &mut Vec<(Path, Part)>,
        sums: &mut BTreeMap<(Option<Currency>, Metric), Sums>,
    ) -> Result<(), LevelError> {
        let own = |path: &Path| match rank {
            Rank::Account => Some(true),
            Rank::Campaign => path.0.as_ref().map(|id| Some(id) == entity.as_ref()),
            Rank::AdGroup => path.1.as_ref().map(|id| Some(id) == entity.as_ref()),
        };
        let unnamed = rank != Rank::Account && entity.is_none();
        if unnamed
            || rows.iter().any(|(path, _)| own(path).is_none())
            || self.known.may_be_another(account, rank, entity.as_ref())
        {
            self.conflict(account, rank, entity.as_ref(), ConflictKind::Unassigned);
            return Ok(());
        }
        let mut below = Part { values: [None; 6], ..total.part.clone() };
        below.traits = Traits { currency: One::Unknown, zone: One::Unknown, window: One::Unknown };
        let mut finest: Values = [None; 6];
        let mut campaigns = BTreeSet::new();
        for (path, part) in rows.iter().filter(|(path, _)| own(path) == Some(true)) {
            below.join(part).ok_or_else(|| self.overflow())?;
            if !part.booked {
                super::add(&mut finest, &part.values).ok_or_else(|| self.overflow())?;
            }
            campaigns.extend(path.0.clone());
        }
        let traits = &total.part.traits;
        for (agrees, kind) in [
            (below.traits.currency.agrees(&traits.currency), ConflictKind::Currency),
            (below.traits.zone.agrees(&traits.zone), ConflictKind::Zone),
        ] {
            if !agrees {
                self.conflict(account, rank, entity.as_ref(), kind);
                return Ok(());
            }
        }
        let attributed = below.traits.window.agrees(&traits.window);
        let mut balanced = attributed;
        if !attributed {
            self.conflict(account, rank, entity.as_ref(), ConflictKind::Window);
        }
        let mut booked: Values = [None; 6];
        for (index, metric) in Metric::ALL.into_iter().enumerate() {
            let at = |values: &Values| values.get(index).copied().flatten();
            let Some(stated) = at(&total.part.values) else { continue };
            if metric.is_attributed() && !attributed {
                continue;
            }
            let parts = at(&below.values).unwrap_or(0);
            let more = stated.checked_sub(parts).ok_or_else(|| self.overflow())?;
            if more < 0 {
                balanced = false;
                let kind = ConflictKind::Exceeds { metric, parts, total: stated };
                self.conflict(account, rank, entity.as_ref(), kind);
            } else if let Some(slot) = booked.get_mut(index) {
                *slot = Some(more);
            }
            let currency = total.record.currency;
            let sum = sums.entry((currency, metric)).or_insert([1, 0, 0, 0, 0]);
            let fine = at(&finest).unwrap_or(0);
            let extra = (-more).max(0);
            let unallocated = parts.checked_sub(fine).and_then(|n| n.checked_add(more.max(0)));
            let added = [0, stated, fine, unallocated.ok_or_else(|| self.overflow())?, extra];
            for (sum, one) in sum.iter_mut().zip(added) {
                *sum = sum.checked_add(one).ok_or_else(|| self.overflow())?;
            }
        }
        self.report.balanced += u64::from(balanced);
        if booked.iter().flatten().any(|more| *more > 0) {
            let campaign = match campaigns.len() {
                1 => campaigns.pop_first(),
                _ => None,
            };
            let record = self.record(account, rank, total, &below, &booked)?;
            let path = match rank {
                Rank::Account => (None, None),
                Rank::Campaign => (entity, None),
                Rank::AdGroup => {
                    let own = record.campaign.as_ref().map(|id| Arc::from(id.as_str()));
                    (own.or(campaign), entity)
                }
            };
            let mut part = Part::of(&record);
            part.values = booked;
            part.booked = true;
            rows.push((path, part));
            self.report.unallocated.push(record);
        }
        Ok(())
    }

    /// What a total has beyond its parts.
    fn record(
        &self,
        account: &Account,
        rank: Rank,
        total: &Total,
        below: &Part,
        booked: &Values,
    ) -> Result<Record, LevelError> {
        let mut record = total.record.clone();
        if let (None, Some(account)) = (&record.account, account) {
            record.account = campaign_core::AccountId::new(&**account).ok();
        }
        (record.ad, record.ad_name, record.creative) = (None, None, None);
        (record.audience, record.country) = (None, None);
        if rank > Rank::AdGroup {
            (record.ad_group, record.ad_group_name) = (None, None);
        }
        if rank > Rank::Campaign {
            (record.campaign, record.campaign_name) = (None, None);
        }
        record.breakdown = Some(UNALLOCATED.into());
        if let (None, One::Is(currency)) = (record.currency, &below.traits.currency) {
            record.currency = Some(*currency);
        }
        if let (None, One::Is(zone)) = (&record.zone, &below.traits.zone) {
            record.zone = Some(zone.clone());
        }
        record.known_at = below.known_at.max(total.part.known_at);
        for (metric, value) in Metric::ALL.into_iter().zip(booked) {
            metric.write(&mut record, *value);
        }
        record.reporting = match record.reporting {
            Some(own) => {
                let convert = |amount: Micros| {
                    if Some(own.currency) == record.currency {
                        return Ok(amount);
                    }
                    amount.convert(own.rate).map_err(|_| self.overflow())
                };
                let revenue = record.revenue.map(convert).transpose()?;
                Some(Reporting { spend: convert(record.spend)?, revenue, ..own })
            }
            None => None,
        };
        Ok(record)
    }

    fn conflict(
        &mut self,
        account: &Account,
        rank: Rank,
        entity: Option<&Arc<str>>,
        kind: ConflictKind,
    ) {
        self.report.conflicts.push(Conflict {
            source: self.name.to_owned(),
            account: account.as_ref().map(ToString::to_string),
            date: self.date,
            level: rank.level(),
            entity: entity.map(ToString::to_string),
            kind,
        });
    }

    fn overflow(&self) -> LevelError {
        LevelError::Overflow { source_id: self.name.to_owned(), date: self.date }
    }
}
