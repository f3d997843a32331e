//! The ratio estimator.

use std::collections::BTreeMap;

use super::curve::{DelayCurve, DelayError, Share};

/// Microseconds of a day of 24 hours.
const DAY: i64 = 86_400_000_000;

/// A version of a fact: what a day's value was said to be, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Version {
    /// Which fact; later versions of it replace earlier ones.
    pub fact: u64,
    /// When its day began, in microseconds since 1970 (UTC).
    pub began: i64,
    /// When this version became known, in microseconds since 1970 (UTC).
    pub known_at: i64,
    /// Its value in an exact unit (a count, micros).
    pub value: i64,
}

/// How a delay curve is learned.
///
/// The age of a version is the time since its day began; a day's value at age a is the sum over its
/// facts of the latest version known by `began + a · 24 h` (0 for a fact not known yet), so that age 1
/// is the end of the day. Only days that had the age of maturity A at the cut-off are used, and of them
/// only versions known by the cut-off and by age A. The share is
///
/// c(a) = Σ v_d(a) / Σ v_d(A), over days d.
///
/// Where restatements take values back, c may fall or exceed 1: it is replaced by the nearest curve
/// that never falls (pool adjacent violators; the weights are equal, all ages have one denominator),
/// held within 0 to 1. The interval is c ± t √Var, with Var = n / (n − 1) Σ (v_d(a) − c v_d(A))² /
/// (Σ v_d(A))², t of n − 1 degrees of freedom, and days as the unit that varies: facts of a day are
/// not independent; a day without any version by age A is not counted. Its ends are made monotone and held within 0 to 1 in the same way. It says how
/// well the average share is known, not how much a single day varies.
///
/// Learn one curve per platform: versions of different platforms are kept apart by the caller, or by
/// [`fit_by`](Self::fit_by).
///
/// # Source
/// Ratio estimator and its variance: Cochran (1977), "Sampling Techniques", eq. (6.13). Monotone fit:
/// Ayer et al. (1955). t quantile: Abramowitz and Stegun (1964), 26.7.5.
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::delay::{DelayFit, Version};
/// let day = 86_400_000_000;
/// // Each day 60 of 100 conversions are known when it ends, all a day later.
/// let versions: Vec<Version> = (0..30)
///     .flat_map(|d| [(1, 60), (2, 100)].map(|(age, value)| Version {
///         fact: d as u64, began: d * day, known_at: (d + age) * day, value,
///     }))
///     .collect();
/// let curve = DelayFit::new(7).fit(&versions, 40 * day)?;
/// assert_eq!(curve.share(1).share, 0.6);
/// assert_eq!(curve.mature(30.0, 1, 0.5)?, 50.0);
/// assert!(curve.mature(0.0, 0, 0.5).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct DelayFit {
    /// A: the age in days at which a value counts as matured.
    pub maturity: u16,
    /// How many mature days are needed; at least 2.
    pub days: usize,
}

impl DelayFit {
    /// Values mature at this age in days; 14 mature days are needed.
    #[must_use]
    pub const fn new(maturity: u16) -> Self {
        Self { maturity, days: 14 }
    }

    /// How many mature days are needed.
    #[must_use]
    pub const fn with_days(mut self, days: usize) -> Self {
        self.days = days;
        self
    }

    /// The curve that can be known at an instant (microseconds since 1970, UTC).
    ///
    /// # Errors
    /// [`DelayError`]: a parameter, contradicting versions (of those seen), too few mature days, or days
    /// that come to nothing.
    ///
    /// # Complexity
    /// O(n log n + d · A) for n versions and d days.
    pub fn fit(&self, versions: &[Version], as_of: i64) -> Result<DelayCurve, DelayError> {
        let maturity = usize::from(self.maturity);
        let check = |name, value: usize, least: usize, expected| {
            if value >= least {
                Ok(())
            } else {
                Err(DelayError::Parameter { name, value: value as f64, expected })
            }
        };
        check("maturity", maturity, 1, "1 or more")?;
        check("days", self.days, 2, "2 or more")?;
        let ages = maturity + 1;
        let days = self.totals(versions, as_of)?;
        if days.len() < self.days {
            return Err(DelayError::TooFew { got: days.len(), needed: self.days });
        }
        let at = |day: &[i128], age: usize| day.get(age).copied().unwrap_or(0) as f64;
        let total: f64 = days.values().map(|day| at(day, maturity)).sum();
        if total <= 0.0 {
            return Err(DelayError::Nothing(total));
        }
        let n = days.len() as f64;
        let t = t_975(n - 1.0);
        let (mut share, mut low, mut high) = (vec![1.0; ages], vec![1.0; ages], vec![1.0; ages]);
        for age in 0..maturity {
            let c = days.values().map(|day| at(day, age)).sum::<f64>() / total;
            let residual = |day: &Vec<i128>| (at(day, age) - c * at(day, maturity)).powi(2);
            let squares: f64 = days.values().map(residual).sum();
            let half = t * (n / (n - 1.0) * squares).sqrt() / total;
            for (curve, value) in [(&mut share, c), (&mut low, c - half), (&mut high, c + half)] {
                if let Some(slot) = curve.get_mut(age) {
                    *slot = value;
                }
            }
        }
        for curve in [&mut share, &mut low, &mut high] {
            monotone(curve);
        }
        let shares = share.iter().zip(&low).zip(&high);
        let shares = shares.map(|((&share, &low), &high)| Share { share, low, high }).collect();
        Ok(DelayCurve { shares, days: days.len(), as_of })
    }

