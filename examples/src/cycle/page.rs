//! The run as the report page shows it.

use std::collections::BTreeMap;

use campaign_features::ingest::{Ingested, Kind};
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::answer::Answer;
use super::config::Config;
use super::creative_test::{CreativeTest, rule};
use super::drift_check::Checked;
use super::forecast::{COVERAGE, Question, Trained, back};
use super::history::{Facts, History};
use crate::report::data::{
    BanditArm, BanditSplit, Better, ChannelSeries, DecisionLine, Drift, DriftRow, Experiment,
    Importance, Kpi, ModelMetric, ModelQuality, Paused, Plan, PlanCell, PosteriorArm, Reject,
    ReportData, RunFacts, Series, Skipped, Source, StageTime, Unit,
};

/// Rejected rows shown on the page; the rest is counted.
const REJECTS_SHOWN: usize = 20;

/// What the page is made of.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// What was read.
    pub ingested: &'a Ingested,
    /// What happened.
    pub history: &'a History,
    /// What was asked.
    pub question: &'a Question,
    /// Whether the input has days.
    pub has_days: bool,
    /// The model, if one was trained.
    pub trained: Option<&'a Trained>,
    /// The creative tests.
    pub tests: &'a [CreativeTest],
    /// The drift check, if there was one.
    pub checked: Option<&'a Checked>,
    /// The answer.
    pub answer: &'a Answer,
    /// Seed of the run.
    pub seed: u64,
    /// Seconds of the stages that are over.
    pub seconds: &'a [(&'static str, f64)],
}

/// Gathers the page.
#[must_use]
pub fn page(m: &Material<'_>) -> ReportData {
    let (first, last) = m.history.days;
    ReportData {
        brand: m.config.ingest.brand.clone(),
        first_day: m.has_days.then_some(first),
        last_day: m.has_days.then_some(last),
        as_of: m.has_days.then_some(m.answer.as_of),
        currency: m.answer.currency.clone().unwrap_or_default(),
        verdict: verdict(m),
        kpis: if m.has_days { kpis(m) } else { period_kpis(m) },
        kpi_window: kpi_window(m),
        sources: sources(m),
        rejects: rejects(m),
        series: if m.has_days { series(m) } else { Series::default() },
        plan: Some(plan(m)),
        experiments: m.tests.iter().map(|test| experiment(m, test)).collect(),
        bandits: m.tests.iter().map(|test| split(m, test)).collect(),
        models: model(m).into_iter().collect(),
        drift: m.checked.map(|checked| drift(m, checked)),
        paused: paused(m),
        decisions: decisions(m),
        log_head: m.answer.log_head.clone(),
        skipped: m
            .answer
            .skipped
            .iter()
            .map(|(stage, why)| Skipped { stage: (*stage).to_owned(), why: why.clone() })
            .collect(),
        run: RunFacts {
            seed: m.seed,
            program: format!("campaign_loop {}", env!("CARGO_PKG_VERSION")),
            stages: m
                .seconds
                .iter()
                .map(|(stage, seconds)| StageTime { stage: (*stage).to_owned(), seconds: *seconds })
                .collect(),
        },
    }
}

fn verdict(m: &Material<'_>) -> String {
    let plan = &m.answer.plan;
    let currency = m.answer.currency.as_deref().unwrap_or("");
    let response = m.question.response();
    let paused = m.answer.paused.iter().filter(|p| p.status == "paused").count();
    let gain = match (plan.objective, plan.objective_unchanged) {
        (Some(new), Some(old)) if old > 0.0 => {
            format!(
                ", {:+.1} % expected {response} against repeating last period",
                100.0 * (new / old - 1.0)
            )
        }
        _ => String::new(),
    };
    let split = match plan.total {
        Some(total) => format!("{total:.2} {currency} planned over {} ads{gain}", plan.cells.len()),
        None => format!("No plan: the constraints are {}", plan.status),
    };
    let retrain = if m.answer.retrain.retrain { "; the model is to be trained anew" } else { "" };
    let pauses = match paused {
        0 => "no ad paused".to_owned(),
        1 => "1 ad paused".to_owned(),
        n => format!("{n} ads paused"),
    };
    format!("{split}; {pauses}{retrain}.")
}

