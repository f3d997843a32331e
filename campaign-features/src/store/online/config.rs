//! How much room a store has.

/// The capacities of an [`OnlineStore`](super::OnlineStore). All memory is taken when the store is
/// made, so these decide what it takes.
///
/// # Examples
/// ```
/// use campaign_features::store::StoreConfig;
/// // 20,000 keys per entity kind, a million facts that may still be restated, from 2026-03-01 on.
/// let config = StoreConfig::new(20_513).with_keys(20_000).with_open_facts(1_000_000);
/// assert_eq!(config.today, 20_513);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreConfig {
    /// The store's day at first, in days since 1970-01-01; later events need
    /// [`advance`](super::OnlineStore::advance).
    pub today: i32,
    /// Keys per entity kind.
    pub keys: usize,
    /// Bytes of all names of one kind together.
    pub key_bytes: usize,
    /// Facts that may still be restated, of all sources together.
    pub open_facts: usize,
    /// How many days before the store's day an event may lie. A fact is let go when its day is older,
    /// because nothing can restate it any more. The default is 400.
    pub late_days: u32,
    /// How many days before the newest event's day a row may be asked for, beyond what the plan's
    /// frames need. The default is 1: a row for the day before.
    pub read_back: u32,
    /// For how many days ahead the calendar is looked up when the store is made. The default is 400.
    pub days_ahead: u32,
}

impl StoreConfig {
    /// 1,024 keys per kind with names of 32 bytes on average, 65,536 open facts, 400 late days.
    #[must_use]
    pub const fn new(today: i32) -> Self {
        Self {
            today,
            keys: 1024,
            key_bytes: 1024 * 32,
            open_facts: 1 << 16,
            late_days: 400,
            read_back: 1,
            days_ahead: 400,
        }
    }

    /// Keys per entity kind; names have 32 bytes on average.
    #[must_use]
    pub const fn with_keys(mut self, keys: usize) -> Self {
        self.keys = keys;
        self.key_bytes = keys.saturating_mul(32);
        self
    }

    /// Bytes of all names of one kind together.
    #[must_use]
    pub const fn with_key_bytes(mut self, bytes: usize) -> Self {
        self.key_bytes = bytes;
        self
    }

    /// Facts that may still be restated.
    #[must_use]
    pub const fn with_open_facts(mut self, facts: usize) -> Self {
        self.open_facts = facts;
        self
    }

    /// How many days before the store's day an event may lie.
    #[must_use]
    pub const fn with_late_days(mut self, days: u32) -> Self {
        self.late_days = days;
        self
    }

    /// How many days before the newest event's day a row may be asked for.
    #[must_use]
    pub const fn with_read_back(mut self, days: u32) -> Self {
        self.read_back = days;
        self
    }

    /// For how many days ahead the calendar is looked up.
    #[must_use]
    pub const fn with_days_ahead(mut self, days: u32) -> Self {
        self.days_ahead = days;
        self
    }
}
