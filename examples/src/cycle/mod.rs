//! The loop's stages, in the order of a cycle.
//!
//! Each stage is one file and a function of what the stages before it made; [`run`] puts them in
//! order, writes the files and gives the answer.

pub mod answer;
pub mod artefacts;
pub mod budget;
pub mod config;
pub mod creative_test;
pub mod decisions;
pub mod drift_check;
pub mod features;
pub mod forecast;
pub mod history;
pub mod page;
pub mod pausing;
pub mod read;
mod respond;
pub mod saturation;
pub mod shrink;
pub mod summary;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use campaign_core::rand::{Rng, SeedableRng as _};
use campaign_drift::Why;
use jiff::ToSpan as _;
use jiff::civil::Date;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::program::{Failure, OrFail as _, Stages, to_json, write_whole};
use answer::{Answer, OrdersAnswer, RetrainAnswer};
use budget::Basis;
use features::Features;
use forecast::{Question, Trained, back};
use history::{Facts, History};
use saturation::Saturation;

pub use config::{Config, Goal, Truth, parse_date, write_template};
pub use read::{Input, as_of_instant};
pub use summary::summary;

/// What to run on.
#[derive(Debug)]
pub struct Run {
    /// The configuration.
    pub config: Config,
    /// The exports.
    pub data: PathBuf,
    /// The day to stand on.
    pub as_of: Option<Date>,
    /// Seed of everything random.
    pub seed: u64,
}