/// Days that a headline figure sums.
fn kpi_days(m: &Material<'_>) -> i64 {
    i64::from(m.question.days).max(7) * 4
}

fn kpi_window(m: &Material<'_>) -> String {
    if !m.has_days {
        return "the whole of the input".to_owned();
    }
    let (days, end) = (kpi_days(m), m.question.settled().min(m.history.days.1));
    format!("{days} settled days to {end}, against the {days} before")
}

fn kpi(
    name: &str,
    unit: Unit,
    better: Better,
    of: impl Fn(&Facts) -> Option<f64>,
    m: &Material<'_>,
) -> Kpi {
    let end = m.question.settled().min(m.history.days.1);
    let window = kpi_days(m);
    let total = |to: Date| m.history.total(back(to, window - 1), to);
    let history = (0..window)
        .rev()
        .map(|age| {
            let day = back(end, age);
            of(&m.history.total(day, day))
        })
        .collect();
    let previous = back(end, window);
    let has_previous = back(previous, window - 1) >= m.history.days.0;
    Kpi {
        name: name.to_owned(),
        unit,
        better,
        value: of(&total(end)),
        previous: has_previous.then(|| of(&total(previous))).flatten(),
        history,
    }
}

fn ratio(a: f64, b: f64) -> Option<f64> {
    let value = a / b;
    value.is_finite().then_some(value)
}

type Figure = fn(&Facts) -> Option<f64>;

const FIGURES: [(&str, Unit, Better, Figure); 5] = [
    ("Spend", Unit::Money, Better::Neither, |f| Some(f.spend)),
    ("Revenue", Unit::Money, Better::Higher, |f| Some(f.revenue)),
    ("ROAS", Unit::Ratio, Better::Higher, |f| ratio(f.revenue, f.spend)),
    ("Conversions", Unit::Count, Better::Higher, |f| Some(f.conversions)),
    ("Cost per conversion", Unit::Money, Better::Lower, |f| ratio(f.spend, f.conversions)),
];

fn figures(
    m: &Material<'_>,
) -> impl Iterator<Item = &'static (&'static str, Unit, Better, Figure)> {
    let revenue = m.history.has_revenue;
    FIGURES.iter().filter(move |(name, ..)| revenue || !matches!(*name, "Revenue" | "ROAS"))
}

fn kpis(m: &Material<'_>) -> Vec<Kpi> {
    figures(m).map(|(name, unit, better, of)| kpi(name, *unit, *better, of, m)).collect()
}

fn period_kpis(m: &Material<'_>) -> Vec<Kpi> {
    let total = m.history.total(m.history.days.0, m.history.days.1);
    let one = |(name, unit, better, of): &(&str, Unit, Better, Figure)| Kpi {
        name: (*name).to_owned(),
        unit: *unit,
        better: *better,
        value: of(&total),
        previous: None,
        history: Vec::new(),
    };
    figures(m).map(one).collect()
}

fn sources(m: &Material<'_>) -> Vec<Source> {
    m.ingested
        .sources
        .iter()
        .map(|s| Source {
            file: s.file.clone(),
            platform: match (&s.platform, s.kind) {
                (Some(platform), _) => platform.clone(),
                (None, Kind::Rates) => "exchange rates".to_owned(),
                (None, _) => "not recognised".to_owned(),
            },
            rows_in: s.rows_in,
            ok: s.ok,
            rejected: s.rejected,
            duplicate: s.duplicate,
            skipped: s.skipped,
            first_day: s.first_day.filter(|_| m.has_days),
            last_day: s.last_day.filter(|_| m.has_days),
            coverage: ratio(s.ok as f64, (s.rows_in - s.duplicate) as f64),
            currency: s.spend.0.keys().next().copied().flatten().map(|c| c.code().to_owned()),
            zone: None,
        })
        .collect()
}

fn rejects(m: &Material<'_>) -> Vec<Reject> {
    let shown = m.ingested.rejects.iter().take(REJECTS_SHOWN);
    shown
        .map(|r| Reject {
            file: r.file.clone(),
            row: r.row,
            column: r.column.clone(),
            value: r.value.clone(),
            reason: format!("{}; expected {}", r.reason, r.expected),
        })
        .collect()
}

