//! Raw exports in, one table of daily records out, with an account of every row.
//!
//! Where the exports hold both what platforms claim and first-party orders, `coverage.claims` says, per
//! platform and campaign, how many claims find an order and how many orders a claim: by order number,
//! click id, campaign or platform, within `--window` days from the claim's day, in days of the zone that most claims have.

use std::collections::BTreeMap;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use campaign_core::Record;
use campaign_examples::cycle::Config;
use campaign_examples::program::{self, Failure, OrFail as _, Stages, Whole};
use campaign_features::fx::FxTable;
use campaign_features::ingest::{
    Amounts, Conversion, Coverage, Ingest, IngestConfig, RecordWriter, Reject, SourceReport,
};
use campaign_features::reconcile::{Claim, ClaimOptions, ClaimReport, claim_of, reconcile_claims};
use clap::Parser;
use serde::Serialize;

/// Exports of ad platforms, CRM and web analytics to one table of daily records.
#[derive(Parser)]
#[command(name = "ingest", version)]
struct Arguments {
    /// Folder (read with its folders) or file of exports
    #[arg(value_name = "DIR")]
    data: PathBuf,
    /// Brand, currencies, zones, channel rules, mappings [default: campaign.toml in DIR, if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Exchange rates [default: the configuration's]
    #[arg(long, value_name = "FILE")]
    fx: Option<PathBuf>,
    /// Currency to convert to [default: the configuration's; with --fx, the one that all its pairs share]
    #[arg(long, value_name = "CODE")]
    reporting: Option<String>,
    /// Where to write the records
    #[arg(long, value_name = "FILE", default_value = "records.csv")]
    out: PathBuf,
    /// Where to write the versions that later ones replaced
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Days from a claimed conversion to its order, where exports hold both
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    window: u16,
    /// Print the answer as one JSON object
    #[arg(long)]
    json: bool,
}

/// What the program answers.
#[derive(Serialize)]
struct Answer {
    sources: Vec<SourceReport>,
    rejects: Vec<Reject>,
    coverage: Covered,
    unmapped: Vec<Unmapped>,
}

/// How much of the input reached the output, and what platforms claim of the orders.
#[derive(Serialize)]
struct Covered {
    #[serde(flatten)]
    rows: Coverage,
    claims: Option<ClaimReport>,
}

/// A campaign that no channel rule matched.
#[derive(Serialize)]
struct Unmapped {
    source: String,
    campaign: Option<String>,
    campaign_name: Option<String>,
    records: u64,
    spend: Amounts,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    program::run(|| body(&arguments))
}

fn body(arguments: &Arguments) -> Result<(), Failure> {
    let settings = settings(arguments)?;
    let mut stages = Stages::new();
    stages.begin("reading");
    let mut ingest = Ingest::new(settings).or_fail("the configuration")?;
    ingest
        .read_path_with(&arguments.data, &mut |p| {
            stages.progress(format_args!("{} of {}: {}", p.done, p.of, p.file));
        })
        .or_fail("reading the exports")?;

    stages.begin("writing");
    let mut records = Table::create(&arguments.out)?;
    let mut history = arguments.history.as_deref().map(Table::create).transpose()?;
    let (mut unmapped, mut claims) = (BTreeMap::new(), Claims::default());
    let orders = ingest.has_conversions();
    let rest = ingest
        .finish_into(&mut |version| {
            if version.superseded_at.is_some() {
                return history.as_mut().map_or(Ok(()), |table| table.0.write(&version.record));
            }
            count_unmapped(&mut unmapped, &version.record);
            if orders {
                claims.add(&version.record);
            }
            records.0.write(&version.record)
        })
        .or_fail("making the records")?;
    records.keep()?;
    history.map_or(Ok(()), Table::keep)?;
    stages.finish();

    let unmapped = unmapped.into_values().collect();
    let claims = claims.compare(&rest.conversions, arguments.window)?;
    let (sources, rejects, rows) = (rest.sources, rest.rejects, rest.coverage);
    let coverage = Covered { rows, claims };
    let answer = Answer { sources, rejects, coverage, unmapped };
    if arguments.json {
        program::print_json(&answer)
    } else {
        program::print(&summary(&answer, &arguments.out))
    }
}

/// What platforms claim.
#[derive(Default)]
struct Claims {
    all: Vec<Claim>,
    zones: BTreeMap<Arc<str>, u64>,
}

impl Claims {
    fn add(&mut self, record: &Record) {
        let Some(claim) = claim_of(record) else { return };
        self.all.push(claim);
        if let Some(zone) = &record.zone {
            *self.zones.entry(Arc::clone(zone)).or_default() += 1;
        }
    }

    /// Orders fall on days of one zone: that of most claims, or UTC where none names one.
    fn compare(self, orders: &[Conversion], window: u16) -> Result<Option<ClaimReport>, Failure> {
        if self.all.is_empty() || orders.is_empty() {
            return Ok(None);
        }
        let mut options = ClaimOptions::new(window);
        if let Some((zone, _)) = self.zones.iter().max_by_key(|(_, claims)| **claims) {
            options =
                options.with_zone(campaign_core::time::zone(zone).or_fail("comparing claims")?);
        }
        reconcile_claims(&self.all, orders, &options).or_fail("comparing claims").map(Some)
    }
}

