//! How the marketing team spends before any optimiser does.

use rand_distr::{Distribution, StandardNormal};

use super::error::MarketError;
use super::stream::{Purpose, stream};
use super::{DayOutcome, Market};

impl Market {
    /// Today's spend by the incumbent: every ad's usual budget times a mood that changes weekly,
    /// from its launch until it is retired.
    ///
    /// The moods make spend vary enough for response curves to be seen in the data, and are drawn
    /// without regard to results.
    #[must_use]
    pub fn incumbent_plan(&self) -> Vec<f64> {
        let sigma = self.config().incumbent.weekly_sigma;
        let week = self.day.div_euclid(7);
        let plan = self.ads().iter().enumerate().map(|(index, ad)| {
            if self.day < ad.launch || self.day >= ad.launch.max(0) + ad.life {
                return 0.0;
            }
            let key = [index as u64, i64::from(week) as u64, 0];
            let z: f64 = StandardNormal.sample(&mut stream(self.seed, Purpose::Incumbent, key));
            ad.usual_budget * (sigma * z).exp()
        });
        plan.collect()
    }

    /// Runs days under the incumbent and returns what happened.
    ///
    /// # Errors
    /// As [`Market::run_day`].
    pub fn run_incumbent(&mut self, days: u32) -> Result<Vec<DayOutcome>, MarketError> {
        (0..days)
            .map(|_| {
                let plan = self.incumbent_plan();
                self.run_day(self.today()?, &plan)
            })
            .collect()
    }
}
