//! A store in a directory: what was acknowledged is there again, whatever ended the process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

mod store_common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use campaign_features::lineage::Digest;
use campaign_features::store::{
    Applied, DirectoryError, DirectoryStore, OnlineStore, Recovery, SnapshotError, Sync,
    UpdateError,
};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use store_common::*;

fn empty() -> OnlineStore {
    OnlineStore::new(plan(), config()).unwrap()
}

fn open(path: &Path, policy: Sync) -> (DirectoryStore, Recovery) {
    DirectoryStore::open(path, plan(), config(), policy).unwrap()
}

/// A digest of every bit that a store holds.
fn bits(store: &OnlineStore) -> Digest {
    let mut bytes = Vec::new();
    store.write_snapshot(&mut bytes).unwrap();
    Digest::of(&bytes)
}

fn insert_keys(store: &mut DirectoryStore) {
    for (kind, name) in key_names() {
        store.insert_key(kind, &name).unwrap();
    }
}

/// The log of a child: keys first, then events without those that change nothing.
fn log(seed: u64) -> Vec<Told> {
    random_log(&mut Xoshiro256PlusPlus::seed_from_u64(seed), 2000)
}

/// The state after the first `seq` changes.
fn replayed(log: &[Told], seq: u64) -> OnlineStore {
    let mut store = empty();
    let mut done = 0;
    for (kind, name) in key_names() {
        if done == seq {
            return store;
        }
        store.insert_key(kind, &name).unwrap();
        done += 1;
    }
    for told in log {
        if done == seq {
            break;
        }
        if store.update(&told.event()).unwrap() != Applied::Duplicate {
            done += 1;
        }
    }
    assert_eq!(done, seq, "the log is shorter");
    store
}

#[test]
fn opened_again_it_is_what_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let log = log(1);
    let (mut store, found) = open(dir.path(), Sync::Never);
    assert_eq!(found, Recovery::default());
    insert_keys(&mut store);
    for (i, told) in log.iter().enumerate() {
        store.update(&told.event()).unwrap();
        if i % 700 == 699 {
            store.compact().unwrap();
        }
        if i % 501 == 500 {
            let before = (bits(store.store()), store.seq());
            drop(store);
            let (again, found) = open(dir.path(), Sync::Never);
            assert_eq!((bits(again.store()), again.seq()), before);
            assert_eq!((found.last, found.torn), (before.1, 0));
            assert_eq!(found.applied, found.last - found.snapshot);
            store = again;
        }
    }
    assert_eq!(bits(store.store()), bits(&replayed(&log, store.seq())));
    let requests = requests(&[TODAY]);
    let expected = offline(store.store().plan(), &log, &requests, i64::MAX);
    assert_same(store.store().plan(), &online(store.store(), &requests), &expected);
}

#[test]
fn every_cut_of_the_log_recovers_a_prefix() {
    let dir = tempfile::tempdir().unwrap();
    let log = log(2);
    let (mut store, _) = open(dir.path(), Sync::Never);
    insert_keys(&mut store);
    let mut ends = Vec::new();
    for told in &log[..6] {
        store.update(&told.event()).unwrap();
        ends.push((store.log_bytes(), store.seq()));
    }
    drop(store);
    let path = dir.path().join("log");
    let whole = fs::read(&path).unwrap();
    for cut in ends[0].0..whole.len() as u64 {
        fs::write(&path, &whole[..cut as usize]).unwrap();
        let &(end, seq) = ends.iter().rev().find(|(end, _)| *end <= cut).unwrap();
        let (store, found) = open(dir.path(), Sync::Never);
        assert_eq!((found.last, found.torn), (seq, cut - end), "cut at {cut}");
        assert_eq!(bits(store.store()), bits(&replayed(&log, seq)));
        // The torn end is gone, so that what is appended next can be read.
        assert_eq!(fs::metadata(&path).unwrap().len(), end);
    }
}

#[test]
fn damage_is_told_from_a_torn_end() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path(), Sync::Never);
    insert_keys(&mut store);
    let before = store.log_bytes();
    for told in &log(3)[..5] {
        store.update(&told.event()).unwrap();
    }
    drop(store);
    let path = dir.path().join("log");
    let whole = fs::read(&path).unwrap();
    let open = || DirectoryStore::open(dir.path(), plan(), config(), Sync::Never).map(|_| ());
    let mut bad = whole.clone();
    bad[before as usize + 20] ^= 4;
    fs::write(&path, &bad).unwrap();
    assert!(matches!(open(), Err(DirectoryError::Damaged { .. })));
    assert_eq!(fs::read(&path).unwrap(), bad, "nothing was cut off");
    // A log without its beginning, whose snapshot is lost.
    let (mut store, _) = {
        fs::write(&path, &whole).unwrap();
        self::open(dir.path(), Sync::Never)
    };
    store.compact().unwrap();
    store.update(&log(3)[6].event()).unwrap();
    drop(store);
    fs::remove_file(dir.path().join("snapshot")).unwrap();
    assert!(matches!(open(), Err(DirectoryError::Damaged { .. })));
    // No log at all of this plan.
    fs::write(&path, "something else that is longer than the head of a log").unwrap();
    assert!(matches!(open(), Err(DirectoryError::Damaged { .. })));
    let mut other = whole;
    other[10] ^= 1;
    fs::write(&path, other).unwrap();
    assert!(matches!(open(), Err(DirectoryError::Digest { .. })));
}

