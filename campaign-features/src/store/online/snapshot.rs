//! The whole state to a writer, and back.

use std::io::{self, Read, Write};
use std::sync::Arc;

use thiserror::Error;

use super::{OnlineStore, StoreConfig, StoreError, UpdateError};
use crate::feature::plan::Plan;
use crate::lineage::Digest;
use crate::store::stream::{In, Out};

const MAGIC: &[u8; 8] = b"CAMPSNAP";
const FORMAT: u64 = 1;

/// Why a snapshot cannot be restored.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// Not a snapshot at all.
    #[error("not a snapshot of a feature store")]
    Magic,
    /// A form that this version does not read.
    #[error("the snapshot has form {got}, expected {FORMAT}")]
    Format {
        /// The form found.
        got: u64,
    },
    /// Made with another plan, schema or late days.
    #[error("the snapshot was made with {got}, this store has {expected}")]
    Digest {
        /// This store's digest.
        expected: Digest,
        /// The snapshot's.
        got: Digest,
    },
    /// The content is not what was written.
    #[error("the snapshot is damaged: {0}")]
    Damaged(&'static str),
    /// It does not fit into this store's capacities.
    #[error("the snapshot does not fit: {0}")]
    Capacity(#[from] UpdateError),
    /// The store cannot be made.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The reader or writer said no.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl OnlineStore {
    /// Writes the whole state: format version, digest of the plan, keys, states, open facts, and a
    /// SHA-256 over all of it.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_snapshot(&self, to: impl Write) -> io::Result<()> {
        self.write_numbered(to, 0)
    }

    pub(crate) fn write_numbered(&self, to: impl Write, seq: u64) -> io::Result<()> {
        let mut out = Out::new(to);
        out.bytes(MAGIC)?;
        out.u64(FORMAT)?;
        out.bytes(self.digest.as_bytes())?;
        out.u64(seq)?;
        out.u64(i64::from(self.today) as u64)?;
        for keys in &self.keys {
            out.u64(keys.len() as u64)?;
            for name in keys.names() {
                out.u64(name.len() as u64)?;
                out.bytes(name.as_bytes())?;
            }
        }
        for entities in &self.entities {
            let n = self.n_keys(entities.plan.kind()) * entities.plan.words();
            out.words(entities.words.get(..n).unwrap_or_default())?;
        }
        out.u64(self.facts.len() as u64)?;
        for fact in self.facts.iter() {
            out.u64(u64::from(fact.source))?;
            out.u64(fact.fact)?;
            out.u64(i64::from(fact.day) as u64)?;
            out.u64(fact.known_at as u64)?;
            out.words(fact.body)?;
        }
        out.finish()?.flush()
    }

    /// A store as it was when a snapshot was written: the same bits in every row, then and ever after.
    ///
    /// Capacities may be larger than they were, and smaller if everything fits; `config.today` is that
    /// of the snapshot.
    ///
    /// # Errors
    /// [`SnapshotError`] for what is no snapshot, is damaged, was made with another plan, or does not
    /// fit.
    pub fn restore(
        plan: Arc<Plan>,
        config: StoreConfig,
        from: impl Read,
    ) -> Result<Self, SnapshotError> {
        let mut store = Self::new(plan, config)?;
        store.fill(from)?;
        Ok(store)
    }

    /// Fills this store, which must be empty, from a snapshot.
    ///
    /// # Errors
    /// [`SnapshotError`]; the store is then useless and must be dropped.
    pub(crate) fn fill(&mut self, from: impl Read) -> Result<u64, SnapshotError> {
        let mut input = In::new(from);
        let mut magic = [0; 8];
        input.bytes(&mut magic)?;
        if &magic != MAGIC {
            return Err(SnapshotError::Magic);
        }
        let got = input.u64()?;
        if got != FORMAT {
            return Err(SnapshotError::Format { got });
        }
        let mut digest = [0; 32];
        input.bytes(&mut digest)?;
        if digest != *self.digest.as_bytes() {
            let (expected, got) = (self.digest, Digest::from_bytes(digest));
            return Err(SnapshotError::Digest { expected, got });
        }
        let seq = input.u64()?;
        self.today = day(input.u64()?)?;
        let mut name = Vec::new();
        for kind in 0..self.keys.len() {
            for code in 0..input.u64()? {
                let length = input.u64()?;
                let room = self.keys.get(kind).map_or(0, |keys| keys.text_capacity()) as u64;
                if length > room {
                    let capacity = self.config.keys;
                    let text_capacity = self.config.key_bytes;
                    return Err(UpdateError::KeysFull { kind, capacity, text_capacity }.into());
                }
                name.resize(length as usize, 0);
                input.bytes(&mut name)?;
                let name = core::str::from_utf8(&name)
                    .map_err(|_| SnapshotError::Damaged("a key is not UTF-8"))?;
                if u64::from(self.insert_key(kind, name)?) != code {
                    return Err(SnapshotError::Damaged("a key stands twice"));
                }
            }
        }
        for at in 0..self.entities.len() {
            let kind = self.entities.get(at).map_or(0, |e| e.plan.kind());
            let n = self.n_keys(kind);
            if let Some(entities) = self.entities.get_mut(at) {
                let n = n * entities.plan.words();
                input.words(entities.words.get_mut(..n).unwrap_or_default())?;
            }
        }
        for _ in 0..input.u64()? {
            let source = u32::try_from(input.u64()?)
                .map_err(|_| SnapshotError::Damaged("a source is no number of one"))?;
            let fact = input.u64()?;
            let day = day(input.u64()?)?;
            let known_at = input.u64()? as i64;
            if self.facts.is_full() {
                let capacity = self.facts.capacity();
                return Err(UpdateError::FactsFull { capacity }.into());
            }
            let place = self.facts.place(source, fact);
            if place.is_ok() {
                return Err(SnapshotError::Damaged("a fact stands twice"));
            }
            input.words(self.facts.hold(place, source, fact, day, known_at))?;
        }
        if !input.finish()? {
            return Err(SnapshotError::Damaged("its SHA-256 differs"));
        }
        self.prepare_days();
        Ok(seq)
    }
}

fn day(word: u64) -> Result<i32, SnapshotError> {
    i32::try_from(word as i64).map_err(|_| SnapshotError::Damaged("a day is out of range"))
}
