//! What a team states about its own accounts, in one TOML file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use campaign_features::feature::Region;
use campaign_features::ingest::IngestConfig;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::program::{Failure, OrFail as _, read_text, write_whole};

/// The configuration of `campaign_loop`. Everything has a default; an unknown key is an error.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How files become records: brand, currencies, zones, channel rules, mappings.
    pub ingest: IngestConfig,
    /// The FX table, relative to the configuration file.
    pub fx: Option<PathBuf>,
    /// Which conversions count, and from when on they are complete.
    pub conversions: Conversions,
    /// What the budget is to bring.
    pub objective: Objective,
    /// The budget plan.
    pub plan: PlanConfig,
    /// The creative tests.
    pub experiments: ExperimentConfig,
    /// When a creative is paused.
    pub pause: PauseConfig,
    /// When drift calls for a new model.
    pub drift: DriftConfig,
    /// Public holidays that may move demand.
    pub holidays: Vec<Region>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ingest: IngestConfig::new("brand"),
            fx: None,
            conversions: Conversions::default(),
            objective: Objective::default(),
            plan: PlanConfig::default(),
            experiments: ExperimentConfig::default(),
            pause: PauseConfig::default(),
            drift: DriftConfig::default(),
            holidays: Vec::new(),
        }
    }
}

/// Who is believed about conversions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Truth {
    /// First-party orders, where there are any; else the platforms.
    #[default]
    Crm,
    /// What each platform claims for itself.
    Platform,
}

/// Which conversions count, and from when on they are complete.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Conversions {
    /// The source of truth.
    pub truth: Truth,
    /// Days from click to order within which an order counts.
    pub window_days: u16,
    /// Days younger than this neither train nor score: their conversions are still arriving.
    pub maturity_days: u16,
}

impl Default for Conversions {
    fn default() -> Self {
        Self { truth: Truth::Crm, window_days: 7, maturity_days: 7 }
    }
}

/// What the budget is to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    /// Revenue.
    #[default]
    Roas,
    /// Conversions.
    Cpa,
}

/// The goal and its target.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Objective {
    /// Revenue per spend, or conversions per spend.
    pub goal: Goal,
    /// The target ROAS or CPA; without one, the account's own average of the last period.
    pub target: Option<f64>,
}

/// Floor and cap of one channel for the period, in reporting currency.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelBounds {
    /// Least spend.
    pub floor: f64,
    /// Most spend.
    pub cap: Option<f64>,
}

/// The budget plan.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlanConfig {
    /// The period's budget in reporting currency; without one, what the last period spent.
    pub budget: Option<f64>,
    /// Days planned for.
    pub days: u16,
    /// Largest change of a cell against the last period, as a share.
    pub max_change: f64,
    /// Whether the plan may spend less than the budget.
    pub allow_underspend: bool,
    /// Floors and caps by channel.
    pub channels: BTreeMap<String, ChannelBounds>,
}

impl Default for PlanConfig {
    fn default() -> Self {
        Self {
            budget: None,
            days: 7,
            max_change: 0.3,
            allow_underspend: false,
            channels: BTreeMap::new(),
        }
    }
}

/// The creative tests: creatives of one ad group against each other, conversions per click.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExperimentConfig {
    /// Accept a creative when its probability of being best exceeds this.
    pub accept_above: f64,
    /// Clicks that each creative must have before anything is decided.
    pub min_clicks: u64,
    /// Days of data that a test looks at.
    pub days: u16,
    /// How often one test is looked at before it ends: part of the rule, for every further look
    /// adds to the false accepts.
    pub looks: u32,
    /// Most creatives compared in one test, those with the most clicks first.
    pub max_creatives: usize,
}

impl Default for ExperimentConfig {
    fn default() -> Self {
        Self { accept_above: 0.95, min_clicks: 100, days: 28, looks: 4, max_creatives: 20 }
    }
}

/// When a creative is paused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PauseConfig {
    /// Pause when the cost per conversion is worse than the target by more than this share.
    pub tolerance: f64,
    /// Probability of that which must be exceeded.
    pub probability: f64,
    /// Clicks that a creative must have before it is judged.
    pub min_clicks: u64,
    /// Most of the last period's spend that one run may pause, as a share, worst creatives first.
    pub max_share: f64,
}

impl Default for PauseConfig {
    fn default() -> Self {
        Self { tolerance: 0.2, probability: 0.95, min_clicks: 200, max_share: 0.15 }
    }
}

/// When drift calls for a new model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DriftConfig {
    /// Days of the current window.
    pub current_days: u16,
    /// Days of the reference window before it.
    pub reference_days: u16,
    /// False discovery rate over all features.
    pub fdr: f64,
    /// Smallest effect that counts, as the Kolmogorov–Smirnov distance.
    pub min_effect: f64,
    /// Checks in a row that must agree.
    pub persistence: u32,
    /// Days after a retraining in which none follows.
    pub cooldown_days: u16,
}

impl Default for DriftConfig {
    fn default() -> Self {
        Self {
            current_days: 14,
            reference_days: 56,
            fdr: 0.05,
            min_effect: 0.25,
            persistence: 2,
            cooldown_days: 14,
        }
    }
}

