//! A store that outlives its process: a snapshot and a log of what came after it.

mod disk;
mod error;
mod frame;
mod log;
mod policy;
mod record;
mod recover;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::online::{Applied, Event, OnlineStore, StoreConfig, UpdateError};
use crate::feature::plan::Plan;
pub use error::DirectoryError;
use frame::put_frame;
use log::{AppendError, Log};
pub use policy::Sync;
use record::Record;
pub use recover::Recovery;
use recover::{LOG_HEAD, head, replay_log};

/// An [`OnlineStore`] whose every acknowledged update survives the end of the process.
///
/// The directory holds a `snapshot` (absent at first), the `log` of what came after it, and a `lock`
/// file that keeps a second writer out. Every change is checked, then appended to the log, then
/// applied in memory, so that neither is ever ahead of what was acknowledged: if the disk is full, the
/// update is refused and nothing has changed. What [`Sync`] decides is how much a *power failure* may
/// take; the end of the process takes nothing under any policy.
///
/// [`compact`](Self::compact) writes a snapshot beside the old one, renames it, and empties the log. A
/// crash at any moment of it loses nothing: records that the snapshot holds already are passed over.
///
/// # Allocation
/// None in [`update`](Self::update), [`insert_key`](Self::insert_key), [`advance`](Self::advance) and
/// in reading, once the longest record was written. Opening and compacting allocate.
#[derive(Debug)]
pub struct DirectoryStore {
    store: OnlineStore,
    log: Log,
    /// The last record.
    seq: u64,
    buffer: Vec<u8>,
    path: PathBuf,
    _lock: Lock,
}

impl DirectoryStore {
    /// Opens a directory, which is made if need be, and brings a store to the state of the last
    /// acknowledged update.
    ///
    /// Capacities may be larger than before, and smaller only if everything still fits; late days and
    /// days to read back must be the same. `config.today` matters in a new directory only.
    ///
    /// # Errors
    /// [`DirectoryError::Locked`] if another writer is here; [`DirectoryError::Digest`] and
    /// [`DirectoryError::Snapshot`] if what is here is of another plan; [`DirectoryError::Damaged`] if
    /// acknowledged records are damaged. A torn end is cut off and reported in [`Recovery`].
    pub fn open(
        path: impl Into<PathBuf>,
        plan: Arc<Plan>,
        config: StoreConfig,
        policy: Sync,
    ) -> Result<(Self, Recovery), DirectoryError> {
        let path = path.into();
        let mut store = OnlineStore::new(plan, config)?;
        fs::create_dir_all(&path).map_err(io_error("make", &path))?;
        let lock = lock(&path)?;
        let snapshot = restore(&mut store, &path.join("snapshot"))?;
        // What a crash left of a snapshot that was never finished.
        let _ = fs::remove_file(path.join("snapshot.new"));
        let log_path = path.join("log");
        let bytes = match fs::read(&log_path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(io_error("read", &log_path)(error)),
        };
        let (found, mut length) = replay_log(&mut store, &bytes, snapshot)?;
        store.forget_counts();
        let open = OpenOptions::new().create(true).append(true).open(&log_path);
        let mut file = open.map_err(io_error("open", &log_path))?;
        if bytes.len() as u64 != length {
            file.set_len(length).map_err(io_error("cut", &log_path))?;
        }
        if length == 0 {
            let head = head(store.digest());
            io::Write::write_all(&mut file, &head).map_err(io_error("write", &log_path))?;
            length = head.len() as u64;
        }
        file.sync_all().map_err(io_error("flush", &log_path))?;
        sync_directory(&path)?;
        let log = Log::new(Box::new(file), length, policy);
        let buffer = Vec::with_capacity(1 << 12);
        Ok((Self { store, log, seq: found.last, buffer, path, _lock: lock }, found))
    }

    /// The state, to read from.
    #[must_use]
    pub const fn store(&self) -> &OnlineStore {
        &self.store
    }

    /// How many changes were ever acknowledged here.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Bytes of the log, which [`compact`](Self::compact) empties.
    #[must_use]
    pub const fn log_bytes(&self) -> u64 {
        self.log.length()
    }

    /// Takes in one version of one fact; see [`OnlineStore::update`]. A duplicate is not logged.
    ///
    /// # Errors
    /// [`DirectoryError::Update`] if it was refused, [`DirectoryError::Io`] if the log could not take
    /// it (a full disk): memory and disk are then as they were before. [`DirectoryError::Broken`].
    pub fn update(&mut self, event: &Event<'_>) -> Result<Applied, DirectoryError> {
        let probe = self.store.probe(event)?;
        if probe.changes() {
            self.append(&Record::Event(*event))?;
        }
        Ok(self.store.commit(event, probe)?)
    }

