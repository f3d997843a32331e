//! The answer in a few lines, for a person at a terminal.

use std::fmt::Write as _;
use std::path::Path;

use super::answer::Answer;

/// Says what came out and where to look.
#[must_use]
pub fn summary(answer: &Answer, out: &Path) -> String {
    let currency = answer.currency.as_deref().unwrap_or("");
    let mut text = String::new();
    let mut line = |words: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{words}");
    };
    line(format!(
        "rows      {} read, {} taken, {} rejected, {} duplicate",
        answer.rows_in, answer.rows_ok, answer.rows_rejected, answer.rows_duplicate
    ));
    if let Some(model) = &answer.model {
        line(format!(
            "forecast  {} {:.3} (baseline {:.3}); the plan uses the {}",
            model.metric, model.value, model.baseline, model.used
        ));
    }
    let accepted = answer.experiments.iter().filter(|e| e.decision == "accept").count();
    line(format!("tests     {} creatives, {accepted} accepted", answer.experiments.len()));
    let plan = &answer.plan;
    match plan.total {
        Some(total) => line(format!(
            "plan      {}: {total:.2} {currency} over {} ads, expected {} {:.2} (repeating last period: {:.2})",
            plan.status,
            plan.cells.len(),
            plan.maximises,
            plan.objective.unwrap_or(f64::NAN),
            plan.objective_unchanged.unwrap_or(f64::NAN),
        )),
        None => line(format!("plan      {}: {}", plan.status, plan.conflicts.join("; "))),
    }
    let paused = answer.paused.iter().filter(|p| p.status == "paused").count();
    line(format!("paused    {paused} ads, {} more watched", answer.paused.len() - paused));
    let drifted = answer.drift.iter().filter(|d| d.drifted).count();
    line(format!(
        "drift     {drifted} of {} features; {}",
        answer.drift.len(),
        if answer.retrain.retrain { "train anew" } else { "keep the model" }
    ));
    for (stage, why) in &answer.skipped {
        line(format!("skipped   {stage}: {why}"));
    }
    line(format!("decisions {} logged", answer.decisions.len()));
    line(format!("report    {}", out.join("report.html").display()));
    text
}
