//! What the top of a ranking is worth.

use std::fmt;

use super::error::MetricError;
use super::metric::{Metric, check};
use super::outcomes::Outcomes;

/// One part of a [`LiftTable`], from the highest predictions down.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct LiftRow {
    /// Share of the weight in this part and those above.
    pub share: f64,
    /// Mean prediction in this part.
    pub predicted: f64,
    /// Mean target in this part.
    pub rate: f64,
    /// That mean over the mean of all.
    pub lift: f64,
    /// Share of all target in this part and those above.
    pub gain: f64,
    /// That share over the share of the weight.
    pub cumulative_lift: f64,
}

/// Targets by the rank of their predictions, in parts of equal weight.
///
/// Tied predictions that a boundary cuts are shared out, so that nothing depends on the order of
/// the rows.
///
/// # Examples
/// ```
/// use campaign_models::metrics::LiftTable;
/// let table = LiftTable::new(&[1.0, 0.0, 1.0, 0.0], &[0.9, 0.2, 0.6, 0.1], None, 2)?;
/// assert_eq!((table.rows[0].lift, table.rows[0].gain), (2.0, 1.0));
/// println!("{table}");
/// # Ok::<(), campaign_models::metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct LiftTable {
    /// The parts, highest predictions first.
    pub rows: Vec<LiftRow>,
    /// Mean target of all.
    pub rate: f64,
}

/// Sums of weight, weight × prediction and weight × target.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    w: f64,
    p: f64,
    y: f64,
}

impl Sums {
    fn add(&mut self, other: Self, share: f64) {
        self.w += share * other.w;
        self.p += share * other.p;
        self.y += share * other.y;
    }
}

impl LiftTable {
    /// Sorts by prediction and cuts into `parts` of equal weight (10 for deciles).
    ///
    /// # Errors
    /// [`MetricError`] for lengths that differ, a target or weight that is negative or not finite, a
    /// prediction that is not finite, no part, or no positive target.
    ///
    /// # Complexity
    /// `O(n ln n)`.
    pub fn new(
        target: &[f64],
        prediction: &[f64],
        weights: Option<&[f64]>,
        parts: usize,
    ) -> Result<Self, MetricError> {
        if parts == 0 {
            let expected = "at least 1";
            return Err(MetricError::Parameter { parameter: "parts", got: 0.0, expected });
        }
        check("target", target, (|v| v >= 0.0, "a finite number that is not negative"))?;
        let outcomes = Outcomes { weights, ..Outcomes::new(target) };
        let mut rows = Metric::Rmse.rows(&outcomes, prediction)?;
        rows.sort_by(|a, b| b.p.total_cmp(&a.p));
        let mut total = Sums::default();
        let ties: Vec<Sums> = rows
            .chunk_by(|a, b| a.p == b.p)
            .map(|tied| {
                let mut sums = Sums::default();
                for r in tied {
                    sums.add(Sums { w: r.w, p: r.w * r.p, y: r.w * r.y }, 1.0);
                }
                total.add(sums, 1.0);
                sums
            })
            .collect();
        if total.y <= 0.0 {
            return Err(MetricError::Missing { what: "a lift table", part: "a positive target" });
        }
        let mut table = Self { rows: Vec::with_capacity(parts), rate: total.y / total.w };
        let mut above = Sums::default();
        let mut part = Sums::default();
        let close = |part: &mut Sums, above: &mut Sums, table: &mut Self| {
            above.add(*part, 1.0);
            let (share, gain) = (above.w / total.w, above.y / total.y);
            let (predicted, rate) = (part.p / part.w, part.y / part.w);
            let (lift, cumulative_lift) = (rate / table.rate, gain / share);
            table.rows.push(LiftRow { share, predicted, rate, lift, gain, cumulative_lift });
            *part = Sums::default();
        };
        for tied in ties {
            let mut left = 1.0;
            while table.rows.len() + 1 < parts {
                let end = total.w * (table.rows.len() + 1) as f64 / parts as f64;
                let room = end - above.w - part.w;
                if tied.w * left < room {
                    break;
                }
                let taken = (room / tied.w).clamp(0.0, left);
                part.add(tied, taken);
                left -= taken;
                close(&mut part, &mut above, &mut table);
            }
            part.add(tied, left);
        }
        close(&mut part, &mut above, &mut table);
        Ok(table)
    }
}

impl fmt::Display for LiftTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  top  predicted      rate   lift   gain  lift so far")?;
        for row in &self.rows {
            let LiftRow { share, predicted, rate, lift, gain, cumulative_lift } = row;
            let (share, gain) = (100.0 * share, 100.0 * gain);
            write!(f, "{share:>4.0}%  {predicted:>9.4}  {rate:>8.4}  {lift:>5.2}  {gain:>4.0}%")?;
            writeln!(f, "  {cumulative_lift:>11.2}")?;
        }
        Ok(())
    }
}
