//! Rows of ads against the totals of ad groups, campaigns and accounts.

mod balance;
mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use campaign_core::{Currency, Record};
use jiff::Timestamp;
use jiff::civil::Date;

pub use report::{Balance, Conflict, ConflictKind, LevelError, LevelReport};

use super::metric::{Values, add, values};
use crate::ingest::Level;

/// The breakdown of a record that stands for what only a coarser report has.
pub const UNALLOCATED: &str = "unallocated";

/// Whether a record stands for what only a coarser report has.
#[must_use]
pub fn is_unallocated(record: &Record) -> bool {
    record.breakdown.as_deref() == Some(UNALLOCATED)
}

/// Compares the finest rows of each source with the totals of coarser reports, per account and day.
///
/// First every total is added, then every finest row (of days without totals only the ids are kept), then [`Levels::finish`] compares: ad groups, then campaigns, then accounts,
/// each with the finest rows and what was already booked below it. What a total has beyond its parts
/// becomes one record of the total's own level, with [`UNALLOCATED`] as its breakdown and nothing finer
/// named, so that money is conserved to the micro per account, day and measure. It is known since the
/// later of the total and its parts. What parts have beyond their total is a conflict and is not booked.
///
/// Not compared, and reported as a conflict each: totals in another currency or zone than their parts;
/// revenue and conversions of another attribution window; campaigns (ad groups) where a row of the
/// account and day does not say to which it belongs; totals of an account, campaign or ad group that no
/// row ever names, where rows name others that have no total: both may be the same under two ids, and
/// booking one would count it twice. A measure that the total does not state is not compared. Rows
/// without an account belong to the source's only account; where it has several, its totals of such a
/// day are not compared. Where one report has ids and the other only names, they are matched by name.
///
/// # Complexity
/// O((totals + rows) · log), memory in the totals and in the campaigns and ad groups of their days.
///
/// # Examples
/// ```
/// use campaign_features::ingest::{Ingest, IngestConfig, Level};
/// use campaign_features::reconcile::{Levels, is_unallocated};
/// # fn records(text: &str) -> Result<Vec<campaign_core::Record>, Box<dyn std::error::Error>> {
/// #     let mut ingest = Ingest::new(IngestConfig::new("acme"))?;
/// #     ingest.read_bytes("x.csv", text.as_bytes());
/// #     Ok(ingest.finish()?.records)
/// # }
/// // `records` reads one export.
/// let ads = records("Day,Campaign,Campaign ID,Ad ID,Cost,Impr.,Currency code\n\
///                    2026-09-01,Search,7,70,141.16,900,EUR\n")?;
/// let account = records("Day,Account,Customer ID,Cost,Impr.,Currency code\n\
///                        2026-09-01,Acme,123,211.12,1000,EUR\n")?;
/// let mut levels = Levels::new();
/// for row in &account {
///     levels.total(Level::Account, row)?;
/// }
/// for row in &ads {
///     levels.finest(row)?;
/// }
/// let report = levels.finish()?;
/// let missing = &report.unallocated[0];
/// assert!(is_unallocated(missing) && missing.ad.is_none());
/// assert_eq!((missing.spend.to_string().as_str(), missing.impressions), ("69.96", Some(100)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Levels {
    sources: BTreeMap<Arc<str>, SourceLevels>,
}

/// Totals and parts of one source.
#[derive(Debug, Clone, Default)]
struct SourceLevels {
    /// Every account that a total or a row names.
    accounts: BTreeSet<Arc<str>>,
    /// Days that have totals: the others are of no interest.
    days: BTreeMap<Date, DayLevels>,
    campaigns: Names,
    ad_groups: Names,
    /// Accounts of totals.
    total_accounts: BTreeSet<Option<Arc<str>>>,
    /// What the finest rows name, by account.
    seen: BTreeMap<Option<Arc<str>>, Seen>,
}

/// Ids that the finest rows of an account name.
#[derive(Debug, Clone, Default)]
struct Seen {
    campaigns: BTreeSet<Arc<str>>,
    ad_groups: BTreeSet<Arc<str>>,
}

#[derive(Debug, Clone, Default)]
struct DayLevels {
    /// By account as stated, level and entity.
    totals: BTreeMap<(Option<Arc<str>>, Rank), ByEntity>,
    /// By account as stated, campaign and ad group.
    parts: BTreeMap<Option<Arc<str>>, BTreeMap<Path, Part>>,
}

/// Levels of totals, finest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    AdGroup,
    Campaign,
    Account,
}

impl Rank {
    const fn level(self) -> Level {
        match self {
            Self::AdGroup => Level::AdGroup,
            Self::Campaign => Level::Campaign,
            Self::Account => Level::Account,
        }
    }
}

type ByEntity = BTreeMap<Option<Arc<str>>, Total>;

/// Campaign and ad group.
type Path = (Option<Arc<str>>, Option<Arc<str>>);

/// A total of one entity and day.
#[derive(Debug, Clone)]
struct Total {
    record: Record,
    part: Part,
}

/// Sums of rows that belong to one ad group.
#[derive(Debug, Clone)]
struct Part {
    values: Values,
    known_at: Timestamp,
    traits: Traits,
    /// Whether it is a finest row or was booked.
    booked: bool,
}

/// What rows must share to be comparable; `Mixed` stands for several.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Traits {
    currency: One<Currency>,
    zone: One<Arc<str>>,
    window: One<Arc<str>>,
}

/// Nothing, one thing, or several different ones.
#[derive(Debug, Clone, PartialEq, Eq)]
enum One<T> {
    Unknown,
    Is(T),
    Mixed,
}

impl<T: PartialEq + Clone> One<T> {
    fn of(value: Option<&T>) -> Self {
        value.map_or(Self::Unknown, |value| Self::Is(value.clone()))
    }