    /// The code of a key, which is new if need be; see [`OnlineStore::insert_key`].
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub fn insert_key(&mut self, kind: usize, name: &str) -> Result<u32, DirectoryError> {
        if self.store.admits_key(kind, name)? {
            self.append(&Record::Key { kind: kind as u32, name })?;
        }
        Ok(self.store.insert_key(kind, name)?)
    }

    /// Makes `day` the store's day; see [`OnlineStore::advance`].
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub fn advance(&mut self, day: i32) -> Result<usize, DirectoryError> {
        if day > self.store.today() {
            self.append(&Record::Advance { day })?;
        }
        Ok(self.store.advance(day))
    }

    /// Flushes what was acknowledged to the medium.
    ///
    /// # Errors
    /// [`DirectoryError::Broken`].
    pub fn sync(&mut self) -> Result<(), DirectoryError> {
        self.log.sync().map_err(|error| self.log_error(error))
    }

    /// Writes a snapshot of the state and empties the log.
    ///
    /// # Errors
    /// [`DirectoryError::Io`]: the old snapshot and the log are still there, and the store goes on.
    /// [`DirectoryError::Broken`].
    pub fn compact(&mut self) -> Result<(), DirectoryError> {
        if self.log.is_broken() {
            return Err(DirectoryError::Broken { source: None });
        }
        let (new, path) = (self.path.join("snapshot.new"), self.path.join("snapshot"));
        let written = File::create(&new).and_then(|file| {
            let mut writer = BufWriter::new(file);
            self.store.write_numbered(&mut writer, self.seq)?;
            writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
        });
        if let Err(error) = written.and_then(|()| fs::rename(&new, &path)) {
            // What cannot be written can hardly be removed; the next one overwrites it.
            let _ = fs::remove_file(&new);
            return Err(io_error("write", &new)(error));
        }
        // The log may only be emptied once the rename cannot be undone by a power failure.
        sync_directory(&self.path)?;
        self.log.cut(LOG_HEAD as u64).map_err(|error| self.log_error(error))
    }

    fn append(&mut self, record: &Record<'_>) -> Result<(), DirectoryError> {
        self.buffer.clear();
        put_frame(&mut self.buffer, self.seq + 1, |out| record.put(out));
        if self.buffer.len() > frame::LONGEST {
            let (got, expected) = (self.buffer.len(), frame::LONGEST);
            return Err(UpdateError::Length { what: "record", got, expected }.into());
        }
        match self.log.append(&self.buffer) {
            Ok(()) => {
                self.seq += 1;
                Ok(())
            }
            Err(error) => Err(self.log_error(error)),
        }
    }

    fn log_error(&self, error: AppendError) -> DirectoryError {
        match error {
            AppendError::Refused(source) => {
                DirectoryError::Io { what: "append to", path: self.path.join("log"), source }
            }
            AppendError::Broken(source) => DirectoryError::Broken { source },
        }
    }
}

fn io_error(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DirectoryError {
    move |source| DirectoryError::Io { what, path: path.to_owned(), source }
}

/// The lock file, locked as long as this lives.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough while a process that another thread is starting still holds a copy.
        let _ = self.0.unlock();
    }
}

fn lock(path: &Path) -> Result<Lock, DirectoryError> {
    let lock_path = path.join("lock");
    let open = OpenOptions::new().create(true).append(true).open(&lock_path);
    let file = open.map_err(io_error("open", &lock_path))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(DirectoryError::Locked(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(io_error("lock", &lock_path)(error)),
    }
}

fn restore(store: &mut OnlineStore, path: &Path) -> Result<u64, DirectoryError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(io_error("open", path)(error)),
    };
    let filled = store.fill(BufReader::with_capacity(1 << 16, file));
    filled.map_err(|source| DirectoryError::Snapshot { path: path.to_owned(), source })
}

/// Makes creations and renames in a directory last; other systems than Unix do it by themselves.
fn sync_directory(path: &Path) -> Result<(), DirectoryError> {
    if cfg!(unix) {
        let synced = File::open(path).and_then(|directory| directory.sync_all());
        synced.map_err(io_error("flush", path))?;
    }
    Ok(())
}
