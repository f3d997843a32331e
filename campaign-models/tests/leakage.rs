//! Planted leaks are found, every kind, and named; clean tables raise nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;

use campaign_core::ndarray::Array2;
use campaign_core::rand::RngExt;
use campaign_core::{Column, Dataset};
use campaign_models::validate::{LeakageCheck, LeakageError, LeakageKind, LeakageReport};
use campaign_models::{ShuffledFolds, TemporalSplit};
use common::{levels, rng};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use rand_xoshiro::Xoshiro256PlusPlus;

fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

fn day(offset: usize) -> Date {
    date(2026, 1, 1).checked_add((offset as i64).days()).unwrap()
}

/// A table before it is a data set, so that a leak can be planted.
#[derive(Clone)]
struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<f64>>,
    target: Vec<f64>,
    days: Option<Vec<Date>>,
    groups: Option<Vec<u32>>,
}

impl Table {
    fn data(&self) -> Dataset {
        let shape = (self.rows.len(), self.columns.len());
        let x = Array2::from_shape_fn(shape, |(row, c)| self.rows[row][c]);
        let mut d = Dataset::new(self.columns.clone(), x)
            .and_then(|d| d.with_target(self.target.clone()))
            .unwrap();
        if let Some(days) = &self.days {
            d = d.with_days(days.clone()).unwrap();
        }
        if let Some(groups) = &self.groups {
            d = d.with_groups(groups.clone()).unwrap();
        }
        d
    }

    fn with(mut self, column: Column, values: impl Fn(usize) -> f64) -> Self {
        self.columns.push(column);
        self.rows.iter_mut().enumerate().for_each(|(i, row)| row.push(values(i)));
        self
    }

