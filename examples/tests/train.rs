//! The steps of the program `train`, on files written here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write as _;
use std::path::PathBuf;

use campaign_core::ColumnKind;
use campaign_examples::train::data::{Roles, scoring, testing, training};
use campaign_examples::train::judge::judge;
use campaign_examples::train::score;
use campaign_examples::train::splits::splits;
use campaign_examples::train::table::Table;
use campaign_examples::train::target::Task;
use campaign_models::GbdtConfig;
use flate2::Compression;
use flate2::write::GzEncoder;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
use tempfile::TempDir;

fn write(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn roles(target: &str) -> Roles {
    let target = target.to_owned();
    let none = Vec::new;
    Roles { target, task: Task::Auto, time: None, group: None, drop: none(), categorical: none() }
}

/// 400 rows: who is older than 40 says yes, but for every seventh.
fn people(delimiter: char) -> String {
    let mut text = ["id", "age", "job", "since", "empty", "y"].join(&delimiter.to_string()) + "\n";
    for row in 0..400 {
        let age = 20 + row * 7 % 50;
        let y = if (age > 40) != (row % 7 == 0) { "yes" } else { "no" };
        let cells = [
            format!("p{row}"),
            if row % 11 == 0 { "NA".into() } else { age.to_string() },
            ["clerk", "baker", "\"none; or, other\""][row % 3].into(),
            format!("2026-01-{:02}", 1 + row % 28),
            String::new(),
            y.into(),
        ];
        text += &(cells.join(&delimiter.to_string()) + "\n");
    }
    text
}

#[test]
fn kinds_of_columns_are_found() {
    let folder = TempDir::new().unwrap();
    for delimiter in [',', ';', '\t'] {
        let path = write(&folder, "people.csv", &people(delimiter));
        let prepared = training(&Table::read(&path).unwrap(), &roles("y")).unwrap();
        let names: Vec<&str> = prepared.data.columns().iter().map(|c| c.name.as_ref()).collect();
        assert_eq!(names, ["age", "job", "since"]);
        assert_eq!(
            prepared.dropped.iter().map(|d| d.name.as_str()).collect::<Vec<_>>(),
            ["id", "empty"]
        );
        let ColumnKind::Categorical { levels } = &prepared.data.columns()[1].kind else { panic!() };
        assert_eq!(
            levels.iter().map(|l| l.as_ref()).collect::<Vec<&str>>(),
            ["baker", "clerk", "none; or, other"]
        );
        let x = prepared.data.features();
        assert!(x[[0, 0]].is_nan() && x[[1, 0]] == 27.0);
        // 2026-01-02 is 20,455 days after 1970-01-01.
        assert_eq!(x[[1, 2]], 20_455.0);
        assert_eq!(prepared.task, Task::Binary);
        assert_eq!(prepared.classes.unwrap(), ["no".to_owned(), "yes".to_owned()]);
    }
}

#[test]
fn a_file_of_folds_a_test_file_and_a_saved_model_agree() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("people.csv.gz");
    let mut gz = GzEncoder::new(std::fs::File::create(&path).unwrap(), Compression::fast());
    gz.write_all(people(';').as_bytes()).unwrap();
    gz.finish().unwrap();
    let table = Table::read(&path).unwrap();
    let prepared = training(&table, &roles("y")).unwrap();
    let folds = splits(&prepared.data, prepared.task, 4, 0, 1).unwrap();
    assert_eq!(folds.iter().map(|(_, valid)| valid.n_rows()).sum::<usize>(), 400);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let config = GbdtConfig::new(Task::Binary.objective(0.5));
    let model = config.fit(&prepared.data, None, &mut rng).unwrap();
    let test = testing(&table, &prepared, "y").unwrap();
    let judged = judge(&model, &prepared.data, &test, Task::Binary, 0.5).unwrap();
    assert!(judged.metrics["auc"] > 0.8 && judged.baseline["auc"] == 0.5);
    assert!(judged.metrics["logloss"] < judged.baseline["logloss"]);

    let saved = write(&folder, "model.json", &model.to_json().unwrap());
    let predictions = score::predict(&score::load(&saved).unwrap(), &table).unwrap();
    assert_eq!(predictions, model.predict_dataset(&prepared.data).unwrap());
    let out = folder.path().join("scores.csv");
    score::write(&predictions, &out).unwrap();
    let text = std::fs::read_to_string(out).unwrap();
    assert_eq!(text.lines().count(), 401);
    assert_eq!(text.lines().nth(400).unwrap(), format!("400,{}", predictions[399]));
}

