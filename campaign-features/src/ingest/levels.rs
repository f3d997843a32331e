//! Which rows enter the records: the finest level, and one breakdown of it.
//!
//! Reports of several levels tell of the same money, so only one level of a source may enter. The finest
//! does: ad before ad group before campaign before account. Keywords and search terms come last, because
//! they cover only searches. Where every row of a source names its account, each account has its own
//! finest level. A table whose rows repeat the whole several times over enters nowhere.
//!
//! Longer periods give way to shorter ones: see `periods`. A file that repeats another gives way to it: see
//! `twins`.
//!
//! The same ad and day may also be reported by several breakdowns (by country, by region). Of those the
//! one with the fewest columns enters; of equally many the first by name.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::ads::{AdRow, Profile};
use super::layout::Level;
use super::periods::Periods;
use super::report::SourceReport;
use super::store::Store;
use super::texts::Symbol;

/// A platform, and the account where every row names it.
pub(crate) type Group = (Symbol, Symbol);

/// What a row is about, and its first and last day.
pub(crate) type Identity = (Group, Symbol, Date, Date);

/// Says of a row whether it enters.
pub(crate) struct Choice {
    /// By profile.
    of_level: Vec<bool>,
    /// By profile, whether its account is reported by several breakdowns.
    several: Vec<bool>,
    /// The breakdown of each thing and day of such accounts.
    breakdown: HashMap<Identity, Symbol>,
    periods: Periods,
    /// Files of which no row enters: see `twins`.
    left_out: HashSet<u32>,
}

impl Choice {
    /// Decides by the rows that stand.
    pub(crate) fn new(store: &Store) -> Self {
        let profiles = &store.ads.profiles.all;
        let mut live = vec![false; profiles.len()];
        for row in store.ads.live() {
            if let Some(flag) = live.get_mut(row.profile as usize) {
                *flag = true;
            }
        }
        let standing = || profiles.iter().zip(&live).filter(|(_, live)| **live).map(|(p, _)| p);
        let mut by_account: HashMap<Symbol, bool> = HashMap::new();
        for profile in standing() {
            *by_account.entry(profile.platform).or_insert(true) &= profile.account_stated;
        }
        let group = |profile: &Profile| -> Group {
            let split = by_account.get(&profile.platform).copied().unwrap_or(false);
            (profile.platform, if split { profile.account } else { Symbol::NONE })
        };
        let mut finest: HashMap<Group, Level> = HashMap::new();
        for profile in standing() {
            let level = finest.entry(group(profile)).or_insert(profile.level);
            *level = (*level).max(profile.level);
        }
        let of_level = profiles
            .iter()
            .map(|p| p.level > Level::Part && finest.get(&group(p)) == Some(&p.level));
        let of_level: Vec<bool> = of_level.collect();
        let chosen = profiles.iter().zip(&live).zip(&of_level);
        let chosen = chosen.filter(|((_, live), of_level)| **live && **of_level);
        let broken: HashSet<Symbol> = chosen.map(|((profile, _), _)| profile.broken_by).collect();
        let mut out = Self {
            of_level,
            several: Vec::new(),
            breakdown: HashMap::new(),
            periods: Periods::default(),
            left_out: HashSet::new(),
        };
        if broken.len() > 1 {
            out.breakdowns(store);
        }
        out.periods = Periods::new(store, &out);
        out
    }

    /// Says which accounts are reported by several breakdowns.
    fn several(&mut self, profiles: &[Profile]) {
        let account = |profile: &Profile| (profile.platform, profile.account);
        let of_level = profiles.iter().zip(&self.of_level).filter(|(_, of_level)| **of_level);
        let mut only: HashMap<Group, Option<Symbol>> = HashMap::new();
        for (profile, _) in of_level {
            let known = only.entry(account(profile)).or_insert(Some(profile.broken_by));
            *known = known.filter(|known| *known == profile.broken_by);
        }
        let is_one = |profile| only.get(&account(profile)).is_none_or(Option::is_some);
        self.several = profiles.iter().map(|profile| !is_one(profile)).collect();
    }

    /// Finds the plainest breakdown of each thing and day.
    fn breakdowns(&mut self, store: &Store) {
        self.several(&store.ads.profiles.all);
        let rank = |symbol: Symbol| {
            let text = store.texts.borrow(symbol).map_or("", |text| text);
            (columns(text), text)
        };
        let mut best: HashMap<Identity, Symbol> = HashMap::new();
        for row in store.ads.live() {
            let Some(profile) = self.profile(store, row) else { continue };
            if !self.is_of_several(row) {
                continue;
            }
            let known = best.entry(identity(profile, row)).or_insert(profile.broken_by);
            if rank(profile.broken_by) < rank(*known) {
                *known = profile.broken_by;
            }
        }
        self.breakdown = best;
    }

    /// The profile of a row of the finest level.
    fn profile<'s>(&self, store: &'s Store, row: &AdRow) -> Option<&'s Profile> {
        let of_level = self.of_level.get(row.profile as usize).copied().unwrap_or(false);
        store.ads.profile(row).filter(|_| of_level)
    }

    /// Whether a row is of the finest level of its source or account.
    pub(crate) fn is_of_level(&self, row: &AdRow) -> bool {
        self.of_level.get(row.profile as usize).copied().unwrap_or(false)
    }

    fn is_of_several(&self, row: &AdRow) -> bool {
        self.several.get(row.profile as usize).copied().unwrap_or(false)
    }

    /// Whether a row enters.
    pub(crate) fn enters(&self, store: &Store, row: &AdRow) -> bool {
        self.profile(store, row).is_some_and(|profile| {
            let best = || self.breakdown.get(&identity(profile, row));
            (!self.is_of_several(row) || best().is_none_or(|best| *best == profile.broken_by))
                && !self.periods.repeats(profile, row)
                && !self.left_out.contains(&row.file)
        })
    }

    /// Lets no row of a file enter.
    pub(crate) fn leave_out(&mut self, file: usize) {
        self.left_out.extend(u32::try_from(file));
    }
}

pub(crate) fn columns(broken_by: &str) -> usize {
    if broken_by.is_empty() { 0 } else { broken_by.split(';').count() }
}

/// What a row is about, at its own level, and its days.
pub(crate) fn identity(profile: &Profile, row: &AdRow) -> Identity {
    let own = match profile.level {
        Level::Ad => profile.ad,
        Level::AdGroup | Level::Keyword | Level::SearchTerm => profile.ad_group,
        Level::Campaign => profile.campaign,
        _ => Symbol::NONE,
    };
    ((profile.platform, profile.account), own, row.day, row.last_day)
}

/// Says in the reports which rows did not enter, and returns how many.
pub(crate) fn note(store: &Store, choice: &Choice, sources: &mut [SourceReport]) -> u64 {
    let mut left_out = vec![0_u64; sources.len()];
    for row in store.ads.live().filter(|row| !choice.enters(store, row)) {
        if let Some(count) = left_out.get_mut(row.file as usize) {
            *count += 1;
        }
    }
    for (report, count) in sources.iter_mut().zip(&left_out).filter(|(_, count)| **count > 0) {
        report.notes.push(format!(
            "{count} rows are not in the records: a finer level, shorter periods, a plainer breakdown or the \
             ids of the same money are, or they repeat it"
        ));
    }
    for (file, finding) in choice.periods.findings() {
        if let Some(report) = sources.get_mut(file as usize) {
            report.find(finding);
        }
    }
    left_out.into_iter().sum()
}
