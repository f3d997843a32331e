//! Predictions that say how sure they are.

use ndarray::Array2;

use crate::error::{Error, Result, check_finite, check_length};

/// One predicted distribution per row: what models give and allocators take.
///
/// # Examples
/// ```
/// use campaign_core::{PredictiveDistribution, ndarray::array};
/// let roas = PredictiveDistribution::quantiles(vec![0.05, 0.5, 0.95], array![[1.0, 2.0, 4.0]])?;
/// assert_eq!(roas.quantile(0, 0.5), Some(2.0));
/// assert_eq!(roas.interval(0, 0.9), Some((1.0, 4.0)));
/// # Ok::<(), campaign_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PredictiveDistribution(Form);

#[derive(Debug, Clone, PartialEq)]
enum Form {
    Quantiles { levels: Vec<f64>, values: Array2<f64> },
    Draws(Array2<f64>),
}

impl PredictiveDistribution {
    /// From predicted quantiles, linear in between.
    ///
    /// # Shapes
    /// `levels` strictly ascending in `(0, 1)`; `values` is `(rows, levels)`, each row ascending.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NonFinite`] or [`Error::OutOfRange`]: crossing quantiles are
    /// refused, not sorted.
    pub fn quantiles(levels: Vec<f64>, values: Array2<f64>) -> Result<Self> {
        check_length("columns of values", values.ncols(), levels.len())?;
        ascending("levels", &levels, f64::MIN_POSITIVE, true)?;
        if let Some((index, &value)) = levels.iter().enumerate().find(|(_, l)| **l >= 1.0) {
            return Err(Error::OutOfRange { what: "levels", index, value, low: 0.0, high: 1.0 });
        }
        for row in values.rows() {
            ascending("values", &row.to_vec(), f64::MIN, false)?;
        }
        Ok(Self(Form::Quantiles { levels, values }))
    }

    /// From draws of a posterior or a bootstrap.
    ///
    /// # Shapes
    /// `draws` is `(rows, draws)` with at least one draw.
    ///
    /// # Errors
    /// [`Error::Length`] without draws, [`Error::NonFinite`] for a draw that is no number.
    pub fn draws(mut draws: Array2<f64>) -> Result<Self> {
        if draws.ncols() == 0 {
            return Err(Error::Length { what: "columns of draws", got: 0, expected: 1 });
        }
        for mut row in draws.rows_mut() {
            let mut sorted = row.to_vec();
            check_finite("draws", &sorted)?;
            sorted.sort_unstable_by(f64::total_cmp);
            row.iter_mut().zip(sorted).for_each(|(to, from)| *to = from);
        }
        Ok(Self(Form::Draws(draws)))
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        match &self.0 {
            Form::Quantiles { values, .. } => values.nrows(),
            Form::Draws(draws) => draws.nrows(),
        }
    }

    /// The quantile of a row at a level.
    ///
    /// Between known quantiles it is linear (for draws: the empirical quantile of type 7). Beyond the
    /// outermost predicted quantile nothing is known, and the answer is `None`, as it is for a row or
    /// level that does not exist.
    #[must_use]
    pub fn quantile(&self, row: usize, level: f64) -> Option<f64> {
        if row >= self.n_rows() || !(0.0..=1.0).contains(&level) {
            return None;
        }
        match &self.0 {
            Form::Quantiles { levels, values } => {
                let right = levels.iter().position(|&l| l >= level)?;
                if levels[right] == level {
                    return Some(values[[row, right]]);
                }
                let left = right.checked_sub(1)?;
                let share = (level - levels[left]) / (levels[right] - levels[left]);
                Some(lerp(values[[row, left]], values[[row, right]], share))
            }
            Form::Draws(draws) => {
                let position = level * (draws.ncols() - 1) as f64;
                let left = position.floor() as usize;
                let right = position.ceil() as usize;
                Some(lerp(draws[[row, left]], draws[[row, right]], position - left as f64))
            }
        }
    }

    /// The central interval that holds a share `coverage` of a row's distribution.
    #[must_use]
    pub fn interval(&self, row: usize, coverage: f64) -> Option<(f64, f64)> {
        // Rounded, so that (1 - 0.9) / 2 meets a stored level of 0.05.
        let tail = ((1.0 - coverage) / 2.0 * 1e12).round() / 1e12;
        Some((self.quantile(row, tail)?, self.quantile(row, 1.0 - tail)?))
    }
}

fn lerp(a: f64, b: f64, share: f64) -> f64 {
    if a == b { a } else { a + (b - a) * share }
}

fn ascending(what: &'static str, values: &[f64], low: f64, strict: bool) -> Result<()> {
    check_finite(what, values)?;
    let mut previous = low;
    for (index, &value) in values.iter().enumerate() {
        if value < previous || (strict && index > 0 && value == previous) {
            let high = f64::MAX;
            return Err(Error::OutOfRange { what, index, value, low: previous, high });
        }
        previous = value;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn draws_give_type_7_quantiles() {
        // R: quantile(c(3, 1, 2, 10), c(0.1, 0.5, 0.9), type = 7) = 1.3, 2.5, 7.9
        let d = PredictiveDistribution::draws(array![[3.0, 1.0, 2.0, 10.0]]).unwrap();
        for (level, expected) in [(0.0, 1.0), (0.1, 1.3), (0.5, 2.5), (0.9, 7.9), (1.0, 10.0)] {
            let got = d.quantile(0, level).unwrap();
            assert!((got - expected).abs() < 1e-12, "{level}: {got}");
        }
        assert_eq!(d.quantile(1, 0.5), None);
        assert_eq!(d.quantile(0, 1.5), None);
    }

    #[test]
    fn quantiles_do_not_extrapolate() {
        let q = PredictiveDistribution::quantiles(vec![0.1, 0.9], array![[0.0, 8.0]]).unwrap();
        assert_eq!(q.quantile(0, 0.5), Some(4.0));
        assert_eq!(q.quantile(0, 0.05), None);
        assert_eq!(q.interval(0, 0.8), Some((0.0, 8.0)));
        assert_eq!(q.interval(0, 0.95), None);
    }

    #[test]
    fn crossing_or_malformed_input_is_refused() {
        let new = PredictiveDistribution::quantiles;
        assert!(new(vec![0.1, 0.9], array![[2.0, 1.0]]).is_err());
        assert!(new(vec![0.9, 0.1], array![[1.0, 2.0]]).is_err());
        assert!(new(vec![0.5, 0.5], array![[1.0, 2.0]]).is_err());
        assert!(new(vec![0.5, 1.0], array![[1.0, 2.0]]).is_err());
        assert!(new(vec![0.5], array![[1.0, 2.0]]).is_err());
        assert!(new(vec![0.5], array![[f64::NAN]]).is_err());
        assert!(PredictiveDistribution::draws(Array2::zeros((3, 0))).is_err());
    }
}
