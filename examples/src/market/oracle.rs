//! The best plan under the truth.

use super::Market;
use super::earn::change;
use super::error::MarketError;
use super::truth::Truth;

/// The best constant daily plan, with a proof of how good it is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OraclePlan {
    /// Daily spend per ad.
    pub spend: Vec<f64>,
    /// Expected revenue over the horizon.
    pub revenue: f64,
    /// No feasible constant plan earns more than `revenue + gap`.
    pub gap: f64,
    /// Steps taken.
    pub iterations: u32,
}

impl Market {
    /// The best plan for a daily budget over some days, with no bounds on single ads.
    ///
    /// # Errors
    /// As [`Market::best_plan`].
    pub fn oracle(&self, budget: f64, days: u32) -> Result<OraclePlan, MarketError> {
        let free = vec![f64::INFINITY; self.ads().len()];
        self.best_plan(budget, days, &vec![0.0; free.len()], &free)
    }

    /// The best plan for a daily budget, spent in full, within bounds on each ad's daily spend.
    ///
    /// Ads that are not launched yet get nothing, whatever their bounds.
    ///
    /// Revenue is jointly concave in a constant daily plan ([`super`] says why), so the best plan is
    /// where marginal revenues are equal among all ads between their bounds. Each step sets every ad
    /// to the spend at which its own Hill curve, with the channel's pool held, meets one common
    /// marginal revenue, and then searches the segment towards that plan. `gap` is the Frank-Wolfe
    /// gap at the plan returned: an upper bound on what any plan could add, at most `1e-7` of
    /// revenue unless the step limit was reached. With a shape below 1, where the first cent has
    /// infinite marginal revenue, marginals at no spend are taken at a billionth of the budget.
    ///
    /// # Shapes
    /// `lower` and `upper` have one number per ad; `upper` may be infinite.
    ///
    /// # Errors
    /// [`MarketError::Budget`] where the budget cannot be spent within the bounds; else as
    /// [`Market::expected`].
    ///
    /// # Source
    /// Patriksson (1993), *Partial linearization methods in nonlinear programming*, JOTA 78(2); Jaggi
    /// (2013), *Revisiting Frank-Wolfe*, ICML, eq. 2 for the gap.
    pub fn best_plan(
        &self,
        budget: f64,
        days: u32,
        lower: &[f64],
        upper: &[f64],
    ) -> Result<OraclePlan, MarketError> {
        super::error::in_range("budget", budget, 0.0, 1e12)?;
        self.truth.check_plan("lower", lower)?;
        let finite: Vec<f64> = upper.iter().map(|u| u.min(budget)).collect();
        self.truth.check_plan("upper", &finite)?;
        let live = self.live();
        let bound = |bounds: &[f64]| -> Vec<f64> {
            bounds.iter().zip(&live).map(|(&b, &live)| if live { b } else { 0.0 }).collect()
        };
        let (lower, upper) = (bound(lower), bound(&finite));
        let (low, high) = (lower.iter().sum::<f64>(), upper.iter().sum::<f64>());
        let crossed = lower.iter().zip(&upper).any(|(low, high)| low > high);
        let slack = 1e-9 * budget;
        if crossed || low > budget + slack || high < budget - slack {
            return Err(MarketError::Budget { budget, low, high });
        }
        let horizon = Horizon::new(self, days)?;
        let mut search = Search::new(&horizon, budget, &lower, &upper);
        let iterations = search.run();
        let revenue = self.expected_revenue(&search.plan, days)?;
        Ok(OraclePlan { gap: search.gap().max(0.0), spend: search.plan, revenue, iterations })
    }
}

/// Expected revenue as a closed-form function of a constant plan, with its gradient.
struct Horizon<'m> {
    truth: &'m Truth,
    shown: &'m [f64],
    /// Per day: impressions per normal impression, their sum over earlier days, demand by channel.
    days: Vec<(f64, f64, Vec<f64>)>,
    /// `rates[day·ads + ad]`: would-be buyers per impression when unworn.
    rates: Vec<f64>,
}

impl<'m> Horizon<'m> {
    fn new(market: &'m Market, days: u32) -> Result<Self, MarketError> {
        let truth = &*market.truth;
        let mut horizon = Self { truth, shown: &market.shown, days: Vec::new(), rates: Vec::new() };
        let mut earlier = 0.0;
        for day in 0..days {
            let day = market.day.checked_add_unsigned(day).ok_or(MarketError::Calendar)?;
            let (demand, price) = truth.seasons(day)?;
            horizon.days.push((1.0 / price, earlier, demand));
            earlier += 1.0 / price;
            let rate = |ad| -> f64 { truth.age_effect(ad, day) * change(ad, day) };
            horizon.rates.extend(truth.ads.iter().map(|ad| ad.ctr * ad.cvr * rate(ad)));
        }
        Ok(horizon)
    }