/// Runs one cycle and writes its files to a folder.
///
/// # Errors
/// [`Failure`] where there is nothing to answer from, or a file cannot be written.
pub fn run(run: &Run, out: &Path, stages: &mut Stages) -> Result<Answer, Failure> {
    let config = &run.config;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(run.seed);
    let mut skipped = BTreeMap::new();

    stages.begin("audit and ingest");
    let input = read::read_folder(&run.data, config, run.as_of, stages)?;
    let notes = [
        ("some currencies", input.left_out()),
        ("currency", input.without_currency()),
        ("orders", input.orders_unused.clone()),
    ];
    skipped.extend(notes.into_iter().filter_map(|(what, note)| Some((what, note?))));
    let history = History::new(&input.facts)?;
    check_channels(config, &history)?;
    let (first, last) = history.days;
    let as_of = run.as_of.unwrap_or_else(|| last.saturating_add(1.day()));
    let (question, has_days) = question(config, &history, as_of, &mut skipped);
    write_whole(&out.join("records.csv"), &input.records_csv()?)?;

    stages.begin("features");
    let market = Features::new(input.sources()?, config)?;
    let table = &market.table;
    let mut features = Vec::new();
    table.write_csv(&mut features).or_fail("features.csv")?;
    stages.say(format_args!("{} rows of {} features", table.n_rows(), table.columns().len()));

    stages.begin("forecast");
    let window =
        if has_days { (back(question.settled(), 27), question.settled()) } else { (first, last) };
    let trained = if has_days {
        let now = as_of_instant(as_of)?;
        forecast::train(&history, &market, &question, now, &mut rng)?
    } else {
        Err("the input has no days: nothing later to measure a model on".to_owned())
    };
    let (trained, forecast) = match trained {
        Ok((trained, forecast)) => (Some(trained), forecast),
        Err(why) => {
            skipped.insert("model", why);
            (None, forecast::observed(&history, &question, window.0)?)
        }
    };
    let (model_json, model_version) = model_file(trained.as_ref(), skipped.get("model"))?;
    if let Some(trained) = &trained {
        stages.say(format_args!("{}; the plan uses the {}", trained.evaluation, forecast.used));
    }

    stages.begin("creative tests");
    let (mut tests, left_out) =
        creative_test::run(&history, &config.experiments, question.settled(), &mut rng)?;
    if tests.is_empty() {
        let why = "no ad group has two creatives with settled clicks and fewer conversions";
        skipped.insert("experiments", why.to_owned());
    }
    if !left_out.is_empty() {
        skipped.insert("some experiments", left_out.join("; "));
    }

    stages.begin("pauses");
    let account = history.total(window.0, window.1);
    if account.conversions == 0.0 {
        let why = "no conversion was seen: expected figures rest on the prior alone";
        skipped.insert("evidence", why.to_owned());
    }
    let facts: Vec<Facts> =
        (0..history.cells.len()).map(|cell| history.sum(cell, window.0, window.1)).collect();
    let recent = recent_spend(&history, &question, has_days);
    let verdicts = match pausing::target_cpa(&config.objective, &account) {
        Some(target) => {
            let posteriors = forecast::conversion_rates(&history, window.0, window.1)?;
            let judge = pausing::Judge {
                history: &history,
                forecast: &forecast,
                question: &question,
                config: &config.pause,
                target,
            };
            judge.run(&facts, &posteriors, &recent)
        }
        None => {
            skipped.insert("pauses", "nothing converted: there is no cost per conversion".into());
            Vec::new()
        }
    };

    let paused: Vec<usize> = verdicts.iter().filter(|v| v.paused).map(|v| v.cell).collect();

    stages.begin("live split");
    creative_test::split(&mut tests, &paused, &mut rng)?;

    stages.begin("budget plan");
    let saturation = saturation(&history, &question, has_days);
    let basis = Basis {
        history: &history,
        forecast: &forecast,
        saturation: &saturation,
        recent: &recent,
        days: question.days,
    };
    let plan = budget::plan(&basis, &paused, &config.plan)?;
    stages.say(format_args!("{}", plan.outcome.status));
    if plan.held.0 > 0 {
        let (ads, spend) = plan.held;
        let why =
            format!("{ads} ads that spent {spend:.2} tell nothing of their return: held there");
        skipped.insert("some ads", why);
    }
    if plan.cells.is_empty() {
        let days = question.days;
        let why =
            format!("no ad spent in the {days} days before {as_of}; the last data are of {last}");
        skipped.insert("plan", why);
    } else if has_days && back(as_of, i64::from(question.days)) < first {
        let days = question.days;
        skipped.insert("period", format!("there are no {days} days of data before {as_of}"));
    }

    stages.begin("drift");
    let checked = if has_days {
        drift_check::run(&history, table, &market.spec, &question, &config.drift)?
    } else {
        Err("the input has no days: nothing to compare".to_owned())
    };
    let checked = match checked {
        Ok(checked) => Some(checked),
        Err(why) => {
            skipped.insert("drift", why);
            None
        }
    };

    stages.begin("decisions");
    let (mut file, mended) = artefacts::open_log(out)?;
    if let Some(mended) = mended {
        stages.say(mended);
    }
    let at = as_of_instant(as_of)?;
    let logged = file.head().seq;
    let mut log = decisions::Decisions::new(at, run.seed, model_version, &history, logged);
    if let Some(trained) = &trained {
        log.forecast(trained, &forecast);
    }
    log.tests(&tests, config);
    log.pauses(&verdicts);
    log.plan(&plan, &paused)?;
    if let Some(checked) = &checked {
        log.retrain(&checked.decision);
    }

    stages.begin("report");
    let currency = history.currency.map(campaign_core::Currency::code);
    let mut plan_answer = respond::plan_answer(&basis, &question, &plan, has_days);
    respond::explain_pauses(&mut plan_answer, &plan, &verdicts);
    // All that can fail by what is in the data is over; from here on files are written.
    write_whole(&out.join("records.csv"), &input.records_csv()?)?;
    let coverage_file = to_json(&input.coverage_file(as_of))? + "\n";
    write_whole(&out.join("coverage.json"), coverage_file.as_bytes())?;
    write_whole(&out.join("features.csv"), &features)?;
    write_whole(&out.join("model.json"), model_json.as_bytes())?;
    artefacts::write_plan(
        out,
        &artefacts::PlanFile {
            format: 1,
            seed: run.seed,
            as_of,
            currency,
            forecast: forecast.used,
            plan: &plan_answer,
        },
    )?;
    artefacts::write_plan_table(out, &plan.by_ad_group(&history)?)?;
    let head = file.append_all(log.made()).or_fail("decisions.jsonl")?.hash.to_string();
    let coverage = &input.ingested.coverage;
    let mut answer = Answer {
        rows_in: coverage.rows_in,
        rows_ok: coverage.ok,
        rows_rejected: coverage.rejected,
        rows_duplicate: coverage.duplicate,
        coverage: coverage.coverage,
        as_of,
        currency: currency.map(str::to_owned),
        orders: input
            .applied
            .as_ref()
            .map(|applied| OrdersAnswer { owed: applied.owed, joined: applied.joined() }),
        sources: input
            .ingested
            .sources
            .iter()
            .map(|source| serde_json::to_value(source).or_fail("sources"))
            .collect::<Result<_, _>>()?,
        model: trained.as_ref().map(|trained| respond::model_answer(trained, &forecast)),
        experiments: tests.iter().flat_map(|test| respond::experiments(&history, test)).collect(),
        live_split: tests.iter().flat_map(|test| respond::splits(&history, test)).collect(),
        plan: plan_answer,
        paused: verdicts
            .iter()
            .map(|verdict| respond::paused_answer(&history, &facts, verdict))
            .collect(),
        drift: checked
            .iter()
            .flat_map(|c| c.features.iter().filter_map(respond::drift_answer))
            .collect(),
        retrain: checked.as_ref().map_or_else(RetrainAnswer::default, |checked| RetrainAnswer {
            retrain: checked.decision.retrain,
            why: checked.decision.why.iter().map(Why::to_string).collect(),
        }),
        decisions: log.made().iter().map(respond::decision_answer).collect(),
        log_head: Some(head),
        skipped,
        seconds: BTreeMap::new(),
    };
    let data = page::page(&page::Material {
        config,
        ingested: &input.ingested,
        history: &history,
        question: &question,
        has_days,
        trained: trained.as_ref(),
        tests: &tests,
        checked: checked.as_ref(),
        answer: &answer,
        seed: run.seed,
        seconds: stages.seconds(),
    });
    write_whole(&out.join("report.html"), crate::report::render(&data).as_bytes())?;
    stages.end();
    answer.seconds = stages.seconds().iter().copied().collect();
    Ok(answer)
}

