//! The append log: what is acknowledged stands in it, and what failed leaves no trace.

use std::io;
use std::time::Instant;

use super::disk::Disk;
use super::policy::Sync;

/// A log open for appending.
#[derive(Debug)]
pub(crate) struct Log {
    disk: Box<dyn Disk>,
    length: u64,
    policy: Sync,
    unsynced: u32,
    synced_at: Instant,
    /// Nothing is known any more of what stands on the medium.
    broken: bool,
}

/// Why a record was not appended.
#[derive(Debug)]
pub(crate) enum AppendError {
    /// The log is as it was before.
    Refused(io::Error),
    /// The state of the log is unknown; it takes nothing more.
    Broken(Option<io::Error>),
}

impl Log {
    pub(crate) fn new(disk: Box<dyn Disk>, length: u64, policy: Sync) -> Self {
        Self { disk, length, policy, unsynced: 0, synced_at: Instant::now(), broken: false }
    }

    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    pub(crate) const fn is_broken(&self) -> bool {
        self.broken
    }

    /// Appends bytes and flushes them if the policy says so.
    ///
    /// Where the write fails, its part is cut off again. Where that fails too, or a flush fails (after
    /// which the system may have dropped pages it reported as written), the log is broken.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), AppendError> {
        if self.broken {
            return Err(AppendError::Broken(None));
        }
        if let Err(error) = self.disk.append(bytes) {
            return Err(match self.disk.truncate(self.length) {
                Ok(()) => AppendError::Refused(error),
                Err(_) => {
                    self.broken = true;
                    AppendError::Broken(Some(error))
                }
            });
        }
        self.length += bytes.len() as u64;
        self.unsynced = self.unsynced.saturating_add(1);
        let due = match self.policy {
            Sync::Always => true,
            Sync::Every(n) => self.unsynced >= n,
            Sync::Interval(t) => self.synced_at.elapsed() >= t,
            Sync::Never => false,
        };
        if due { self.sync() } else { Ok(()) }
    }

    pub(crate) fn sync(&mut self) -> Result<(), AppendError> {
        if self.broken {
            return Err(AppendError::Broken(None));
        }
        if self.unsynced == 0 {
            return Ok(());
        }
        if let Err(error) = self.disk.sync() {
            self.broken = true;
            return Err(AppendError::Broken(Some(error)));
        }
        self.unsynced = 0;
        if matches!(self.policy, Sync::Interval(_)) {
            self.synced_at = Instant::now();
        }
        Ok(())
    }

    /// Cuts everything off after `length`, once a snapshot holds it.
    pub(crate) fn cut(&mut self, length: u64) -> Result<(), AppendError> {
        if self.broken {
            return Err(AppendError::Broken(None));
        }
        if let Err(error) = self.disk.truncate(length).and_then(|()| self.disk.sync()) {
            self.broken = true;
            return Err(AppendError::Broken(Some(error)));
        }
        self.length = length;
        self.unsynced = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Debug, Default)]
    struct State {
        bytes: Vec<u8>,
        room: usize,
        syncs: usize,
        fail_truncate: bool,
        fail_sync: bool,
    }

    /// A disk with a little room that writes as much as fits before it says it is full.
    #[derive(Debug, Clone, Default)]
    struct Small(Arc<Mutex<State>>);

    impl Disk for Small {
        fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
            let mut state = self.0.lock().unwrap();
            let fits = bytes.len().min(state.room - state.bytes.len());
            state.bytes.extend_from_slice(&bytes[..fits]);
            if fits == bytes.len() { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
        }
        fn sync(&mut self) -> io::Result<()> {
            let mut state = self.0.lock().unwrap();
            state.syncs += 1;
            if state.fail_sync { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
        }
        fn truncate(&mut self, length: u64) -> io::Result<()> {
            let mut state = self.0.lock().unwrap();
            if state.fail_truncate {
                return Err(io::ErrorKind::Other.into());
            }
            state.bytes.truncate(length as usize);
            Ok(())
        }
    }

    fn log(room: usize, policy: Sync) -> (Log, Small) {
        let disk = Small::default();
        disk.0.lock().unwrap().room = room;
        (Log::new(Box::new(disk.clone()), 0, policy), disk)
    }

    #[test]
    fn a_write_that_does_not_fit_leaves_no_trace() {
        let (mut log, disk) = log(10, Sync::Always);
        log.append(b"sixsix").unwrap();
        assert!(matches!(log.append(b"sevenn"), Err(AppendError::Refused(_))));
        assert_eq!(disk.0.lock().unwrap().bytes, b"sixsix");
        log.append(b"four").unwrap();
        assert_eq!(disk.0.lock().unwrap().bytes, b"sixsixfour");
        assert_eq!(log.length(), 10);
    }

    #[test]
    fn after_a_failed_cut_or_flush_nothing_is_taken() {
        let (mut log, disk) = log(4, Sync::Never);
        disk.0.lock().unwrap().fail_truncate = true;
        assert!(matches!(log.append(b"fives"), Err(AppendError::Broken(Some(_)))));
        disk.0.lock().unwrap().fail_truncate = false;
        assert!(matches!(log.append(b"a"), Err(AppendError::Broken(None))));

        let (mut log, disk) = self::log(100, Sync::Always);
        disk.0.lock().unwrap().fail_sync = true;
        assert!(matches!(log.append(b"a"), Err(AppendError::Broken(Some(_)))));
        disk.0.lock().unwrap().fail_sync = false;
        assert!(matches!(log.append(b"a"), Err(AppendError::Broken(None))));
        assert!(log.is_broken());
    }

    #[test]
    fn flushes_come_when_the_policy_says() {
        for (policy, expected) in [
            (Sync::Always, 6),
            (Sync::Every(3), 2),
            (Sync::Every(0), 6),
            (Sync::Interval(core::time::Duration::ZERO), 6),
            (Sync::Interval(core::time::Duration::from_secs(3600)), 0),
            (Sync::Never, 0),
        ] {
            let (mut log, disk) = log(100, policy);
            for _ in 0..6 {
                log.append(b"a").unwrap();
            }
            assert_eq!(disk.0.lock().unwrap().syncs, expected, "{policy:?}");
            log.sync().unwrap();
            let more = usize::from(expected == 0);
            assert_eq!(disk.0.lock().unwrap().syncs, expected + more, "{policy:?}");
        }
    }
}
