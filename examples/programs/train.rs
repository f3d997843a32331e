//! A CSV file in, a judged and explained model out; or a saved model and a file in, predictions out.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use campaign_core::Dataset;
use campaign_examples::program::{self, Failure, OrFail as _, Stages};
use campaign_examples::train::answer::{Answer, RowReasons, Seconds, Share};
use campaign_examples::train::data::{Prepared, Roles, testing, training};
use campaign_examples::train::judge::{judge, means};
use campaign_examples::train::score;
use campaign_examples::train::search::{Found, search};
use campaign_examples::train::settings::{config, with_best_trees};
use campaign_examples::train::splits::splits;
use campaign_examples::train::table::Table;
use campaign_examples::train::target::Task;
use campaign_models::explain::{
    PermutationConfig, PermutationImportance, Reasons, TreeShap, permutation_importance,
};
use campaign_models::gbdt::FitOptions;
use campaign_models::{Gbdt, GbdtConfig, LeakageCheck};
use clap::{Args, Parser, Subcommand};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
use serde::Serialize;

/// Boosted trees from a CSV file (comma, semicolon or tab; gzipped or not), judged beside a constant on
/// rows they have not seen, with the reasons for three rows.
#[derive(Parser)]
#[command(name = "train", version, args_conflicts_with_subcommands = true)]
#[command(subcommand_negates_reqs = true)]
struct Arguments {
    #[command(subcommand)]
    mode: Option<Mode>,
    #[command(flatten)]
    train: Option<Train>,
}