/// The configuration, with what the command line adds.
fn settings(arguments: &Arguments) -> Result<IngestConfig, Failure> {
    let beside = arguments.data.join("campaign.toml");
    let path = arguments.config.clone().or_else(|| beside.is_file().then_some(beside));
    let (mut settings, fx) = match &path {
        None => (IngestConfig::new("default"), None),
        Some(path) => read_config(path)?,
    };
    if let Some(path) = arguments.fx.clone().or(fx) {
        let table = FxTable::from_csv(&program::read_text(&path)?);
        settings.fx = Some(table.map_err(|error| Failure::at(&path, error))?);
    }
    if let Some(code) = &arguments.reporting {
        settings.reporting_currency = Some(code.to_uppercase());
    }
    if let (Some(path), None, Some(table)) =
        (&arguments.fx, &settings.reporting_currency, &settings.fx)
    {
        let shared = table.shared_currency().ok_or_else(|| {
            Failure::at(path, "its pairs share no one currency: name one with --reporting")
        })?;
        settings.reporting_currency = Some(shared.code().to_owned());
    }
    settings.history = arguments.history.is_some();
    Ok(settings)
}

/// Reads what `campaign_loop` reads, or the part of it that is about ingest alone.
fn read_config(path: &Path) -> Result<(IngestConfig, Option<PathBuf>), Failure> {
    let text = program::read_text(path)?;
    let table: toml::Table = text.parse().map_err(|error| Failure::at(path, error))?;
    if table.contains_key("ingest") {
        let config = Config::read(path)?;
        return Ok((config.ingest, config.fx));
    }
    let settings = IngestConfig::from_toml(&text).map_err(|error| Failure::at(path, error))?;
    Ok((settings, None))
}

/// A CSV file of records that is there whole or not at all.
struct Table(RecordWriter<BufWriter<Whole>>);

impl Table {
    fn create(path: &Path) -> Result<Self, Failure> {
        let out = BufWriter::new(Whole::create(path)?);
        Ok(Self(RecordWriter::new(out).or_fail("writing the records")?))
    }

    fn keep(self) -> Result<(), Failure> {
        let out = self.0.finish().or_fail("writing the records")?;
        out.into_inner().or_fail("writing the records")?.keep()
    }
}

type Campaign = (String, Option<String>);

fn count_unmapped(unmapped: &mut BTreeMap<Campaign, Unmapped>, record: &Record) {
    if record.channel.is_some() {
        return;
    }
    let source = record.source.to_string();
    let campaign = record.campaign.as_ref().map(ToString::to_string);
    let entry = unmapped.entry((source.clone(), campaign.clone())).or_insert_with(|| Unmapped {
        source,
        campaign,
        campaign_name: None,
        records: 0,
        spend: Amounts::default(),
    });
    if let Some(name) = &record.campaign_name {
        entry.campaign_name = Some(name.to_string());
    }
    entry.records += 1;
    entry.spend.add(record.currency, record.spend);
}

/// What a person wants to know first.
fn summary(answer: &Answer, out: &Path) -> String {
    let mut lines = Vec::new();
    for source in &answer.sources {
        let what = source.platform.as_deref().unwrap_or("-");
        let spend = source.spend.0.iter().map(|(currency, sum)| {
            format!("{sum} {}", currency.map_or("(currency unknown)", |c| c.code()))
        });
        let spend = spend.collect::<Vec<_>>().join(" + ");
        let spent = if spend.is_empty() { spend } else { format!("; spend {spend}") };
        lines.push(format!(
            "{}: {what}, {} rows: {} ok, {} rejected, {} duplicate{spent}",
            source.file, source.rows_in, source.ok, source.rejected, source.duplicate,
        ));
        lines.extend(source.notes.iter().map(|note| format!("  {note}")));
    }
    for r in answer.rejects.iter().take(MOST_REJECTS) {
        let Reject { file, row, column, value, reason, .. } = r;
        lines.push(format!("rejected: {file} row {row}, {column}: {value:?}, {reason}"));
    }
    if answer.rejects.len() > MOST_REJECTS {
        let more = answer.rejects.len() - MOST_REJECTS;
        lines.push(format!("and {more} more rejects: all of them with --json"));
    }
    if !answer.unmapped.is_empty() {
        lines.push(format!("{} campaigns match no channel rule", answer.unmapped.len()));
    }
    if let Some(claims) = &answer.coverage.claims {
        lines.extend(claims.sources.iter().map(|row| {
            let (matched, claimed) = (row.matched, row.claimed);
            format!("{}: {matched} of {claimed} claimed conversions find an order", row.source)
        }));
    }
    let coverage = answer.coverage.rows.coverage.map_or("nothing was owed".to_owned(), |share| {
        format!("{:.2} % of the rows owed are in", 100.0 * share)
    });
    lines.push(format!("{coverage}; records: {}", out.display()));
    lines.join("\n") + "\n"
}

/// How many rejects a person is shown.
const MOST_REJECTS: usize = 10;