#[test]
fn a_damaged_or_foreign_snapshot_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path(), Sync::Never);
    insert_keys(&mut store);
    store.compact().unwrap();
    drop(store);
    let path = dir.path().join("snapshot");
    let whole = fs::read(&path).unwrap();
    let open = |config| match DirectoryStore::open(dir.path(), plan(), config, Sync::Never) {
        Err(DirectoryError::Snapshot { source, .. }) => Some(source),
        Err(other) => panic!("{other}"),
        Ok(_) => None,
    };
    assert!(open(config()).is_none());
    let late = open(config().with_late_days(3));
    assert!(matches!(late, Some(SnapshotError::Digest { .. })), "{late:?}");
    let small = open(config().with_keys(2));
    assert!(matches!(small, Some(SnapshotError::Capacity(_))), "{small:?}");
    // Larger is fine.
    assert!(open(config().with_keys(100).with_open_facts(5000)).is_none());
    for at in [0, 9, 50, whole.len() / 2, whole.len() - 1] {
        let mut bad = whole.clone();
        bad[at] ^= 0x10;
        fs::write(&path, &bad).unwrap();
        assert!(open(config()).is_some(), "byte {at}");
        fs::write(&path, &whole[..at]).unwrap();
        assert!(open(config()).is_some(), "cut at {at}");
    }
}

#[test]
fn one_writer_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path(), Sync::Never);
    let second = DirectoryStore::open(dir.path(), plan(), config(), Sync::Never);
    assert!(matches!(second, Err(DirectoryError::Locked(_))));
    drop(store);
    open(dir.path(), Sync::Never);
}

#[test]
fn a_crash_between_the_steps_of_compacting_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let log = log(4);
    let (mut store, _) = open(dir.path(), Sync::Never);
    insert_keys(&mut store);
    for told in &log[..50] {
        store.update(&told.event()).unwrap();
    }
    let (before, seq) = (bits(store.store()), store.seq());
    let old_log = fs::read(dir.path().join("log")).unwrap();
    store.compact().unwrap();
    drop(store);
    // The snapshot was renamed, the log was not emptied yet.
    fs::write(dir.path().join("log"), &old_log).unwrap();
    let (mut store, found) = open(dir.path(), Sync::Never);
    assert_eq!((found.snapshot, found.last, found.applied), (seq, seq, 0));
    assert_eq!(bits(store.store()), before);
    // It goes on after the old records.
    store.update(&log[60].event()).unwrap();
    let after = bits(store.store());
    drop(store);
    // A snapshot that was not finished is of no account.
    fs::write(dir.path().join("snapshot.new"), "half").unwrap();
    let (store, found) = open(dir.path(), Sync::Never);
    assert_eq!((found.last, found.applied), (seq + 1, 1));
    assert_eq!(bits(store.store()), after);
    assert!(!dir.path().join("snapshot.new").exists());
}

#[test]
fn what_is_refused_is_not_logged() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path(), Sync::Never);
    insert_keys(&mut store);
    let told = log(5).swap_remove(0);
    store.update(&told.event()).unwrap();
    let (bytes, before) = (store.log_bytes(), bits(store.store()));
    let mut late = told.clone();
    (late.day, late.fact) = (TODAY - 401, 9_999_999);
    let mut conflict = told.clone();
    conflict.measures[0] = 12_345;
    for bad in [late, conflict] {
        assert!(matches!(store.update(&bad.event()), Err(DirectoryError::Update(_))));
    }
    assert!(matches!(
        store.insert_key(9, "x"),
        Err(DirectoryError::Update(UpdateError::Kind { kind: 9, n_kinds: 3 }))
    ));
    assert_eq!(store.update(&told.event()).unwrap(), Applied::Duplicate);
    store.insert_key(0, "ad-0").unwrap();
    store.advance(TODAY - 1).unwrap();
    assert_eq!((store.log_bytes(), bits(store.store())), (bytes, before));
    store.advance(TODAY + 1).unwrap();
    assert!(store.log_bytes() > bytes);
    let before = bits(store.store());
    drop(store);
    let (store, _) = open(dir.path(), Sync::Never);
    assert_eq!(bits(store.store()), before);
}

