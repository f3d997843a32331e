//! The files that a run leaves behind.

use std::path::Path;

use campaign_core::decision::{DecisionLog, Recovery};
use campaign_features::ingest::safe_cell;
use serde::Serialize;

use super::answer::PlanAnswer;
use super::budget::AdGroupBudget;
use crate::program::{Failure, OrFail as _, to_json, write_whole};

/// What `plan.json` holds: the plan and what it takes to make it again.
#[derive(Debug, Serialize)]
pub struct PlanFile<'a> {
    /// Version of this layout.
    pub format: u32,
    /// Seed of the run.
    pub seed: u64,
    /// The day the run stands on.
    pub as_of: jiff::civil::Date,
    /// Currency of every amount.
    pub currency: Option<&'a str>,
    /// What the expected figures come from.
    pub forecast: &'a str,
    /// The plan.
    #[serde(flatten)]
    pub plan: &'a PlanAnswer,
}

/// Writes `plan.json`: same input and seed, same bytes.
///
/// # Errors
/// [`Failure`] naming the file.
pub fn write_plan(out: &Path, plan: &PlanFile<'_>) -> Result<(), Failure> {
    write_whole(&out.join("plan.json"), (to_json(plan)? + "\n").as_bytes())
}

/// Writes `plan.csv`: one line per ad group, as a person types it into the platforms.
///
/// # Errors
/// [`Failure`] naming the file.
pub fn write_plan_table(out: &Path, groups: &[AdGroupBudget]) -> Result<(), Failure> {
    let doing = "plan.csv";
    let mut table = csv::Writer::from_writer(Vec::new());
    table
        .write_record([
            "channel",
            "campaign_id",
            "campaign",
            "ad_group_id",
            "ad_group",
            "current",
            "proposed",
            "change_percent",
        ])
        .or_fail(doing)?;
    for group in groups {
        let proposed = group.proposed.map(|amount| amount.to_f64());
        let change = proposed
            .filter(|_| group.current > 0.0)
            .map(|proposed| format!("{:.1}", 100.0 * (proposed / group.current - 1.0)));
        let text = |text: &Option<std::sync::Arc<str>>| {
            safe_cell(text.as_deref().unwrap_or("")).into_owned()
        };
        table
            .write_record([
                safe_cell(&group.channel).into_owned(),
                text(&group.campaign.id),
                text(&group.campaign.name),
                text(&group.ad_group.id),
                text(&group.ad_group.name),
                format!("{:.2}", group.current),
                group.proposed.map(|amount| amount.to_string()).unwrap_or_default(),
                change.unwrap_or_default(),
            ])
            .or_fail(doing)?;
    }
    let bytes = table.into_inner().or_fail(doing)?;
    write_whole(&out.join("plan.csv"), &bytes)
}

/// Opens `decisions.jsonl` and says what had to be mended.
///
/// # Errors
/// [`Failure`] if the log was tampered with, is in use, or cannot be written.
pub fn open_log(out: &Path) -> Result<(DecisionLog, Option<String>), Failure> {
    std::fs::create_dir_all(out).map_err(|error| Failure::at(out, error))?;
    let log = DecisionLog::open(out.join("decisions.jsonl")).map_err(Failure::new)?;
    let mended = match log.recovery() {
        Recovery::Clean => None,
        Recovery::Truncated { line, torn } => Some(format!(
            "line {line} of decisions.jsonl was torn and its {} bytes were cut off",
            torn.len()
        )),
        _ => Some("the last line of decisions.jsonl had no line feed; it has one now".to_owned()),
    };
    Ok((log, mended))
}
