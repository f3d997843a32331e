//! What has been read so far.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use campaign_core::{CreativeId, Currency, Micros};
use jiff::Timestamp;
use jiff::civil::Date;

use super::config::{IngestConfig, Settings};
use super::conversion::{Conversion, WebRow};
use super::dedup::Ledger;
use super::entities::Entities;
use super::report::{Reject, SourceReport};
use super::row::{AdRow, RowReader, Texts};
use crate::creative::Creative;

/// Actions of one type, on one day, of one ad, campaign or account.
#[derive(Debug, Clone)]
pub(crate) struct ActionRow {
    pub(crate) platform: Arc<str>,
    pub(crate) day: Date,
    pub(crate) account: Option<Arc<str>>,
    pub(crate) campaign: Option<Arc<str>>,
    pub(crate) ad_group: Option<Arc<str>>,
    pub(crate) ad: Option<Arc<str>>,
    pub(crate) kind: Arc<str>,
    pub(crate) count: f64,
    pub(crate) amount: Micros,
}

/// One web event.
#[derive(Debug, Clone)]
pub(crate) struct EventRow {
    pub(crate) day: Date,
    pub(crate) source: Option<Arc<str>>,
    pub(crate) medium: Option<Arc<str>>,
    pub(crate) campaign: Option<Arc<str>>,
    pub(crate) session: Option<Arc<str>>,
    pub(crate) is_key: bool,
    pub(crate) revenue: Option<Micros>,
    pub(crate) currency: Option<Currency>,
    pub(crate) known_at: Timestamp,
    pub(crate) platform: Arc<str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) config: IngestConfig,
    pub(crate) settings: Settings,
    pub(crate) texts: Texts,
    pub(crate) ads: Ledger<AdRow>,
    pub(crate) actions: Ledger<ActionRow>,
    /// `None` stands for a further line of an order.
    pub(crate) conversions: Ledger<Option<Conversion>>,
    pub(crate) web: Ledger<WebRow>,
    pub(crate) events: Ledger<EventRow>,
    /// Rows of tables that describe things, for the accounting.
    pub(crate) described: Ledger<()>,
    pub(crate) entities: Entities,
    pub(crate) creatives: BTreeMap<CreativeId, Creative>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) sources: Vec<SourceReport>,
    /// Per file, the spend that rows of totals state, with their lines.
    pub(crate) stated_totals: HashMap<usize, Vec<(u64, Micros)>>,
    /// Files whose actions are amounts, not counts.
    pub(crate) amount_files: Vec<usize>,
}

impl Store {
    pub(crate) fn new(config: IngestConfig, settings: Settings) -> Self {
        Self {
            config,
            settings,
            texts: Texts::default(),
            ads: Ledger::default(),
            actions: Ledger::default(),
            conversions: Ledger::default(),
            web: Ledger::default(),
            events: Ledger::default(),
            described: Ledger::default(),
            entities: Entities::default(),
            creatives: BTreeMap::new(),
            rejects: Vec::new(),
            sources: Vec::new(),
            stated_totals: HashMap::new(),
            amount_files: Vec::new(),
        }
    }

    /// The number of the file that is being read: its report is pushed when it is done.
    pub(crate) fn file(&self) -> usize {
        self.sources.len()
    }

    /// The creative of a row, kept by its content; the platform's number where the row has no content.
    pub(crate) fn creative_of(&mut self, reader: &RowReader<'_, '_>) -> Option<CreativeId> {
        use super::layout::Role;
        let creative = reader.creative();
        if let Some(id) = creative.id() {
            self.creatives.entry(id.clone()).or_insert(creative);
            return Some(id);
        }
        let number = reader.id(Role::Creative).ok().flatten()?;
        CreativeId::new(format!("{}:{number}", reader.layout.platform)).ok()
    }

    pub(crate) fn settle(&mut self) {
        self.ads.settle();
        self.actions.settle();
        self.conversions.settle();
        self.web.settle();
        self.events.settle();
        self.described.settle();
    }
}