/// What is asked of this input: without days there is one period and nothing to wait for.
fn question(
    config: &Config,
    history: &History,
    as_of: Date,
    skipped: &mut BTreeMap<&'static str, String>,
) -> (Question, bool) {
    let (first, last) = history.days;
    let has_days = first < last;
    let maturity = config.conversions.maturity_days;
    let goal = match config.objective.goal {
        Goal::Roas if !history.has_revenue => {
            let why = "no revenue and no value per conversion: the plan maximises conversions";
            skipped.insert("revenue", why.to_owned());
            Goal::Cpa
        }
        goal => goal,
    };
    let mut question = Question { goal, as_of, days: config.plan.days, maturity };
    if !has_days {
        question.days = 1;
        question.maturity = 0;
    } else if question.settled() < first {
        let why = format!("no day is {maturity} days old: conversions are taken as they are");
        skipped.insert("maturity", why);
        question.maturity = 0;
    }
    (question, has_days)
}

/// A limit on a channel that does not exist limits nothing: a typing error, most likely.
fn check_channels(config: &Config, history: &History) -> Result<(), Failure> {
    let channels = history.channels();
    let known = |name: &&String| channels.iter().any(|channel| channel.as_str() == name.as_str());
    match config.plan.channels.keys().find(|name| !known(name)) {
        None => Ok(()),
        Some(name) => {
            let names: Vec<&str> = channels.iter().map(|channel| channel.as_str()).collect();
            let names = names.join(", ");
            Err(Failure::new(format!("plan.channels.{name:?}: the channels are {names}")))
        }
    }
}

/// Spend of the last period, cell by cell: of all there is, for input without days.
fn recent_spend(history: &History, question: &Question, has_days: bool) -> Vec<f64> {
    let (from, to) = if has_days {
        (back(question.as_of, i64::from(question.days)), back(question.as_of, 1))
    } else {
        history.days
    };
    (0..history.cells.len()).map(|cell| history.sum(cell, from, to).spend).collect()
}

/// What the last twelve weeks say about saturation; nothing, for input without days.
fn saturation(history: &History, question: &Question, has_days: bool) -> Saturation {
    if has_days {
        Saturation::fit(history, back(question.as_of, 84), back(question.as_of, 1))
    } else {
        Saturation::default()
    }
}

/// The model as it is saved, with the version that decisions name.
fn model_file(
    trained: Option<&Trained>,
    why: Option<&String>,
) -> Result<(String, Option<String>), Failure> {
    match trained {
        Some(trained) => {
            let trees = trained.trees.to_json().or_fail("model.json")?;
            let trees: serde_json::Value = serde_json::from_str(&trees).or_fail("model.json")?;
            let json = to_json(&serde_json::json!({
                "format": 1,
                "forecast": "shrunk rate + trees, not below 0",
                "shrinkage_weight": trained.shrinkage.weight,
                "trees": trees,
            }))?;
            let version = format!("forecast-{}", read::short_hash(&json));
            Ok((json + "\n", Some(version)))
        }
        None => {
            let none = serde_json::json!({ "model": null, "why": why });
            Ok((to_json(&none)? + "\n", None))
        }
    }
}

/// One planning step without files: what the closed loop of the simulator calls each week.
///
/// # Errors
/// As [`run`].
pub fn plan_step(
    input: &Input,
    config: &Config,
    as_of: Date,
    rng: &mut dyn Rng,
) -> Result<Step, Failure> {
    let history = History::new(&input.facts)?;
    let mut skipped = BTreeMap::new();
    let (question, has_days) = question(config, &history, as_of, &mut skipped);
    let market = Features::new(input.sources()?, config)?;
    let now = as_of_instant(as_of)?;
    let from = back(question.settled(), 27);
    let forecast = match forecast::train(&history, &market, &question, now, rng)? {
        Ok((_, forecast)) => forecast,
        Err(_) => forecast::observed(&history, &question, from)?,
    };
    let recent = recent_spend(&history, &question, has_days);
    let saturation = saturation(&history, &question, has_days);
    let basis = Basis {
        history: &history,
        forecast: &forecast,
        saturation: &saturation,
        recent: &recent,
        days: question.days,
    };
    let plan = budget::plan(&basis, &[], &config.plan)?;
    let spend = plan.amounts.map(|amounts| {
        let cells = plan.cells.iter().map(|&cell| history.cells[cell].id.to_string());
        cells.zip(amounts.iter().map(|amount| amount.to_f64())).collect()
    });
    Ok(Step { status: plan.outcome.status, used: forecast.used, spend })
}

/// What a planning step came to.
#[derive(Debug)]
pub struct Step {
    /// How the plan came out.
    pub status: campaign_core::Status,
    /// What the forecast was made by.
    pub used: &'static str,
    /// Spend of the period per ad id; `None` without a plan.
    pub spend: Option<BTreeMap<String, f64>>,
}