    /// Marginal revenue of every ad at a plan.
    fn gradient(&self, plan: &[f64], tiny: f64, out: &mut Vec<f64>) {
        let fatigue = &self.truth.config.fatigue;
        let reach: Vec<(f64, f64)> = (self.truth.ads.iter().zip(plan))
            .map(|(ad, &x)| (ad.reach.value(x), ad.reach.derivative(x.max(tiny))))
            .collect();
        out.clear();
        out.resize(plan.len(), 0.0);
        let rates = self.rates.chunks_exact(plan.len().max(1));
        for ((per_reach, earlier, demand), rates) in self.days.iter().zip(rates) {
            for (channel, demand) in self.truth.channels.iter().zip(demand) {
                let ads = channel.ads.clone();
                let (Some(rates), Some(reach), Some(shown), Some(out), Some(truth)) = (
                    rates.get(ads.clone()),
                    reach.get(ads.clone()),
                    self.shown.get(ads.clone()),
                    out.get_mut(ads.clone()),
                    self.truth.ads.get(ads),
                ) else {
                    continue;
                };
                let raw: f64 = rates
                    .iter()
                    .zip(reach)
                    .zip(shown)
                    .map(|((rate, (j, _)), shown)| {
                        rate * per_reach * j * fatigue.by_impressions(shown + earlier * j)
                    })
                    .sum();
                let marginal = channel.pool.derivative(raw) * demand * per_reach;
                let each = rates.iter().zip(reach).zip(shown).zip(out).zip(truth);
                for ((((rate, (j, slope)), shown), out), ad) in each {
                    let buyers = rate * fatigue.marginal(*shown, *earlier, *j) * slope;
                    *out += marginal * buyers * ad.order_value;
                }
            }
        }
    }
}

/// Where the search stands.
struct Search<'h, 'm> {
    horizon: &'h Horizon<'m>,
    budget: f64,
    lower: &'h [f64],
    upper: &'h [f64],
    half: Vec<f64>,
    plan: Vec<f64>,
    gradient: Vec<f64>,
}

impl<'h, 'm> Search<'h, 'm> {
    fn new(horizon: &'h Horizon<'m>, budget: f64, lower: &'h [f64], upper: &'h [f64]) -> Self {
        let half = horizon
            .truth
            .ads
            .iter()
            .map(|ad| match ad.reach {
                campaign_core::Curve::Hill { half_saturation, .. } => half_saturation,
                _ => 1.0,
            })
            .collect();
        let fill = |level: f64| clamp_all(lower, upper, |_| level);
        let plan = fill(bisect(budget, budget, |level| fill(level).iter().sum()));
        let mut search = Self { horizon, budget, lower, upper, half, plan, gradient: Vec::new() };
        search.horizon.gradient(&search.plan, 1e-9 * budget, &mut search.gradient);
        search
    }

    /// Steps until the gap is closed; returns how many.
    fn run(&mut self) -> u32 {
        const LIMIT: u32 = 500;
        let tiny = 1e-9 * self.budget;
        let mut trial = Vec::new();
        for iteration in 0..LIMIT {
            let worth: f64 = dot(&self.gradient, &self.plan);
            if self.gap() <= 1e-8 * worth {
                return iteration;
            }
            let towards = self.equalised();
            let step: Vec<f64> = towards.iter().zip(&self.plan).map(|(to, x)| to - x).collect();
            // The slope along the segment falls from positive; find where it reaches 0.
            let (mut low, mut high) = (0.0, 1.0);
            let at = |t: f64| -> Vec<f64> {
                self.plan.iter().zip(&step).map(|(x, d)| (x + t * d).max(0.0)).collect()
            };
            self.horizon.gradient(&at(1.0), tiny, &mut trial);
            if dot(&trial, &step) < 0.0 {
                for _ in 0..30 {
                    let middle = 0.5 * (low + high);
                    self.horizon.gradient(&at(middle), tiny, &mut trial);
                    if dot(&trial, &step) > 0.0 { low = middle } else { high = middle }
                }
            } else {
                low = 1.0;
            }
            let next = at(low);
            if next == self.plan {
                return iteration;
            }
            self.plan = next;
            self.horizon.gradient(&self.plan, tiny, &mut self.gradient);
        }
        LIMIT
    }

    /// The plan at which ads with the present marginals, each falling like a Hill curve of shape 1,
    /// would have one marginal in common.
    fn equalised(&self) -> Vec<f64> {
        let each = |root: f64| -> Vec<f64> {
            clamp_all(self.lower, self.upper, |ad| {
                let get = |list: &[f64]| list.get(ad).copied().unwrap_or(0.0);
                let (half, x) = (get(&self.half), get(&self.plan));
                (half + x) * get(&self.gradient).sqrt() * root - half
            })
        };
        // `root` is 1/√λ: spend rises with it.
        let least =
            self.gradient.iter().copied().filter(|g| *g > 0.0).fold(f64::INFINITY, f64::min);
        if !least.is_finite() {
            return self.plan.clone();
        }
        let wide = self.half.iter().copied().fold(f64::INFINITY, f64::min);
        let top = (1.0 + self.budget / wide) / least.sqrt() * 2.0;
        each(bisect(top, self.budget, |root| each(root).iter().sum()))
    }

    /// What the best feasible plan would add if marginals stayed as they are.
    fn gap(&self) -> f64 {
        let mut order: Vec<usize> = (0..self.plan.len()).collect();
        let marginal = |ad: usize| self.gradient.get(ad).copied().unwrap_or(0.0);
        order.sort_by(|&a, &b| marginal(b).total_cmp(&marginal(a)));
        let mut left = self.budget - self.lower.iter().sum::<f64>();
        let mut best = dot(&self.gradient, self.lower);
        for ad in order {
            let room = self.upper.get(ad).zip(self.lower.get(ad)).map_or(0.0, |(u, l)| u - l);
            let add = room.min(left.max(0.0));
            best += add * marginal(ad);
            left -= add;
        }
        best - dot(&self.gradient, &self.plan)
    }
}

fn clamp_all(lower: &[f64], upper: &[f64], level: impl Fn(usize) -> f64) -> Vec<f64> {
    let bounds = lower.iter().zip(upper).enumerate();
    bounds.map(|(ad, (&low, &high))| level(ad).min(high).max(low)).collect()
}

/// The argument at which a rising function reaches a target.
fn bisect(top: f64, target: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, top);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if f(middle) < target { low = middle } else { high = middle }
    }
    high
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