fn series(m: &Material<'_>) -> Series {
    let (first, last) = m.history.days;
    let mut days = Vec::new();
    let mut day = first;
    while day <= last {
        days.push(day);
        day = match day.checked_add(1.day()) {
            Ok(next) => next,
            Err(_) => break,
        };
    }
    let mut by_channel: BTreeMap<&str, BTreeMap<Date, Facts>> = BTreeMap::new();
    for (index, cell) in m.history.cells.iter().enumerate() {
        let channel = by_channel.entry(cell.channel.as_str()).or_default();
        for (day, facts) in m.history.of_cell(index) {
            channel.entry(*day).or_default().add(facts);
        }
    }
    let channels = by_channel
        .into_iter()
        .map(|(channel, by_day)| {
            let of = |figure: fn(&Facts) -> f64| -> Vec<f64> {
                days.iter().map(|day| by_day.get(day).map_or(0.0, figure)).collect()
            };
            ChannelSeries {
                channel: channel.to_owned(),
                spend: of(|f| f.spend),
                revenue: if m.history.has_revenue { of(|f| f.revenue) } else { Vec::new() },
                conversions: of(|f| f.conversions),
            }
        })
        .collect();
    let immature_from = m.question.settled().saturating_add(1.day());
    Series { days, channels, immature_from: (immature_from <= last).then_some(immature_from) }
}

fn plan(m: &Material<'_>) -> Plan {
    let plan = &m.answer.plan;
    let cells = &plan.cells;
    Plan {
        status: plan.status.to_string(),
        objective: format!("{} by the forecast ({})", plan.maximises, forecast_name(m)),
        period: plan.days.map_or_else(String::new, |(from, to)| format!("{from} to {to}")),
        cell_noun: "ad".to_owned(),
        expected_unit: match m.question.goal {
            super::config::Goal::Roas => Unit::Money,
            super::config::Goal::Cpa => Unit::Count,
        },
        budget: plan.budget,
        total: plan.total.unwrap_or(f64::NAN),
        previous_total: Some(cells.iter().map(|cell| cell.current).sum()),
        expected: plan.objective,
        // How the errors of the cells go together is not known, so neither is the sum's interval.
        expected_low: None,
        expected_high: None,
        expected_unchanged: plan.objective_unchanged,
        shadow_price: plan.shadow_price,
        conflicts: plan.conflicts.clone(),
        cells: cells
            .iter()
            .map(|cell| PlanCell {
                channel: cell.channel.clone(),
                campaign: None,
                name: cell.name.clone(),
                current: cell.current,
                proposed: cell.spend.unwrap_or(f64::NAN),
                expected: cell.expected,
                low: cell.low,
                high: cell.high,
                reasons: cell.reasons.clone(),
            })
            .collect(),
    }
}