#[test]
fn later_rows_judge_and_groups_stay_apart() {
    let folder = TempDir::new().unwrap();
    let mut text = "day,ad,clicks,orders\n".to_owned();
    for row in 0..600 {
        text += &format!(
            "2026-{:02}-{:02},ad {},{},{}\n",
            1 + row / 200,
            1 + row % 28,
            row % 10,
            row % 13,
            row % 3
        );
    }
    let path = write(&folder, "days.csv", &text);
    let columns = Roles {
        time: Some("day".into()),
        group: Some("ad".into()),
        task: Task::Poisson,
        ..roles("orders")
    };
    let prepared = training(&Table::read(&path).unwrap(), &columns).unwrap();
    assert_eq!(prepared.data.columns().len(), 1);
    let pairs = splits(&prepared.data, prepared.task, 3, 5, 1).unwrap();
    assert_eq!(pairs.len(), 3);
    for (train, valid) in &pairs {
        let last = train.days().unwrap().iter().max().unwrap();
        let first = valid.days().unwrap().iter().min().unwrap();
        assert!(last.until(*first).unwrap().get_days() > 5, "{last} {first}");
        assert!(
            valid.groups().unwrap().iter().all(|group| !train.groups().unwrap().contains(group))
        );
    }
}

#[test]
fn what_is_wrong_is_named() {
    let folder = TempDir::new().unwrap();
    let fails = |name: &str, text: &str, roles: &Roles| {
        let path = write(&folder, name, text);
        let error = Table::read(&path).and_then(|table| training(&table, roles).map(|_| ()));
        error.unwrap_err().to_string().replace(&format!("{}: ", path.display()), "")
    };
    let x = "x,y\n1,1\n2,0\n";
    assert_eq!(fails("a.csv", "", &roles("y")), "no header, expected the names of the columns");
    assert_eq!(fails("a.csv", "x,x\n1,2\n", &roles("x")), "two columns are called \"x\"");
    assert_eq!(fails("a.csv", "x,y\n", &roles("y")), "a header and no rows");
    assert_eq!(fails("a.csv", x, &roles("z")), "no column \"z\", expected one of x, y");
    assert!(fails("a.csv", "x,y\n1,2\n3\n", &roles("y")).contains("line: 3"));
    assert_eq!(fails("a.csv", "x,y\n1,1\n1,0\n", &roles("y")), "no column to learn from");
    assert_eq!(
        fails("a.csv", "x,y\n1,1\n2,\n3,0\n", &roles("y")),
        "row 2, column \"y\": \"\", expected a target, which every row must have"
    );
    let poisson = Roles { task: Task::Poisson, ..roles("y") };
    assert_eq!(
        fails("a.csv", "x,y\n1,1\n2,-4\n3,0\n", &poisson),
        "row 2, column \"y\": \"-4\", expected a number that is not negative"
    );
    assert_eq!(
        fails("a.csv", "x,y\n1,1\n2,4\n3,some\n", &roles("y")),
        "row 3, column \"y\": \"some\", expected a number"
    );

    // A saved model names what a file to score lacks.
    let path = write(&folder, "people.csv", &people(','));
    let known = training(&Table::read(&path).unwrap(), &roles("y")).unwrap();
    let path = write(&folder, "b.csv", "age,job\n31,clerk\nold,baker\n");
    let error = scoring(&Table::read(&path).unwrap(), known.data.columns()).unwrap_err();
    assert!(
        error.to_string().ends_with("no column \"since\", expected one of age, job"),
        "{error}"
    );
    let path =
        write(&folder, "b.csv", "age,job,since\n31,clerk,2026-01-01\nold,baker,2026-01-02\n");
    let error = scoring(&Table::read(&path).unwrap(), known.data.columns()).unwrap_err();
    assert!(
        error.to_string().ends_with("row 2, column \"age\": \"old\", expected a number"),
        "{error}"
    );
}