    fn join(&mut self, other: &Self) {
        *self = match (&*self, other) {
            (Self::Unknown, other) => other.clone(),
            (_, Self::Unknown) => return,
            (a, b) if a == b => return,
            _ => Self::Mixed,
        };
    }

    /// Whether two could be the same: what is not known does not contradict.
    fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => true,
            (Self::Is(a), Self::Is(b)) => a == b,
            _ => false,
        }
    }
}

impl Part {
    fn of(record: &Record) -> Self {
        Self {
            values: values(record),
            known_at: record.known_at,
            traits: Traits {
                currency: One::of(record.currency.as_ref()),
                zone: One::of(record.zone.as_ref()),
                window: One::of(record.attribution_window.as_ref()),
            },
            booked: false,
        }
    }

    fn join(&mut self, other: &Self) -> Option<()> {
        add(&mut self.values, &other.values)?;
        self.known_at = self.known_at.max(other.known_at);
        self.traits.currency.join(&other.traits.currency);
        self.traits.zone.join(&other.traits.zone);
        self.traits.window.join(&other.traits.window);
        Some(())
    }
}

/// Ids of totals and the names they have, to match reports of names with reports of ids.
#[derive(Debug, Clone, Default)]
struct Names {
    ids: BTreeSet<Arc<str>>,
    /// The id of a name; `None` if several have it.
    by_name: BTreeMap<Arc<str>, Option<Arc<str>>>,
}

impl Names {
    fn add(&mut self, id: Option<&str>, name: Option<&Arc<str>>) {
        let Some(id) = id else { return };
        let id: Arc<str> = id.into();
        if let Some(name) = name {
            let known = self.by_name.entry(name.clone()).or_insert_with(|| Some(id.clone()));
            if known.as_ref() != Some(&id) {
                *known = None;
            }
        }
        self.ids.insert(id);
    }

    /// The id that totals know a row's entity by.
    fn id(&self, id: Option<&str>, name: Option<&Arc<str>>) -> Option<Arc<str>> {
        let id = id?;
        if let Some(known) = self.ids.get(id) {
            return Some(known.clone());
        }
        if let Some(Some(known)) = self.by_name.get(id) {
            return Some(known.clone());
        }
        if let Some(known) = name.and_then(|name| self.ids.get(name)) {
            return Some(known.clone());
        }
        Some(id.into())
    }
}

impl Levels {
    /// Nothing to compare.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether no total was added, so that rows need not be.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Adds a row of a coarser report; several of one entity and day add up.
    ///
    /// # Errors
    /// [`LevelError`].
    pub fn total(&mut self, level: Level, record: &Record) -> Result<(), LevelError> {
        let text = |id: Option<&str>| id.map(Arc::<str>::from);
        let campaign = record.campaign.as_ref().map(|id| id.as_str());
        let ad_group = record.ad_group.as_ref().map(|id| id.as_str());
        let (rank, entity) = match level {
            Level::AdGroup => (Rank::AdGroup, text(ad_group)),
            Level::Campaign => (Rank::Campaign, text(campaign)),
            Level::Account => (Rank::Account, None),
            other => return Err(LevelError::Level(other)),
        };
        let source = self.sources.entry(record.source.as_str().into()).or_default();
        source.campaigns.add(campaign, record.campaign_name.as_ref());
        source.ad_groups.add(ad_group, record.ad_group_name.as_ref());
        let account = text(record.account.as_ref().map(|id| id.as_str()));
        source.accounts.extend(account.clone());
        source.total_accounts.insert(account.clone());
        let day = source.days.entry(record.date).or_default();
        let totals = day.totals.entry((account, rank)).or_default();
        match totals.get_mut(&entity) {
            Some(total) => total.part.join(&Part::of(record)).ok_or_else(|| overflow(record))?,
            None => {
                totals.insert(entity, Total { record: record.clone(), part: Part::of(record) });
            }
        }
        Ok(())
    }

    /// Adds a finest row. Every total must have been added before.
    ///
    /// # Errors
    /// [`LevelError::Overflow`].
    pub fn finest(&mut self, record: &Record) -> Result<(), LevelError> {
        let Some(source) = self.sources.get_mut(record.source.as_str()) else { return Ok(()) };
        let account = record.account.as_ref().map(|id| Arc::<str>::from(id.as_str()));
        if let Some(account) = &account
            && !source.accounts.contains(account)
        {
            source.accounts.insert(account.clone());
        }
        let campaign = record.campaign.as_ref().map(|id| id.as_str());
        let ad_group = record.ad_group.as_ref().map(|id| id.as_str());
        let path = (
            source.campaigns.id(campaign, record.campaign_name.as_ref()),
            source.ad_groups.id(ad_group, record.ad_group_name.as_ref()),
        );
        let seen = source.seen.entry(account.clone()).or_default();
        for (ids, id) in [(&mut seen.campaigns, &path.0), (&mut seen.ad_groups, &path.1)] {
            if let Some(id) = id.as_ref().filter(|id| !ids.contains(*id)) {
                ids.insert(id.clone());
            }
        }
        let Some(day) = source.days.get_mut(&record.date) else { return Ok(()) };
        let parts = day.parts.entry(account).or_default();
        match parts.get_mut(&path) {
            Some(part) => part.join(&Part::of(record)).ok_or_else(|| overflow(record))?,
            None => {
                parts.insert(path, Part::of(record));
            }
        }
        Ok(())
    }

    /// Compares.
    ///
    /// # Errors
    /// [`LevelError::Overflow`].
    pub fn finish(self) -> Result<LevelReport, LevelError> {
        balance::compare(self)
    }
}

fn overflow(record: &Record) -> LevelError {
    LevelError::Overflow { source_id: record.source.to_string(), date: record.date }
}