impl Config {
    /// Reads a configuration file; paths in it are relative to its folder.
    ///
    /// # Errors
    /// A message with file, line and column.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text = read_text(path)?;
        let mut config: Self =
            toml::from_str(&text).map_err(|error| Failure::at(path, error.to_string().trim()))?;
        if let (Some(fx), Some(folder)) = (&mut config.fx, path.parent()) {
            *fx = folder.join(&*fx);
        }
        config.check().map_err(|failure| Failure::at(path, failure))?;
        Ok(config)
    }

    /// Checks the values that serde cannot.
    ///
    /// # Errors
    /// A message with the key, what it holds and what was expected.
    pub fn check(&self) -> Result<(), Failure> {
        let within = |key: &str, value: f64, low: f64, high: f64| {
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(Failure::new(format!("{key} is {value}, expected {low} to {high}")))
            }
        };
        let largest = 1e12;
        within("plan.max_change", self.plan.max_change, 0.0, 100.0)?;
        within("plan.days", f64::from(self.plan.days), 1.0, 366.0)?;
        within("plan.budget", self.plan.budget.unwrap_or(0.0), 0.0, largest)?;
        for (channel, bounds) in &self.plan.channels {
            within(&format!("plan.channels.{channel}.floor"), bounds.floor, 0.0, largest)?;
            let cap = bounds.cap.unwrap_or(0.0);
            within(&format!("plan.channels.{channel}.cap"), cap, 0.0, largest)?;
        }
        within("objective.target", self.objective.target.unwrap_or(1.0), 1e-6, largest)?;
        within("experiments.accept_above", self.experiments.accept_above, 0.501, 0.999_999)?;
        within("experiments.looks", f64::from(self.experiments.looks), 1.0, 1000.0)?;
        within("experiments.days", f64::from(self.experiments.days), 1.0, 366.0)?;
        within("experiments.max_creatives", self.experiments.max_creatives as f64, 2.0, 1000.0)?;
        within("pause.tolerance", self.pause.tolerance, 0.0, 100.0)?;
        within("pause.probability", self.pause.probability, 0.5, 0.999_999)?;
        within("pause.max_share", self.pause.max_share, 0.0, 1.0)?;
        within("drift.fdr", self.drift.fdr, 1e-9, 0.5)?;
        within("drift.min_effect", self.drift.min_effect, 0.0, 1.0)?;
        within("drift.current_days", f64::from(self.drift.current_days), 1.0, 3660.0)?;
        within("drift.reference_days", f64::from(self.drift.reference_days), 1.0, 3660.0)?;
        within("drift.persistence", f64::from(self.drift.persistence), 1.0, 1000.0)
    }
}

/// A date on the command line.
///
/// # Errors
/// A message with the text.
pub fn parse_date(text: &str) -> Result<Date, Failure> {
    text.parse().or_fail(&format!("{text:?} is not a date such as 2026-10-31"))
}

/// The commented configuration that `--init` writes; every key in it has its default value.
pub const TEMPLATE: &str = include_str!("template.toml");

/// Writes the commented configuration to a folder.
///
/// # Errors
/// If there is one already, or it cannot be written.
pub fn write_template(folder: &Path) -> Result<PathBuf, Failure> {
    let path = folder.join("campaign.toml");
    if path.exists() {
        return Err(Failure::at(&path, "exists already; it is not overwritten"));
    }
    write_whole(&path, TEMPLATE.as_bytes())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_states_the_defaults() {
        let template: Config = toml::from_str(TEMPLATE).unwrap();
        let default = Config::default();
        template.check().unwrap();
        assert_eq!(template.conversions.maturity_days, default.conversions.maturity_days);
        assert_eq!(format!("{:?}", template.plan), format!("{:?}", default.plan));
        assert_eq!(format!("{:?}", template.experiments), format!("{:?}", default.experiments));
        assert_eq!(format!("{:?}", template.pause), format!("{:?}", default.pause));
        assert_eq!(format!("{:?}", template.drift), format!("{:?}", default.drift));
        assert_eq!(format!("{:?}", template.objective), format!("{:?}", default.objective));
    }

    #[test]
    fn what_is_commented_out_is_legal_too() {
        let all = TEMPLATE
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.starts_with('[') || rest.contains(" = ") => rest,
                _ => line,
            })
            .collect::<Vec<_>>()
            .join("\n");
        let config: Config = toml::from_str(&all).unwrap();
        config.check().unwrap();
        assert_eq!(config.plan.channels.len(), 1);
        assert_eq!(config.ingest.mappings.len(), 1);
    }

    #[test]
    fn mistakes_are_named() {
        let read = |text: &str| {
            let config: Result<Config, _> = toml::from_str(text);
            config.map_err(|e| e.to_string()).and_then(|c| c.check().map_err(|e| e.to_string()))
        };
        assert!(read("[plan]\nmax_chance = 0.3").unwrap_err().contains("max_chance"));
        assert!(read("[plan]\nmax_change = -1").unwrap_err().contains("plan.max_change is -1"));
        assert!(read("[plan]\nbudget = nan").unwrap_err().contains("plan.budget"));
        assert!(read("[plan.channels.x]\ncap = -5").unwrap_err().contains("plan.channels.x.cap"));
        assert!(read("holidays = ['XY']").unwrap_err().contains("XY"));
    }
}