    fn split(&self, rng: &mut Xoshiro256PlusPlus) -> (Dataset, Dataset) {
        let data = self.data();
        if self.days.is_some() {
            let split = TemporalSplit::new(&data, day(60), 3).unwrap();
            return (split.train().clone(), split.valid().clone());
        }
        let folds = if self.groups.is_some() {
            ShuffledFolds::grouped(&data, 4, rng)
        } else {
            ShuffledFolds::new(&data, 4, rng)
        };
        folds.unwrap().split(0).unwrap()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Binary,
    Amount,
    /// Mostly 0, as revenue per click.
    Rare,
}

/// Rows as advertisers have them, different for every seed: amounts with long tails, counts, cents,
/// flags, few and many levels, values missing at random or for a reason that moves the target,
/// traits that an ad keeps, a weekday, an amount that is 0 on most days. The target depends on about
/// half of the columns.
fn clean(seed: u64, kind: Kind) -> Table {
    let mut rng = rng(1000 + seed);
    let n: usize = rng.random_range(300..2500);
    let width: usize = rng.random_range(3..10);
    let with_days = rng.random::<f64>() < 0.5;
    let with_groups = rng.random::<f64>() < 0.5;
    let days: Vec<usize> = (0..n).map(|i| i * 90 / n).collect();
    let ads: u32 = rng.random_range(10..60);
    let groups: Vec<u32> = (0..n).map(|_| rng.random_range(0..ads)).collect();
    let mut columns = Vec::new();
    let mut cells: Vec<Vec<f64>> = Vec::new();
    let mut scores = vec![0.0; n];
    for c in 0..width {
        let weight = if rng.random::<f64>() < 0.5 { normal(&mut rng) * 0.8 } else { 0.0 };
        let shape = rng.random_range(0..8);
        let many = [3, 12, 150][rng.random_range(0..3_usize)];
        let effects: Vec<f64> = (0..many.max(ads as usize)).map(|_| normal(&mut rng)).collect();
        let mut values = Vec::with_capacity(n);
        for row in 0..n {
            let z = normal(&mut rng);
            let (value, effect) = match shape {
                0 => (z, z),
                1 => ((1.5 * z + 3.0).exp(), z),
                2 => ((40.0 + 12.0 * z).max(18.0).round(), z),
                3 => (((z + 2.0).exp() * 100.0).round() / 100.0, z),
                4 => (f64::from(z > 0.7), f64::from(z > 0.7)),
                5 => {
                    let level = rng.random_range(0..many);
                    (level as f64, effects[level])
                }
                6 => ((days[row] % 7) as f64, f64::from(days[row] % 7 > 4)),
                _ if with_groups => {
                    let effect = effects[groups[row] as usize];
                    (effect, effect)
                }
                _ if z < 0.4 => (0.0, -0.5),
                _ => ((z * 1000.0).round(), z),
            };
            scores[row] += weight * effect;
            values.push(value);
        }
        let (share, moves) = (rng.random::<f64>() * 0.4, normal(&mut rng) * 0.5);
        if rng.random::<f64>() < 0.4 {
            for row in 0..n {
                if rng.random::<f64>() < share {
                    values[row] = f64::NAN;
                    scores[row] += moves;
                }
            }
        }
        let name = format!("x{c}");
        columns.push(match shape {
            5 => Column::categorical(name, levels(many)),
            _ => Column::numeric(name),
        });
        cells.push(values);
    }
    let shift = -2.5 * rng.random::<f64>();
    let noise = 0.3 + rng.random::<f64>();
    let target = scores.iter().map(|score| {
        let positive = rng.random::<f64>() < 1.0 / (1.0 + (-score - shift).exp());
        let amount = (score + noise * normal(&mut rng) + 3.0).exp();
        match kind {
            Kind::Binary => f64::from(positive),
            Kind::Amount => amount,
            Kind::Rare => amount * f64::from(positive && score.abs() < 3.0),
        }
    });
    Table {
        target: target.collect(),
        rows: (0..n).map(|row| cells.iter().map(|c| c[row]).collect()).collect(),
        columns,
        days: with_days.then(|| days.iter().map(|d| day(*d)).collect()),
        groups: with_groups.then_some(groups),
    }
}

const KINDS: [Kind; 3] = [Kind::Binary, Kind::Amount, Kind::Rare];

/// No alarm in 200 tables puts the rate below 1.5 % with 95 % confidence (0.985^200 = 0.049).
#[test]
fn clean_tables_raise_nothing() {
    let mut alarms = Vec::new();
    for seed in 0..200 {
        let table = clean(seed, KINDS[seed as usize % 3]);
        let mut rng = rng(seed);
        let (train, valid) = table.split(&mut rng);
        let report = LeakageCheck::new().inspect_split(&train, &valid, &mut rng).unwrap();
        if !report.is_clean() {
            alarms.push(format!("seed {seed}: {report}"));
        }
    }
    println!("{} of 200 clean tables raised something", alarms.len());
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
}

/// Every finding is of the planted column and there is one of the expected kind.
fn assert_found(report: &LeakageReport, column: Option<&str>, kind: LeakageKind, what: &str) {
    assert!(report.findings.iter().any(|f| f.kind == kind), "{what}: {report}");
    for finding in &report.findings {
        assert_eq!(finding.column.as_deref(), column, "{what}: {report}");
    }
}

fn inspect(table: &Table) -> LeakageReport {
    LeakageCheck::new().inspect(&table.data(), &mut rng(1)).unwrap()
}

#[test]
fn planted_columns_are_found_and_nothing_else() {
    use LeakageKind::{IdLike, KnownAfter, TooGoodAlone};
    for seed in 0..30 {
        let kind = KINDS[seed as usize % 3];
        let table = clean(seed, kind);
        let n = table.rows.len();
        let mut rng = rng(77 + seed);
        let noise: Vec<f64> = (0..n).map(|_| normal(&mut rng)).collect();
        let y = table.target.clone();
        let most = y.iter().copied().fold(0.0, f64::max);
        let leak = || Column::numeric("leak");
        let level = || Column::categorical("leak", levels(n));
        // The target with a little noise; for amounts on its own scale.
        let nearly = table.clone().with(leak(), |i| match kind {
            Kind::Binary => y[i] + 0.2 * noise[i],
            Kind::Amount => y[i] * (0.03 * noise[i]).exp(),
            Kind::Rare => y[i] + most * 1e-6 * noise[i],
        });
        assert_found(&inspect(&nearly), Some("leak"), TooGoodAlone, "the target with noise");
        let positives = y.iter().filter(|y| **y > 0.0).count();
        if kind != Kind::Amount && positives.min(n - positives) < 80 {
            println!(
                "seed {seed}: {positives} positives are too few to tell a value of some of them"
            );
        } else if kind != Kind::Amount {
            // Filled in for six in ten of those that converted; elsewhere empty, or 0, or "open".
            let paid = |i: usize, none: f64| match y[i] > 0.0 && noise[i] > -0.25 {
                true => 20.0 + noise[i],
                false => none,
            };
            let empty = table.clone().with(leak(), |i| paid(i, f64::NAN));
            assert_found(&inspect(&empty), Some("leak"), KnownAfter, "empty unless positive");
            let zero = table.clone().with(leak(), |i| paid(i, 0.0));
            let found = inspect(&zero);
            assert_eq!(found.findings.len(), 1, "{found}");
            assert_eq!(found.findings[0].column.as_deref(), Some("leak"));
            let status = Column::categorical("leak", levels(3));
            let state = table.clone().with(status, |i| match y[i] > 0.0 {
                true if noise[i] > -0.6 => 2.0,
                _ => f64::from(noise[i] > 0.0),
            });
            let found = inspect(&state);
            assert_eq!(found.findings.len(), 1, "{found}");
            assert_eq!(found.findings[0].column.as_deref(), Some("leak"));
        } else {
            let high = table
                .clone()
                .with(leak(), |i| if y[i] > most / 20.0 { noise[i] } else { f64::NAN });
            if high.rows.iter().filter(|row| !row.last().unwrap().is_nan()).count() >= 40 {
                assert_found(&inspect(&high), Some("leak"), KnownAfter, "empty unless large");
            }
        }
        let order: Vec<f64> = {
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by(|a, b| noise[*a].total_cmp(&noise[*b]));
            let mut place = vec![0.0; n];
            order.iter().enumerate().for_each(|(p, row)| place[*row] = p as f64);
            place
        };
        for (what, column, values) in [
            ("row number", leak(), (0..n).map(|i| 7000.0 + i as f64).collect::<Vec<_>>()),
            ("sparse ids that rise", leak(), (0..n).map(|i| (i * 911 + i % 7) as f64).collect()),
            ("shuffled number", leak(), order.clone()),
            ("shuffled level", level(), order.clone()),
            (
                "milliseconds",
                leak(),
                order.iter().map(|p| 1.7e12 + (p * 97_003.0).floor()).collect(),
            ),
        ] {
            assert_found(
                &inspect(&table.clone().with(column, |i| values[i])),
                Some("leak"),
                IdLike,
                what,
            );
        }
    }
}

#[test]
fn ids_that_rise_with_the_days_are_found_in_any_order_of_rows() {
    let mut table = clean(3, Kind::Binary);
    let n = table.rows.len();
    let place: Vec<usize> = (0..n).map(|i| (i * 7919) % n).collect();
    table.days = Some(place.iter().map(|p| day(p * 90 / n)).collect());
    let ids = table.clone().with(Column::numeric("leak"), |i| (place[i] * 100_000) as f64);
    assert_found(&inspect(&ids), Some("leak"), LeakageKind::IdLike, "rises with the days");
    // The number of the day itself is no id, even where each day has one row.
    let daily = Table {
        columns: vec![Column::numeric("day")],
        rows: (0..90).map(|i| vec![f64::from(i)]).collect(),
        target: (0..90).map(|i| f64::from(i % 9)).collect(),
        days: Some((0..90).map(day).collect()),
        groups: None,
    };
    assert!(inspect(&daily).is_clean());
}

/// A column like a call's duration: known after the fact, not enough to tell the target for sure, and
/// as good as seven honest columns together.
#[test]
fn a_column_that_outdoes_all_others_is_found() {
    for seed in 0..10 {
        let mut rng = rng(500 + seed);
        let rows: Vec<Vec<f64>> =
            (0..4000).map(|_| (0..7).map(|_| normal(&mut rng)).collect()).collect();
        let score = |row: &[f64]| row.iter().sum::<f64>() * 0.45 - 1.5;
        let target: Vec<f64> = rows
            .iter()
            .map(|row| f64::from(rng.random::<f64>() < 1.0 / (1.0 + (-score(row)).exp())))
            .collect();
        let honest = Table {
            columns: (0..7).map(|c| Column::numeric(format!("x{c}"))).collect(),
            rows,
            target: target.clone(),
            days: None,
            groups: None,
        };
        assert!(inspect(&honest).is_clean(), "{}", inspect(&honest));
        let noise: Vec<f64> = (0..4000).map(|_| normal(&mut rng)).collect();
        let leak = honest.with(Column::numeric("duration"), |i| (1.8 * target[i] + noise[i]).exp());
        let report = inspect(&leak);
        assert_found(&report, Some("duration"), LeakageKind::TooGoodAlone, "duration");
        let names: Vec<&str> =
            report.findings[0].evidence.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(names, ["auc", "auc_of_others", "auc_of_all"]);
    }
}

#[test]
fn values_changed_after_their_day_are_counted() {
    let mut table = clean(1, Kind::Binary);
    let n = table.rows.len();
    table.days = Some((0..n).map(|i| day(i * 90 / n)).collect());
    let data = table.data();
    let days = table.days.unwrap();
    let changed = |late: usize| -> Vec<Option<Date>> {
        days.iter()
            .enumerate()
            .map(|(i, day)| match i {
                0 => None,
                _ if i <= late => Some(day.checked_add((i as i64).days()).unwrap()),
                _ => Some(*day),
            })
            .collect()
    };
    let inspect = |late| {
        let check = LeakageCheck::new().with_changed_on("x0", changed(late));
        check.inspect(&data, &mut rng(1)).unwrap()
    };
    assert!(inspect(0).is_clean());
    let report = inspect(5);
    assert_found(&report, Some("x0"), LeakageKind::ChangedAfter, "changed");
    let end = format!("in 5 of {n} rows, by up to 5 days");
    assert!(report.findings[0].text.ends_with(&end), "{report}");
    let check = LeakageCheck::new().with_changed_on("no", changed(0));
    let error = check.inspect(&data, &mut rng(1)).unwrap_err();
    assert_eq!(error, LeakageError::NoSuchColumn(Arc::from("no")));
    let check = LeakageCheck::new().with_changed_on("x0", vec![None]);
    assert!(matches!(check.inspect(&data, &mut rng(1)), Err(LeakageError::Length { got: 1, .. })));
}

#[test]
fn copied_rows_are_found() {
    let mut found = 0;
    for seed in 0..30 {
        let table = clean(seed, KINDS[seed as usize % 3]);
        let mut rng = rng(900 + seed);
        let (train, valid) = table.split(&mut rng);
        // One validation row in 25 becomes a copy of a training row.
        let copies: Vec<usize> = (0..valid.n_rows() / 25).map(|i| i * 3).collect();
        let stacked = stack(&train, &valid);
        let rows: Vec<usize> = (0..valid.n_rows())
            .map(|i| match copies.contains(&i) {
                true => rng.random_range(0..train.n_rows()),
                false => train.n_rows() + i,
            })
            .collect();
        let mut copied = stacked.select(&rows).unwrap();
        if let Some(days) = valid.days() {
            copied = copied.with_days(days.to_vec()).unwrap();
        }
        let report = LeakageCheck::new().inspect_split(&train, &copied, &mut rng).unwrap();
        let kinds: Vec<LeakageKind> = report.findings.iter().map(|f| f.kind).collect();
        // Where rows agree by chance, because columns are few or have few values, copies may not stand
        // out.
        let agree = agreeing(&train, &valid);
        if kinds == [LeakageKind::Duplicates] {
            found += 1;
            let rows = report.findings[0].evidence[0].value as usize;
            assert!(rows >= copies.len() && rows <= copies.len() + 3, "{report}");
        } else {
            assert!(kinds.is_empty() && agree > 0, "{agree}: {report}");
        }
    }
    println!("copied rows found in {found} of 30 tables");
    assert!(found >= 25, "{found}");
}

/// Validation rows that are equal to a training row.
fn agreeing(train: &Dataset, valid: &Dataset) -> usize {
    let rows = |d: &Dataset| -> Vec<Vec<u64>> {
        let bits = |v: &f64| if v.is_nan() { u64::MAX } else { v.to_bits() };
        let row = |(x, y): (campaign_core::ndarray::ArrayView1<'_, f64>, &f64)| {
            x.iter().chain([y]).map(bits).collect()
        };
        d.features().rows().into_iter().zip(d.target().unwrap()).map(row).collect()
    };
    let known = rows(train);
    rows(valid).iter().filter(|row| known.contains(row)).count()
}

fn stack(a: &Dataset, b: &Dataset) -> Dataset {
    let (n, m) = (a.n_rows(), b.n_rows());
    let x = Array2::from_shape_fn((n + m, a.columns().len()), |(row, c)| {
        if row < n { a.features()[[row, c]] } else { b.features()[[row - n, c]] }
    });
    let target = [a.target().unwrap(), b.target().unwrap()].concat();
    let mut d = Dataset::new(a.columns().to_vec(), x).and_then(|d| d.with_target(target)).unwrap();
    if let (Some(a), Some(b)) = (a.days(), b.days()) {
        d = d.with_days([a, b].concat()).unwrap();
    }
    if let (Some(a), Some(b)) = (a.groups(), b.groups()) {
        d = d.with_groups([a, b].concat()).unwrap();
    }
    d
}

/// 40 ads of 25 rows: three traits that an ad keeps and one number that changes.
#[test]
fn ads_on_both_sides_are_found_unless_the_split_is_in_time() {
    let mut rng = rng(8);
    let traits: Vec<[f64; 3]> =
        (0..40).map(|_| [normal(&mut rng), normal(&mut rng), normal(&mut rng)]).collect();
    let rows: Vec<Vec<f64>> = (0..1000)
        .map(|i| {
            let [a, b, c] = traits[i % 40];
            vec![a, b, c, normal(&mut rng)]
        })
        .collect();
    let table = Table {
        columns: (0..4).map(|c| Column::numeric(format!("x{c}"))).collect(),
        target: rows.iter().map(|row| row[0] + normal(&mut rng)).collect(),
        rows,
        days: None,
        groups: Some((0..1000).map(|i| i % 40).collect()),
    };
    let data = table.data();
    let shuffled = ShuffledFolds::new(&data, 4, &mut rng).unwrap().split(0).unwrap();
    let inspect = |(train, valid): &(Dataset, Dataset)| {
        LeakageCheck::new().inspect_split(train, valid, &mut common::rng(2)).unwrap()
    };
    assert_found(&inspect(&shuffled), None, LeakageKind::NearDuplicates, "ads on both sides");
    let grouped = ShuffledFolds::grouped(&data, 4, &mut rng).unwrap().split(0).unwrap();
    assert!(inspect(&grouped).is_clean());
    let timed = data.with_days((0..1000).map(|i| day(i / 40)).collect()).unwrap();
    let split = TemporalSplit::new(&timed, day(18), 2).unwrap();
    assert!(inspect(&(split.train().clone(), split.valid().clone())).is_clean());
}

#[test]
fn the_seed_alone_decides_and_a_report_is_data_and_text() {
    let table = clean(2, Kind::Binary);
    let y = table.target.clone();
    let data =
        table.with(Column::numeric("leak"), |i| if y[i] > 0.0 { 1.5 } else { f64::NAN }).data();
    let report = |seed| LeakageCheck::new().inspect(&data, &mut rng(seed)).unwrap();
    assert_eq!(report(4), report(4));
    let text = report(4).to_string();
    assert!(text.starts_with("1 finding in "), "{text}");
    assert!(text.contains("\n- \"leak\" has a value in "), "{text}");
    #[cfg(feature = "serde")]
    {
        let json = serde_json::to_string(&report(4)).unwrap();
        assert!(json.contains(r#""kind":"known_after","column":"leak""#), "{json}");
        assert_eq!(serde_json::from_str::<LeakageReport>(&json).unwrap(), report(4));
    }
}

#[test]
fn odd_tables_are_no_trouble() {
    let check = LeakageCheck::new();
    let blind = Dataset::new(vec![], Array2::zeros((3, 0))).unwrap();
    assert_eq!(check.inspect(&blind, &mut rng(1)), Err(LeakageError::NoTarget));
    for n in [0, 1, 2, 12, 200] {
        for value in [f64::NAN, 0.0, f64::MAX] {
            let d = Dataset::new(
                vec![Column::numeric("x"), Column::categorical("k", levels(0))],
                Array2::from_shape_fn((n, 2), |(_, c)| if c == 0 { value } else { f64::NAN }),
            )
            .and_then(|d| d.with_target((0..n).map(|i| f64::from(i % 2 == 0)).collect()))
            .unwrap();
            assert!(check.inspect(&d, &mut rng(1)).unwrap().is_clean());
            // Rows of one value are all equal: no copy can be told.
            assert!(check.inspect_split(&d, &d, &mut rng(1)).unwrap().is_clean());
            let constant = d.with_target(vec![f64::MAX; n]).unwrap();
            assert!(check.inspect(&constant, &mut rng(1)).unwrap().is_clean());
        }
    }
    let other = Dataset::new(vec![Column::numeric("y")], Array2::zeros((2, 1)))
        .and_then(|d| d.with_target(vec![0.0, 1.0]))
        .unwrap();
    let one = Dataset::new(vec![Column::numeric("x")], Array2::zeros((2, 1)))
        .and_then(|d| d.with_target(vec![0.0, 1.0]))
        .unwrap();
    assert!(matches!(check.inspect_split(&one, &other, &mut rng(1)), Err(LeakageError::Schema(_))));
}
