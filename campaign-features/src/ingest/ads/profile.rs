//! What rows are about: everything of a row that is neither a day nor a number.
//!
//! A report repeats it day after day; it is kept once.

use campaign_core::Currency;

use super::super::hash::{Fingerprint, Print, PrintMap};
use super::super::layout::Level;
use super::super::texts::Symbol;

/// What a row is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile {
    pub(crate) platform: Symbol,
    pub(crate) mapping: Option<u32>,
    pub(crate) level: Level,
    /// Whether its rows are hours of a day.
    pub(crate) hourly: bool,
    /// Whether the row itself names the account.
    pub(crate) account_stated: bool,
    pub(crate) account: Symbol,
    pub(crate) campaign: Symbol,
    pub(crate) campaign_name: Symbol,
    pub(crate) ad_group: Symbol,
    pub(crate) ad_group_name: Symbol,
    pub(crate) ad: Symbol,
    pub(crate) ad_name: Symbol,
    pub(crate) creative: Symbol,
    pub(crate) audience: Symbol,
    pub(crate) country: Symbol,
    pub(crate) breakdown: Symbol,
    /// The names of the breakdown's columns.
    pub(crate) broken_by: Symbol,
    pub(crate) zone: Symbol,
    pub(crate) window: Symbol,
    /// What a column of currencies says; after everything is read, what holds where a row says nothing.
    pub(crate) currency: Option<Currency>,
}

impl Profile {
    fn print(&self) -> Print {
        let mut print = Fingerprint::new();
        let flags = u64::from(self.hourly) | u64::from(self.account_stated) << 1;
        let mapping = self.mapping.map_or(0, |index| u64::from(index) + 1);
        print.word(flags | (self.level as u64) << 8 | mapping << 16);
        let currency = self.currency.map_or("", |currency| currency.code());
        print.bytes(0, currency.as_bytes());
        for symbol in [
            self.platform,
            self.account,
            self.campaign,
            self.campaign_name,
            self.ad_group,
            self.ad_group_name,
            self.ad,
            self.ad_name,
            self.creative,
            self.audience,
            self.country,
            self.breakdown,
            self.broken_by,
            self.zone,
            self.window,
        ] {
            print.word(symbol.index() as u64);
        }
        print.finish()
    }
}

/// All profiles.
#[derive(Debug, Default, Clone)]
pub(crate) struct Profiles {
    pub(crate) all: Vec<Profile>,
    known: PrintMap<u32>,
}

impl Profiles {
    /// The number of a profile.
    pub(crate) fn insert(&mut self, profile: Profile) -> u32 {
        let next = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let known = *self.known.entry(profile.print()).or_insert(next);
        if known == next {
            self.all.push(profile);
        }
        known
    }

    pub(crate) fn get(&self, index: u32) -> Option<&Profile> {
        self.all.get(index as usize)
    }

    /// Frees what is only needed while reading.
    pub(crate) fn close(&mut self) {
        self.known = PrintMap::default();
    }
}
