//! The processes of a cluster end with the program that started them, whatever ends it.

#![allow(clippy::unwrap_used, reason = "a test helper fails by panicking")]
#![cfg(all(feature = "ballista", target_os = "linux"))]

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use campaign_examples::cluster::{Cluster, Node, Size};
use clap::Parser;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    node: Node,
}

/// Not a test: what the cluster's processes do, each of them this binary. The test runner takes the
/// first of their arguments for the name of this function.
#[test]
fn scheduler_or_executor() {
    if let Ok(Arguments { node }) = Arguments::try_parse() {
        node.run().unwrap();
    }
}

/// Not a test: the program that starts a cluster in the folder and waits for its end.
#[test]
fn program() {
    let Some(folder) = std::env::var_os("CAMPAIGN_FOLDER").map(PathBuf::from) else { return };
    let size = Size { executors: 2, cores: 1, memory: 256 << 20 };
    let _running = Cluster::start(size, &folder.join("work")).unwrap();
    fs::write(folder.join("up"), "").unwrap();
    loop {
        std::thread::park();
    }
}

/// Processes that were told of this folder.
fn told(folder: &Path) -> Vec<u32> {
    let folder = folder.to_str().unwrap();
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let id = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let told = fs::read_to_string(format!("/proc/{id}/cmdline")).ok()?;
        told.split('\0').any(|argument| argument == folder).then_some(id)
    });
    processes.collect()
}

fn until(what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn no_signal_leaves_a_process_or_a_file() {
    for signal in ["-TERM", "-INT", "-KILL"] {
        let folder = tempfile::tempdir().unwrap();
        let work = folder.path().join("work");
        fs::create_dir(&work).unwrap();
        let mut running = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "program", "--nocapture"])
            .env("CAMPAIGN_FOLDER", folder.path())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        until("the cluster is not up", || folder.path().join("up").exists());
        assert_eq!(told(&work).len(), 3, "a scheduler and two executors");
        // To the whole group, as a terminal does.
        let group = format!("-{}", running.id());
        assert!(Command::new("kill").args([signal, "--", &group]).status().unwrap().success());
        assert!(!running.wait().unwrap().success());
        until(&format!("processes outlive {signal}"), || told(&work).is_empty());
        assert!(!work.exists(), "{signal}");
    }
}
