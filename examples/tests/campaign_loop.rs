//! The loop on the bundled exports, as a user runs it.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use campaign_core::Status;
use campaign_core::decision::{Head, verify};
use campaign_examples::cycle::answer::Answer;
use campaign_examples::cycle::config::ChannelBounds;
use campaign_examples::cycle::{self, Config, Goal, Run};
use campaign_examples::program::{Failure, Stages};

fn bundled() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

fn config() -> Config {
    Config::read(&bundled().join("campaign.toml")).unwrap()
}

fn run(config: Config, out: &Path) -> Result<Answer, Failure> {
    run_on(config, &bundled(), out)
}

fn run_on(config: Config, data: &Path, out: &Path) -> Result<Answer, Failure> {
    let run = Run { config, data: data.to_owned(), as_of: None, seed: 1 };
    cycle::run(&run, out, &mut Stages::new())
}

fn micros(amount: f64) -> i64 {
    (amount * 1e6).round() as i64
}

#[test]
fn a_whole_cycle() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("a"), folder.path().join("b"));
    let answer = run(config(), &first).unwrap();

    // Every row is accounted for, dirty ones included.
    assert_eq!(answer.rows_in, answer.rows_ok + answer.rows_rejected + answer.rows_duplicate);
    assert!(answer.rows_rejected > 0 && answer.rows_duplicate > 0);

    // The plan spends the budget to the micro and keeps every cell within its bounds.
    assert_eq!(answer.plan.status, Status::Optimal);
    let spent: i64 = answer.plan.cells.iter().map(|c| micros(c.spend.unwrap())).sum();
    assert_eq!(spent, micros(answer.plan.budget));
    assert_eq!(micros(answer.plan.total.unwrap()), spent);
    let paused: Vec<_> =
        answer.paused.iter().filter(|p| p.status == "paused").map(|p| &p.creative_id).collect();
    for cell in &answer.plan.cells {
        let spend = cell.spend.unwrap();
        if paused.contains(&&cell.creative) {
            assert_eq!(spend, 0.0, "{} is paused", cell.name);
        } else {
            let change = spend / cell.current - 1.0;
            assert!(change.abs() <= 0.3 + 1e-9, "{} moves by {change}", cell.name);
        }
        let (low, high) = (cell.low.unwrap(), cell.high.unwrap());
        let expected = cell.expected.unwrap();
        assert!(low <= expected && expected <= high && !cell.reasons.is_empty());
    }

    // Ten creatives or more are tested, and each test's probabilities and shares add up to 1.
    assert!(answer.experiments.len() >= 10);
    let mut tests: Vec<_> = answer.experiments.iter().map(|e| &e.test).collect();
    tests.dedup();
    for test in tests {
        let sum = |of: &dyn Fn() -> f64| of();
        let best =
            sum(&|| answer.experiments.iter().filter(|e| e.test == *test).map(|e| e.p_best).sum());
        let shares =
            sum(&|| answer.live_split.iter().filter(|e| e.test == *test).map(|e| e.share).sum());
        assert!((best - 1.0).abs() < 1e-9 && (shares - 1.0).abs() < 1e-9, "{test}");
    }

    // The log verifies against the head that was printed.
    let log = BufReader::new(File::open(first.join("decisions.jsonl")).unwrap());
    let hash = answer.log_head.as_deref().unwrap().parse().unwrap();
    let head = Head { seq: answer.decisions.len() as u64, hash };
    verify(log, Some(&head)).unwrap();

    // All files are there; the plan is the same, byte for byte, when it is made again.
    run(config(), &second).unwrap();
    let bytes = |folder: &Path, file: &str| fs::read(folder.join(file)).unwrap();
    for file in
        ["records.csv", "coverage.json", "features.csv", "model.json", "plan.json", "plan.csv"]
    {
        assert_eq!(bytes(&first, file), bytes(&second, file), "{file}");
    }
    assert_eq!(bytes(&first, "decisions.jsonl"), bytes(&second, "decisions.jsonl"));
    assert!(bytes(&first, "report.html").starts_with(b"<!DOCTYPE html>"));
}

#[test]
fn caps_that_leave_no_room_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut capped = config();
    for channel in ["search", "paid social", "display", "tiktok"] {
        let bounds = ChannelBounds { floor: 0.0, cap: Some(900.0) };
        capped.plan.channels.insert(channel.to_owned(), bounds);
    }
    capped.plan.budget = Some(5_000.0);
    capped.plan.max_change = 1.0;
    let answer = run(capped.clone(), folder.path()).unwrap();
    assert_eq!(answer.plan.status, Status::Infeasible);
    assert_eq!((answer.plan.total, answer.plan.cells[0].spend), (None, None));
    let said = answer.plan.conflicts.join("; ");
    assert!(said.contains("900") && said.contains("5000"), "{said}");

    capped.plan.allow_underspend = true;
    let answer = run(capped, folder.path()).unwrap();
    assert_eq!(answer.plan.status, Status::Underspent);
    assert!(answer.plan.total.unwrap() <= 3_600.0);
    // Two runs, one log, no decision id twice.
    let log = BufReader::new(File::open(folder.path().join("decisions.jsonl")).unwrap());
    assert!(verify(log, None).unwrap().head.seq > answer.decisions.len() as u64);
}