#[derive(Subcommand)]
enum Mode {
    /// Scores a file with a saved model
    Predict {
        /// The file to score
        file: PathBuf,
        /// The model, as `train --out` writes it
        #[arg(long, value_name = "FILE")]
        model: PathBuf,
        /// Where to write the predictions, one row for each of the file
        #[arg(long, value_name = "FILE", default_value = "predictions.csv")]
        out: PathBuf,
        /// Print the answer as one JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
struct Train {
    /// The file to learn from
    file: PathBuf,
    /// The column to predict
    #[arg(long, value_name = "COL")]
    target: String,
    /// Rows to judge the model on [default: folds of the file]
    #[arg(long, value_name = "FILE")]
    test: Option<PathBuf>,
    /// What to predict
    #[arg(long, value_enum, default_value = "auto")]
    task: Task,
    /// Level of the quantile task
    #[arg(long, value_name = "LEVEL", default_value_t = 0.5)]
    quantile: f64,
    /// Column of days: training is then always before validation
    #[arg(long, value_name = "COL")]
    time: Option<String>,
    /// With --time, days that a target takes to be known
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    purge: u32,
    /// Column of groups, none of which trains and validates at once
    #[arg(long, value_name = "COL")]
    group: Option<String>,
    /// Columns to leave out
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    drop: Vec<String>,
    /// Columns whose numbers are names
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    categorical: Vec<String>,
    /// Columns along which predictions only rise (COL:+1) or only fall (COL:-1)
    #[arg(long, value_name = "COL:SIGN", value_delimiter = ',', allow_hyphen_values = true)]
    monotone: Vec<String>,
    /// Parameters of the trees, as in learning_rate=0.1,max_leaves=15 [default: those of the library,
    /// and as many trees as are best on splits of the training data]
    #[arg(long, value_name = "NAME=VALUE", value_delimiter = ',')]
    set: Vec<String>,
    /// Search for parameters in so many trials
    #[arg(long, value_name = "N")]
    tune: Option<usize>,
    /// Parts to judge on [default: 5, none with --test]
    #[arg(long, value_name = "K")]
    folds: Option<usize>,
    /// Seed of everything that is drawn
    #[arg(long, value_name = "S", default_value_t = 42)]
    seed: u64,
    /// Also measure how much worse predictions become where a column is shuffled
    #[arg(long)]
    explain: bool,
    /// Where to write the model
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the answer as one JSON object
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    program::run(|| match (arguments.mode, arguments.train) {
        (Some(Mode::Predict { file, model, out, json }), _) => predict(&file, &model, out, json),
        (None, Some(train)) => train.run(),
        (None, None) => Err(Failure::new("no file, expected FILE --target COL or predict FILE")),
    })
}

/// What the mode `predict` answers.
#[derive(Serialize)]
struct Predicted {
    rows: usize,
    mean: f64,
    out: PathBuf,
}

fn predict(
    file: &std::path::Path,
    model: &std::path::Path,
    out: PathBuf,
    json: bool,
) -> Result<(), Failure> {
    let predictions = score::predict(&score::load(model)?, &Table::read(file)?)?;
    score::write(&predictions, &out)?;
    let rows = predictions.len();
    let answer = Predicted { rows, mean: predictions.iter().sum::<f64>() / rows as f64, out };
    if json {
        return program::print_json(&answer);
    }
    let Predicted { rows, mean, out } = answer;
    program::print(&format!("{rows} rows, {mean:.6} on average: {}\n", out.display()))
}

impl Train {
    fn run(&self) -> Result<(), Failure> {
        let mut stages = Stages::new();
        stages.begin("reading");
        let table = Table::read(&self.file)?;
        let roles = Roles {
            target: self.target.clone(),
            task: self.task,
            time: self.time.clone(),
            group: self.group.clone(),
            drop: self.drop.clone(),
            categorical: self.categorical.clone(),
        };
        let prepared = training(&table, &roles)?;
        let base = config(prepared.task, self.quantile, &self.set, &self.monotone)?;

        stages.begin("judging");
        let mut judged = Vec::new();
        let k = self.folds.or_else(|| self.test.is_none().then_some(5));
        let pairs = match k {
            Some(k) => splits(&prepared.data, prepared.task, k, self.purge, self.seed)?,
            None => Vec::new(),
        };
        for (train, valid) in &pairs {
            let (config, _) = self.choose(&base, train, prepared.task)?;
            let model = config.fit(train, None, &mut self.rng()).or_fail("training")?;
            judged.push(judge(&model, train, valid, prepared.task, self.quantile)?);
        }

        stages.begin("leakage");
        let leakage = LeakageCheck::new().inspect(&prepared.data, &mut self.rng());
        let leakage = leakage.or_fail("leakage")?.findings;

        stages.begin("training");
        let (config, tuning) = self.choose(&base, &prepared.data, prepared.task)?;
        let (model, mut seconds) = self.fit(&config, &prepared.data)?;
        let test = match &self.test {
            Some(path) => Some(testing(&Table::read(path)?, &prepared, &self.target)?),
            None => None,
        };
        let judge_test =
            |test: &Dataset| judge(&model, &prepared.data, test, prepared.task, self.quantile);
        let on_test = test.as_ref().map(judge_test).transpose()?;

        stages.begin("explaining");
        let began = Instant::now();
        let reasons = reasons(&model, &prepared.data)?;
        // On rows that did not train, where there are any that the model has not seen.
        let unseen = test.as_ref().map(|test| model.align(test).or_fail("--test")).transpose()?;
        let permutation = self.explain.then(|| {
            self.permutation(&model, unseen.as_ref().unwrap_or(&prepared.data), prepared.task)
        });
        let permutation = permutation.transpose()?;
        seconds.explain = began.elapsed().as_secs_f64();

        if let Some(path) = &self.out {
            let json = model.to_json().or_fail("saving")?;
            program::write_whole(path, json.as_bytes())?;
        }
        stages.finish();
        let Prepared { data, task, classes, dropped } = prepared;
        let answer = Answer {
            task,
            positive: classes.map(|[_, positive]| positive),
            rows: data.n_rows(),
            features: data.columns().iter().map(|column| column.name.to_string()).collect(),
            dropped,
            trees: model.n_trees(),
            metrics: match &on_test {
                Some(judged) => judged.metrics.clone(),
                None => means(judged.iter().map(|fold| &fold.metrics)),
            },
            baseline: match &on_test {
                Some(judged) => judged.baseline.clone(),
                None => means(judged.iter().map(|fold| &fold.baseline)),
            },
            folds: judged,
            tuning,
            importance: importance(&model),
            leakage,
            reasons,
            permutation,
            out: self.out.clone(),
            seconds,
        };
        if self.json { program::print_json(&answer) } else { program::print(&answer.summary()) }
    }

    fn rng(&self) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(self.seed)
    }

    /// The configuration for these rows, and what a search for it found.
    fn choose(
        &self,
        base: &GbdtConfig,
        data: &Dataset,
        task: Task,
    ) -> Result<(GbdtConfig, Option<Found>), Failure> {
        let given = self.set.iter().any(|text| text.starts_with("trees="));
        let config = if given {
            base.clone()
        } else {
            with_best_trees(base, data, task, self.purge, self.seed)?
        };
        let Some(trials) = self.tune else { return Ok((config, None)) };
        let (config, found) =
            search(&config, data, task, self.quantile, self.purge, trials, self.seed)?;
        Ok((config, Some(found)))
    }

    fn fit(&self, config: &GbdtConfig, data: &Dataset) -> Result<(Gbdt, Seconds), Failure> {
        let began = Instant::now();
        let bins = config.prepare(data).or_fail("training")?;
        let binned = began.elapsed().as_secs_f64();
        let fitted = config.fit_prepared(&bins, FitOptions::default(), &mut self.rng());
        let model = fitted.or_fail("training")?;
        let trained = began.elapsed().as_secs_f64();
        model.predict_dataset(data).or_fail("predicting")?;
        let predict = began.elapsed().as_secs_f64() - trained;
        Ok((model, Seconds { bin: binned, train: trained - binned, predict, explain: 0.0 }))
    }

    fn permutation(
        &self,
        model: &Gbdt,
        data: &Dataset,
        task: Task,
    ) -> Result<Vec<PermutationImportance>, Failure> {
        let metric = task.metrics(self.quantile)[0];
        let measure =
            |y: &[f64], p: &[f64], weights: Option<&[f64]>| metric.evaluate(y, p, weights);
        let config = PermutationConfig::default().with_higher_is_better(metric.higher_is_better());
        permutation_importance(model, data, &measure, &config, &mut self.rng()).or_fail("--explain")
    }
}

/// Shares of the gain, largest first.
fn importance(model: &Gbdt) -> Vec<Share> {
    let importance = model.importance();
    let total: f64 = importance.iter().map(|column| column.gain).sum();
    let share = |gain: f64| if total > 0.0 { gain / total } else { 0.0 };
    let mut shares: Vec<Share> = importance
        .iter()
        .map(|column| Share { name: column.name.to_string(), value: share(column.gain) })
        .collect();
    shares.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.name.cmp(&b.name)));
    shares
}

/// Why the rows with the lowest, the middle and the highest prediction have them.
fn reasons(model: &Gbdt, data: &Dataset) -> Result<Vec<RowReasons>, Failure> {
    let predicted = model.predict_dataset(data).or_fail("explaining")?;
    let mut order: Vec<usize> = (0..predicted.len()).collect();
    order.sort_by(|&a, &b| predicted[a].total_cmp(&predicted[b]).then(a.cmp(&b)));
    let mut rows = vec![order[0], order[order.len() / 2], order[order.len() - 1]];
    rows.dedup();
    let shap = TreeShap::new(model);
    let reason = |row: usize| {
        let values = data.features().row(row).to_vec();
        let parts = shap.explain_row(&values).or_fail("explaining")?;
        let reasons =
            Reasons::new(model, &values, shap.base_value(), &parts).or_fail("explaining")?;
        let text = reasons.top(5).to_string();
        Ok(RowReasons { row: row + 1, text, reasons })
    };
    rows.into_iter().map(reason).collect()
}
