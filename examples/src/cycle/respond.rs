//! What the stages made, as the answer says it.

use jiff::ToSpan as _;

use super::answer::{
    CellAnswer, DecisionAnswer, DriftAnswer, ExperimentAnswer, ModelAnswer, PausedAnswer,
    PlanAnswer, SplitAnswer,
};
use super::budget::{Basis, Budgeted};
use super::creative_test::CreativeTest;
use super::forecast::{Forecast, Question, Trained};
use super::history::{Facts, History};
use super::pausing;

pub(super) fn model_answer(trained: &Trained, forecast: &Forecast) -> ModelAnswer {
    let mut importance: Vec<(String, f64)> = trained
        .trees
        .importance()
        .into_iter()
        .filter(|feature| feature.gain > 0.0)
        .map(|feature| (feature.name.to_string(), feature.gain))
        .collect();
    importance.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    ModelAnswer {
        metric: trained.evaluation.metric.key(),
        value: trained.evaluation.value,
        baseline: trained.evaluation.baseline,
        baseline_name: "rate of the trailing 28 days",
        train_rows: trained.train_rows,
        valid_rows: trained.valid_rows,
        used: forecast.used,
        interval_coverage: trained.interval_coverage,
        importance,
    }
}

pub(super) fn experiments<'a>(
    history: &'a History,
    test: &'a CreativeTest,
) -> impl Iterator<Item = ExperimentAnswer> + 'a {
    let comparison = &test.assessment.comparison;
    test.cells.iter().enumerate().map(move |(arm, &cell)| ExperimentAnswer {
        test: test.name.clone(),
        channel: test.channel.clone(),
        creative_id: history.cells[cell].id.to_string(),
        name: history.cells[cell].name.to_string(),
        p_best: comparison.p_best[arm],
        expected_loss: comparison.expected_loss[arm],
        decision: test.decision(arm).to_owned(),
    })
}

pub(super) fn splits<'a>(
    history: &'a History,
    test: &'a CreativeTest,
) -> impl Iterator<Item = SplitAnswer> + 'a {
    test.cells.iter().zip(&test.shares).map(|(&cell, &share)| SplitAnswer {
        test: test.name.clone(),
        channel: test.channel.clone(),
        creative_id: history.cells[cell].id.to_string(),
        name: history.cells[cell].name.to_string(),
        share,
    })
}

pub(super) fn plan_answer(
    basis: &Basis<'_>,
    question: &Question,
    plan: &Budgeted,
    has_days: bool,
) -> PlanAnswer {
    // Adding 0 turns the -0 of an empty sum into 0.
    let known = |value: f64| value.is_finite().then_some(value + 0.0);
    let cells = plan.cells.iter().enumerate().map(|(position, &index)| {
        let cell = &basis.history.cells[index];
        let spend = plan.amounts.as_ref().map(|amounts| amounts[position].to_f64());
        let expected = plan.expected.as_ref().map(|expected| expected[position]);
        let interval = expected.and_then(|expected| basis.forecast.interval(index, expected));
        let mut reasons = plan.outcome.reasons(position);
        if let Some(average) = basis.forecast.rate[index] {
            reasons.push(format!(
                "{} per unit of spend: {average:.2} on average, {:.2} for the next one",
                question.response(),
                basis.next_unit(index)
            ));
        }
        CellAnswer {
            channel: cell.channel.to_string(),
            creative: cell.id.to_string(),
            name: cell.name.to_string(),
            current: plan.current[position],
            spend,
            expected,
            low: interval.map(|ends| ends.0),
            high: interval.map(|ends| ends.1),
            reasons,
        }
    });
    let micros = plan.amounts.iter().flatten().map(|amount| amount.0).sum::<i64>();
    let end = question.as_of.saturating_add((i64::from(question.days) - 1).days());
    PlanAnswer {
        status: plan.outcome.status,
        budget: plan.budget,
        total: plan.amounts.as_ref().map(|_| campaign_core::Micros(micros).to_f64()),
        objective: plan.expected.as_ref().and_then(|expected| known(expected.iter().sum())),
        maximises: question.response(),
        objective_unchanged: known(plan.unchanged),
        shadow_price: known(plan.outcome.shadow_price),
        conflicts: plan.outcome.conflicts.iter().map(|conflict| conflict.text.clone()).collect(),
        days: has_days.then_some((question.as_of, end)),
        cells: cells.collect(),
    }
}

/// A paused cell gets nothing because it is paused, not because its bounds say so.
pub(super) fn explain_pauses(
    answer: &mut PlanAnswer,
    plan: &Budgeted,
    verdicts: &[pausing::Verdict],
) {
    for (cell, index) in answer.cells.iter_mut().zip(&plan.cells) {
        if let Some(verdict) = verdicts.iter().find(|v| v.paused && v.cell == *index) {
            let why = verdict.reasons.iter().map(|reason| format!("paused: {reason}"));
            cell.reasons = why.collect();
        }
    }
}

pub(super) fn paused_answer(
    history: &History,
    facts: &[Facts],
    verdict: &pausing::Verdict,
) -> PausedAnswer {
    let cell = &history.cells[verdict.cell];
    PausedAnswer {
        creative_id: cell.id.to_string(),
        name: cell.name.to_string(),
        channel: cell.channel.to_string(),
        spend: facts[verdict.cell].spend,
        conversions: facts[verdict.cell].conversions,
        expected_cpa: verdict.expected_cpa,
        actual_cpa: verdict.actual_cpa,
        status: if verdict.paused { "paused" } else { "watch" },
        reasons: verdict.reasons.iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn drift_answer(row: &campaign_drift::FeatureDrift) -> Option<DriftAnswer> {
    Some(DriftAnswer {
        feature: row.feature.clone(),
        statistic: row.statistic?,
        p: row.p?,
        p_adjusted: row.p_adjusted?,
        effect: row.effect?,
        drifted: row.drifted,
    })
}

pub(super) fn decision_answer(decision: &campaign_core::Decision) -> DecisionAnswer {
    DecisionAnswer {
        id: decision.id.clone(),
        actor: decision.actor.clone(),
        subject: decision.subject.clone(),
        action: decision.action.clone(),
        reasons: decision.reasons.iter().map(ToString::to_string).collect(),
    }
}
