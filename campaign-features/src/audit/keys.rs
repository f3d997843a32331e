//! Ids that several sources share.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::ingest::Ingested;

/// A kind of id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyKind {
    /// Ad ids of records: two platforms that share one make features per ad mix them.
    Ad,
    /// Campaign ids of records and of orders.
    Campaign,
    /// Creatives of records: shared ones are the same content on two platforms.
    Creative,
    /// Accounts of records.
    Account,
    /// Order numbers of conversions: shared ones are one order in two systems.
    Order,
    /// Click ids of conversions.
    Click,
}

/// How many ids of one kind two sources share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KeyOverlap {
    /// The kind.
    pub kind: KeyKind,
    /// One source, the first by name.
    pub left: String,
    /// The other.
    pub right: String,
    /// Distinct ids of the one.
    pub left_ids: u64,
    /// Distinct ids of the other.
    pub right_ids: u64,
    /// Distinct ids of both.
    pub shared: u64,
}

impl KeyOverlap {
    /// Shared ids over those of the smaller source.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.shared as f64 / self.left_ids.min(self.right_ids).max(1) as f64
    }
}

type Ids<'r> = BTreeMap<KeyKind, BTreeMap<&'r str, BTreeSet<&'r str>>>;

fn add<'r>(ids: &mut Ids<'r>, kind: KeyKind, source: &'r str, id: Option<&'r str>) {
    if let Some(id) = id {
        ids.entry(kind).or_default().entry(source).or_default().insert(id);
    }
}

/// Compares the ids of every two sources that both have some of a kind; pairs that share none are
/// reported too, with 0.
///
/// # Complexity
/// O(rows · log + pairs · ids · log).
///
/// # Examples
/// ```
/// use campaign_features::audit::{KeyKind, key_overlap};
/// use campaign_features::ingest::{Ingest, IngestConfig};
/// let mut ingest = Ingest::new(IngestConfig::new("acme"))?;
/// ingest.read_bytes("m.csv", b"Day,Ad ID,Amount spent (EUR)\n2026-05-04,77,1\n2026-05-04,78,1\n");
/// ingest.read_bytes("g.csv", b"Day,Campaign,Ad ID,Cost,Impr.\n2026-05-04,x,77,2,1\n");
/// let overlap = key_overlap(&ingest.finish()?);
/// let ads = overlap.iter().find(|o| o.kind == KeyKind::Ad).ok_or("no ads")?;
/// assert_eq!((ads.left_ids, ads.right_ids, ads.shared), (1, 2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn key_overlap(ingested: &Ingested) -> Vec<KeyOverlap> {
    let mut ids = Ids::new();
    for record in &ingested.records {
        let source = record.source.as_str();
        add(&mut ids, KeyKind::Ad, source, record.ad.as_ref().map(|id| id.as_str()));
        add(&mut ids, KeyKind::Campaign, source, record.campaign.as_ref().map(|id| id.as_str()));
        add(&mut ids, KeyKind::Creative, source, record.creative.as_ref().map(|id| id.as_str()));
        add(&mut ids, KeyKind::Account, source, record.account.as_ref().map(|id| id.as_str()));
    }
    for order in &ingested.conversions {
        let source = order.source.as_str();
        add(&mut ids, KeyKind::Ad, source, order.ad.as_ref().map(|id| id.as_str()));
        add(&mut ids, KeyKind::Campaign, source, order.campaign.as_ref().map(|id| id.as_str()));
        add(&mut ids, KeyKind::Order, source, order.order.as_deref());
        add(&mut ids, KeyKind::Click, source, order.click.as_deref());
    }
    let mut out = Vec::new();
    for (kind, sources) in ids {
        let sources: Vec<_> = sources.into_iter().collect();
        for (at, (left, one)) in sources.iter().enumerate() {
            for (right, other) in sources.iter().skip(at + 1) {
                out.push(KeyOverlap {
                    kind,
                    left: (*left).to_owned(),
                    right: (*right).to_owned(),
                    left_ids: one.len() as u64,
                    right_ids: other.len() as u64,
                    shared: one.intersection(other).count() as u64,
                });
            }
        }
    }
    out
}