/// Starts this test binary again with only the given test, which acts on the environment.
fn child(test: &str, dir: &Path, seed: u64, limit: Option<u64>) -> Child {
    let me = std::env::current_exe().unwrap();
    let mut command = match limit {
        None => Command::new(me),
        Some(blocks) => {
            // Files may not grow beyond so many blocks; without the signal, writes fail instead.
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
            shell.arg(me);
            shell
        }
    };
    command
        .args([test, "--exact", "--nocapture", "--include-ignored", "--test-threads=1"])
        .env("CAMPAIGN_CHILD_DIR", dir)
        .env("CAMPAIGN_CHILD_SEED", seed.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn child_settings() -> Option<(PathBuf, u64)> {
    let dir = std::env::var_os("CAMPAIGN_CHILD_DIR")?;
    Some((dir.into(), std::env::var("CAMPAIGN_CHILD_SEED").ok()?.parse().ok()?))
}

/// Writes until it is killed, and says what was acknowledged.
#[test]
#[ignore = "the part of a child process"]
fn child_that_writes() {
    let Some((dir, seed)) = child_settings() else { return };
    let log = log(seed);
    let policy = match seed % 4 {
        0 => Sync::Always,
        1 => Sync::Every(16),
        2 => Sync::Interval(std::time::Duration::from_millis(5)),
        _ => Sync::Never,
    };
    let (mut store, _) = open(&dir, policy);
    let say = |seq: u64| {
        // One write, so that a reader never sees half a line.
        let line = format!("acknowledged {seq}\n");
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    };
    for (kind, name) in key_names() {
        store.insert_key(kind, &name).unwrap();
        say(store.seq());
    }
    loop {
        for (i, told) in log.iter().enumerate() {
            store.update(&told.event()).unwrap();
            say(store.seq());
            if i % 97 == 96 {
                store.compact().unwrap();
            }
        }
    }
}

#[test]
fn kill_9_at_any_moment_loses_nothing_acknowledged() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(9);
    let mut torn_or_ahead = 0;
    for round in 0..24 {
        let dir = tempfile::tempdir().unwrap();
        let mut child = child("child_that_writes", dir.path(), round, None);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Killed after a random number of acknowledgements, while it goes on writing.
        let after = 1 + rng.next_u64() % 600;
        let mut acknowledged = 0;
        let seq_of =
            |line: &str| line.rsplit_once("acknowledged ").and_then(|(_, n)| n.parse().ok());
        while acknowledged < after {
            let line = lines.next().expect("the child ended by itself").unwrap();
            acknowledged = seq_of(&line).unwrap_or(acknowledged);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            acknowledged = seq_of(&line).unwrap_or(acknowledged);
        }
        let (store, found) = open(dir.path(), Sync::Never);
        // The last update may have been written and not yet been acknowledged.
        let extra = found.last - acknowledged;
        assert!(extra <= 1, "round {round}: {acknowledged} acknowledged, {} found", found.last);
        torn_or_ahead += u64::from(extra == 1 || found.torn > 0);
        // The child went round its log at most a little more than once; what it tells again it
        // tells as duplicates or superseded versions.
        let log = log(round);
        let twice: Vec<Told> = log.iter().chain(&log).cloned().collect();
        let expected = replayed(&twice, found.last);
        assert_eq!(bits(store.store()), bits(&expected), "round {round}");
    }
    println!("{torn_or_ahead} of 24 were killed between writing and acknowledging");
}

/// Writes until the disk is full, checks what it is left with, and says so.
#[test]
#[ignore = "the part of a child process"]
fn child_on_a_full_disk() {
    let Some((dir, seed)) = child_settings() else { return };
    let log = log(seed);
    let (mut store, _) = open(&dir, Sync::Never);
    insert_keys(&mut store);
    let mut refused = 0;
    for told in &log {
        let before = (store.seq(), store.log_bytes(), bits(store.store()));
        match store.update(&told.event()) {
            Ok(_) => {}
            Err(DirectoryError::Io { source, .. }) => {
                assert_eq!(source.kind(), std::io::ErrorKind::FileTooLarge);
                refused += 1;
                // Nothing changed in memory, and nothing is left on the disk.
                assert_eq!((store.seq(), store.log_bytes(), bits(store.store())), before);
                let length = fs::metadata(dir.join("log")).unwrap().len();
                assert_eq!(length, store.log_bytes());
                if refused == 3 {
                    break;
                }
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(refused, 3);
    println!("full at {}", store.seq());
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_refuses_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    // `ulimit -f` counts blocks of 512 or 1,024 bytes, depending on the shell: at most 64 KiB.
    let output = child("child_on_a_full_disk", dir.path(), 7, Some(64)).wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    let (_, rest) = said.split_once("full at ").expect("the child says where it was full");
    let seq: u64 = rest.split_whitespace().next().unwrap().parse().unwrap();
    let (mut store, found) = open(dir.path(), Sync::Never);
    assert_eq!((found.last, found.torn), (seq, 0));
    let log = log(7);
    assert_eq!(bits(store.store()), bits(&replayed(&log, seq)));
    // With room again it goes on.
    for told in &log {
        store.update(&told.event()).unwrap();
    }
    let requests = requests(&[TODAY]);
    let expected = offline(store.store().plan(), &log, &requests, i64::MAX);
    assert_same(store.store().plan(), &online(store.store(), &requests), &expected);
}