#[test]
fn a_larger_budget_than_the_bounds_permit_is_underspent() {
    let folder = tempfile::tempdir().unwrap();
    let mut large = config();
    large.plan.budget = Some(9_000.0);
    large.plan.allow_underspend = true;
    let answer = run(large, folder.path()).unwrap();
    assert_eq!(answer.plan.status, Status::Underspent);
    assert!(answer.plan.total.unwrap() < 9_000.0);
}

#[test]
fn nothing_may_move_and_a_channel_that_does_not_exist() {
    let folder = tempfile::tempdir().unwrap();
    let mut frozen = config();
    frozen.plan.max_change = 0.0;
    frozen.pause.max_share = 0.0;
    let answer = run(frozen, folder.path()).unwrap();
    assert_eq!(answer.plan.status, Status::Optimal);
    for cell in &answer.plan.cells {
        assert!((cell.spend.unwrap() - cell.current).abs() < 2e-6, "{}", cell.name);
    }
    let mut typo = config();
    typo.plan.channels.insert("serach".to_owned(), ChannelBounds { floor: 0.0, cap: Some(1.0) });
    let error = run(typo, folder.path()).unwrap_err().to_string();
    assert!(error.contains("serach") && error.contains("paid social, search, tiktok"), "{error}");
}

#[test]
fn orders_that_find_no_ad_do_not_silence_the_platforms() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    for file in ["meta_ads.csv", "campaign.toml", "fx.csv"] {
        fs::copy(bundled().join(file), data.join(file)).unwrap();
    }
    let orders = "Order ID,Click ID,Conversion Time,Conversion Value,Conversion Currency,utm_source,\
                  utm_medium,utm_campaign,utm_content\n\
                  A1,,2026-09-01T10:00:00+02:00,50.00,EUR,facebook,paid_social,nowhere,\n";
    fs::write(data.join("orders.csv"), orders).unwrap();
    let config = Config::read(&data.join("campaign.toml")).unwrap();
    let answer = run_on(config, &data, &folder.path().join("out")).unwrap();
    assert!(answer.skipped["orders"].contains("0 of 1 orders"), "{:?}", answer.skipped);
    assert!(answer.orders.is_none() && answer.plan.objective > Some(1_000.0));
}

#[test]
fn conversions_can_be_the_goal_and_the_day_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let mut cpa = config();
    cpa.objective.goal = Goal::Cpa;
    let run =
        Run { config: cpa, data: bundled(), as_of: Some("2026-09-20".parse().unwrap()), seed: 7 };
    let answer = cycle::run(&run, folder.path(), &mut Stages::new()).unwrap();
    assert_eq!(answer.plan.maximises, "conversions");
    let (first, last) = answer.plan.days.unwrap();
    assert_eq!((first.to_string(), last.to_string()), ("2026-09-20".into(), "2026-09-26".into()));
    let features = fs::read_to_string(folder.path().join("features.csv")).unwrap();
    assert!(!features.contains("2026-09-20,") && features.contains("2026-09-19,"));
}

#[test]
fn a_table_without_days_is_one_period() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let mut table = "ad,set,Impressions,Clicks,Spent,Approved\n".to_owned();
    for ad in 0..20 {
        let (clicks, orders) = (150 + ad * 10, if ad < 10 { 1 } else { 12 });
        table += &format!("{ad},{},{},{clicks},{}.5,{orders}\n", ad % 2, clicks * 90, clicks);
    }
    fs::write(data.join("ads.csv"), table).unwrap();
    let text = r#"
        [ingest]
        brand = "x"
        [[ingest.mappings]]
        name = "facebook"
        currency = "USD"
        period = { start = "2017-08-17", end = "2017-08-30" }
        value_per_conversion = 100.0
        [ingest.mappings.columns]
        ad = "ad"
        set = "ad_group"
        Impressions = "impressions"
        Clicks = "clicks"
        Spent = "spend"
        Approved = "conversions"
    "#;
    let config: Config = toml::from_str(text).unwrap();
    let answer = run_on(config, &data, &folder.path().join("out")).unwrap();
    assert_eq!((answer.rows_in, answer.rows_ok), (20, 20));
    assert_eq!(answer.plan.status, Status::Optimal);
    assert!(answer.skipped.contains_key("model") && answer.skipped.contains_key("drift"));
    assert!(answer.plan.objective > answer.plan.objective_unchanged);
    assert!(answer.paused.iter().any(|p| p.status == "paused"), "half of the ads hardly convert");
    assert_eq!(answer.plan.days, None);
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let missing = run_on(config(), &folder.path().join("none"), folder.path()).unwrap_err();
    assert!(missing.to_string().contains("none"), "{missing}");
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let nothing = run_on(Config::default(), &empty, folder.path()).unwrap_err();
    assert!(nothing.to_string().contains("no usable rows"), "{nothing}");
    let toml = folder.path().join("campaign.toml");
    fs::write(&toml, "[plan]\nmax_change = \"much\"\n").unwrap();
    let error = Config::read(&toml).unwrap_err().to_string();
    assert!(error.contains("campaign.toml") && error.contains("line 2"), "{error}");
    // Nothing half-written is left behind.
    let left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}