fn forecast_name(m: &Material<'_>) -> &'static str {
    m.answer.model.as_ref().map_or("observed rates", |model| model.used)
}

fn experiment(m: &Material<'_>, test: &CreativeTest) -> Experiment {
    let assessment = &test.assessment;
    let config = &m.config.experiments;
    let arms = test.cells.iter().enumerate().map(|(arm, &cell)| {
        let posterior = assessment.posteriors[arm];
        let (low, high) = posterior.interval(0.95).unwrap_or((f64::NAN, f64::NAN));
        PosteriorArm {
            name: m.history.cells[cell].name.to_string(),
            alpha: posterior.alpha(),
            beta: posterior.beta(),
            trials: test.facts[arm].clicks as u64,
            successes: test.facts[arm].conversions.round() as u64,
            mean: posterior.mean(),
            low,
            high,
            p_best: assessment.comparison.p_best[arm],
            expected_loss: Some(assessment.comparison.expected_loss[arm]),
            decision: test.decision(arm).to_owned(),
        }
    });
    let schedule = rule(config).looks;
    Experiment {
        name: test.name.clone(),
        channel: Some(test.channel.clone()),
        metric: "conversions per click".to_owned(),
        rule: format!(
            "accept at P(best) > {} with {} clicks each, look {} of {}, one every {} days",
            config.accept_above,
            config.min_clicks,
            assessment.look,
            schedule.looks,
            schedule.every_days
        ),
        false_accept_rate: Some(test.false_accepts.rate),
        decision: match assessment.verdict {
            campaign_experiments::Verdict::Accept(best) => {
                format!("accept {}", m.history.cells[test.cells[best]].name)
            }
            _ => test.decision(0).to_owned(),
        },
        arms: arms.collect(),
    }
}

fn split(m: &Material<'_>, test: &CreativeTest) -> BanditSplit {
    let arm = |(arm, &cell): (usize, &usize)| BanditArm {
        name: m.history.cells[cell].name.to_string(),
        share: test.shares[arm],
        mean: ratio(test.facts[arm].conversions, test.facts[arm].clicks),
        pulls: Some(test.facts[arm].clicks as u64),
    };
    BanditSplit {
        name: test.name.clone(),
        policy: "Beta Thompson sampling".to_owned(),
        channel: Some(test.channel.clone()),
        arms: test.cells.iter().enumerate().map(arm).collect(),
    }
}

fn model(m: &Material<'_>) -> Option<ModelQuality> {
    let (trained, answer) = (m.trained?, m.answer.model.as_ref()?);
    let mut metrics = vec![ModelMetric {
        name: trained.evaluation.metric.to_string(),
        unit: Unit::Number,
        better: Better::Lower,
        value: answer.value,
        baseline: answer.baseline,
        baseline_name: answer.baseline_name.to_owned(),
    }];
    if let Some(coverage) = answer.interval_coverage {
        metrics.push(ModelMetric {
            name: "interval coverage".to_owned(),
            unit: Unit::Percent,
            better: Better::Neither,
            value: coverage,
            baseline: COVERAGE,
            baseline_name: "asked for".to_owned(),
        });
    }
    Some(ModelQuality {
        name: "forecast".to_owned(),
        target: format!(
            "{} per unit of spend over the {} days that follow",
            m.question.response(),
            m.question.days
        ),
        train_rows: answer.train_rows as u64,
        valid_rows: answer.valid_rows as u64,
        split: format!(
            "measured on days of decision from {}, trained on what was settled before",
            trained.cutoff
        ),
        metrics,
        importance_kind: "total gain".to_owned(),
        importance: answer
            .importance
            .iter()
            .map(|(feature, value)| Importance { feature: feature.clone(), value: *value })
            .collect(),
    })
}

fn drift(m: &Material<'_>, checked: &Checked) -> Drift {
    let row = |f: &super::answer::DriftAnswer| DriftRow {
        feature: f.feature.clone(),
        statistic: f.statistic,
        p: Some(f.p),
        p_adjusted: Some(f.p_adjusted),
        effect: f.effect,
        drifted: f.drifted,
    };
    Drift {
        test: format!(
            "two-sample Kolmogorov–Smirnov, Benjamini–Hochberg at {} %, distance of at least {}",
            100.0 * m.config.drift.fdr,
            m.config.drift.min_effect
        ),
        windows: checked.windows.clone(),
        features: m.answer.drift.iter().map(row).collect(),
        retrain: Some(m.answer.retrain.retrain),
        why: m.answer.retrain.why.clone(),
    }
}

fn paused(m: &Material<'_>) -> Vec<Paused> {
    m.answer
        .paused
        .iter()
        .map(|p| Paused {
            creative_id: p.creative_id.clone(),
            name: p.name.clone(),
            channel: Some(p.channel.clone()),
            spend: Some(p.spend),
            conversions: Some(p.conversions),
            expected_cpa: p.expected_cpa,
            actual_cpa: p.actual_cpa,
            status: p.status.to_owned(),
            reasons: p.reasons.clone(),
        })
        .collect()
}

fn decisions(m: &Material<'_>) -> Vec<DecisionLine> {
    let at = m.answer.as_of.to_string();
    m.answer
        .decisions
        .iter()
        .map(|d| DecisionLine {
            id: d.id.clone(),
            at: at.clone(),
            actor: d.actor.clone(),
            subject: d.subject.clone(),
            action: d.action.clone(),
            reasons: d.reasons.clone(),
        })
        .collect()
}