    /// One curve per name (a platform), in the order of the names; a name without enough to learn from
    /// has its error.
    pub fn fit_by<'n>(
        &self,
        versions: impl IntoIterator<Item = (&'n str, Version)>,
        as_of: i64,
    ) -> BTreeMap<&'n str, Result<DelayCurve, DelayError>> {
        let mut by_name: BTreeMap<&str, Vec<Version>> = BTreeMap::new();
        for (name, version) in versions {
            by_name.entry(name).or_default().push(version);
        }
        by_name.into_iter().map(|(name, versions)| (name, self.fit(&versions, as_of))).collect()
    }

    /// Each mature day's value by age.
    fn totals(
        &self,
        versions: &[Version],
        as_of: i64,
    ) -> Result<BTreeMap<i64, Vec<i128>>, DelayError> {
        let span = i64::from(self.maturity) * DAY;
        let mature = |version: &Version| {
            version
                .began
                .checked_add(span)
                .is_some_and(|end| end <= as_of && version.known_at <= end)
        };
        let mut seen: Vec<(usize, &Version)> =
            versions.iter().enumerate().filter(|(_, version)| mature(version)).collect();
        seen.sort_by_key(|(at, version)| (version.fact, version.known_at, *at));
        let mut days: BTreeMap<i64, Vec<i128>> = BTreeMap::new();
        let mut before: Option<(usize, &Version)> = None;
        for (at, version) in seen {
            let earlier = before.filter(|(_, earlier)| earlier.fact == version.fact);
            if let Some((first, earlier)) = earlier {
                let tie = earlier.known_at == version.known_at && earlier.value != version.value;
                if tie || earlier.began != version.began {
                    let fact = version.fact;
                    return Err(DelayError::Contradiction { fact, first, second: at });
                }
            }
            before = Some((at, version));
            let change =
                i128::from(version.value) - i128::from(earlier.map_or(0, |(_, old)| old.value));
            // The first age a whose instant, began + a days, is not before the version's.
            let elapsed = i128::from(version.known_at) - i128::from(version.began);
            let whole = elapsed.div_euclid(i128::from(DAY));
            let up = i128::from(elapsed.rem_euclid(i128::from(DAY)) > 0);
            let age = usize::try_from(whole + up).unwrap_or(0);
            let ages = usize::from(self.maturity) + 1;
            let day = days.entry(version.began).or_insert_with(|| vec![0; ages]);
            for total in day.iter_mut().skip(age) {
                *total += change;
            }
        }
        Ok(days)
    }
}

/// The nearest sequence, in squares, that never falls; then held within 0 to 1.
pub(super) fn monotone(values: &mut [f64]) {
    let mut blocks: Vec<(f64, usize)> = Vec::with_capacity(values.len());
    // The last value is 1 by definition, so it takes no part in the pooling.
    let Some((_, pooled)) = values.split_last_mut() else { return };
    for &value in pooled.iter() {
        blocks.push((value, 1));
        while let [.., (a, m), (b, n)] = blocks[..]
            && a / m as f64 > b / n as f64
        {
            blocks.truncate(blocks.len() - 2);
            blocks.push((a + b, m + n));
        }
    }
    let fitted = blocks.iter().flat_map(|&(sum, n)| core::iter::repeat_n(sum / n as f64, n));
    for (slot, value) in pooled.iter_mut().zip(fitted) {
        *slot = value.clamp(0.0, 1.0);
    }
}

/// The 97.5 % quantile of Student's t.
pub(super) fn t_975(degrees: f64) -> f64 {
    // The expansion in 1 / degrees is off by more than 1 % below 5.
    const FEW: [f64; 5] = [12.706_205, 4.302_653, 3.182_446, 2.776_445, 2.570_582];
    if let Some(&few) = FEW.get((degrees as usize).wrapping_sub(1)) {
        return few;
    }
    let z = 1.959_963_984_540_054_f64;
    let (z3, z5, z7, z9) = (z.powi(3), z.powi(5), z.powi(7), z.powi(9));
    let terms = [
        z,
        (z3 + z) / 4.0,
        (5.0 * z5 + 16.0 * z3 + 3.0 * z) / 96.0,
        (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / 384.0,
        (79.0 * z9 + 776.0 * z7 + 1482.0 * z5 - 1920.0 * z3 - 945.0 * z) / 92_160.0,
    ];
    terms.iter().rev().fold(0.0, |sum, term| sum / degrees + term)
}
