//! The target, as the checks see it.

use crate::metrics::Metric;

use super::statistics::{auc_error, determination_error, midranks};

/// The target, as the checks see it.
pub(super) struct Outcome {
    /// 0 or 1 for two classes, ranks between 0 and 1 for amounts.
    pub(super) y: Vec<f64>,
    /// Whether there are two classes.
    pub(super) binary: bool,
    /// The rarer class, or amounts other than the one that a tenth of the rows have (most often 0).
    /// `None` without such an amount.
    pub(super) event: Option<Event>,
}

/// Rows of one kind of outcome.
pub(super) struct Event {
    /// Which rows.
    pub(super) rows: Vec<bool>,
    /// Their target, in words.
    pub(super) name: String,
}

/// How well something predicts, and how much less it may truly be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skill {
    /// AUC, or `R²` of ranks.
    pub(super) value: f64,
    /// Its standard error.
    pub(super) error: f64,
}

impl Skill {
    /// Four standard errors below.
    pub(super) fn low(self) -> f64 {
        self.value - 4.0 * self.error
    }
}

impl Outcome {
    pub(super) fn new(target: &[f64]) -> Self {
        let two = target.iter().all(|y| *y == 0.0 || *y == 1.0);
        let usual = usual(target, if two { 0.5 } else { 0.1 });
        let event = usual.map(|usual| Event {
            rows: target.iter().map(|y| *y != usual).collect(),
            name: if two {
                format!("target {}", 1.0 - usual)
            } else {
                format!("a target other than {usual}")
            },
        });
        Self { y: if two { target.to_vec() } else { midranks(target) }, binary: two, event }
    }

    /// AUC for two classes, `R²` of ranks for amounts; `None` where there is too little to say.
    pub(super) fn skill(&self, prediction: &[f64]) -> Option<Skill> {
        let rows = self.y.len() as f64;
        if self.binary {
            let positives: f64 = self.y.iter().sum();
            let negatives = rows - positives;
            if positives.min(negatives) < 10.0 {
                return None;
            }
            let value = Metric::Auc.evaluate(&self.y, prediction, None).ok()?;
            return Some(Skill { value, error: auc_error(value, positives, negatives) });
        }
        let mean = self.y.iter().sum::<f64>() / rows;
        let squares: f64 = self.y.iter().map(|y| (y - mean) * (y - mean)).sum();
        if rows < 20.0 || squares <= 0.0 {
            return None;
        }
        let left: f64 = self.y.iter().zip(prediction).map(|(y, p)| (y - p) * (y - p)).sum();
        let value = 1.0 - left / squares;
        Some(Skill { value, error: determination_error(value, rows) })
    }
}

/// The most frequent value, the smallest of several, if it has at least that share of the entries that
/// are not missing and not all of them.
pub(super) fn usual(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let (mut most, mut value) = (0, None);
    for same in sorted.chunk_by(|a, b| a == b) {
        if same.len() > most {
            (most, value) = (same.len(), same.first().copied());
        }
    }
    let (count, all) = (most as f64, sorted.len() as f64);
    value.filter(|_| count >= share * all && count < all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_has_its_share() {
        assert_eq!(usual(&[0.0, 1.0, 0.0], 0.5), Some(0.0));
        assert_eq!(usual(&[0.0, 1.0, 0.0, 2.0], 0.5), Some(0.0));
        assert_eq!(usual(&[5.0, f64::NAN, f64::NAN, 5.0, 1.0], 0.5), Some(5.0));
        assert_eq!(usual(&[0.0, 1.0, 2.0], 0.5), None);
        assert_eq!(usual(&[3.0, 1.0, 2.0, 3.0], 0.3), Some(3.0));
        assert_eq!(usual(&[1.0, 1.0], 0.5), None);
        assert_eq!(usual(&[], 0.5), None);
    }

    #[test]
    fn the_rarer_class_is_the_event() {
        let mostly = Outcome::new(&[1.0, 1.0, 0.0]);
        let event = mostly.event.unwrap();
        assert_eq!((event.rows, &event.name[..]), (vec![false, false, true], "target 0"));
        let amounts = Outcome::new(&[0.0, 1.5, 3.5, 0.0]);
        let event = amounts.event.unwrap();
        assert_eq!(event.rows, [false, true, true, false]);
        assert_eq!(event.name, "a target other than 0");
        assert!(!amounts.binary && mostly.binary);
        assert!(Outcome::new(&(0..20).map(f64::from).collect::<Vec<_>>()).event.is_none());
    }
}
