//! Newton's method over penalised quadratics.

use std::sync::Arc;

use campaign_core::Dataset;

use super::config::LinearConfig;
use super::design::{Coding, Design};
use super::error::LinearError;
use super::family::Family;
use super::gram::Quadratic;
use super::model::{Effect, LinearModel};
use super::{cholesky, descent};

/// Sweeps over the coordinates for one Newton step.
const SWEEPS: f64 = 100_000.0;

/// A step is halved at most so often.
const HALVINGS: usize = 40;

/// The rows with a positive weight; weights add up to 1.
struct Rows {
    index: Vec<usize>,
    targets: Vec<f64>,
    weights: Vec<f64>,
    offsets: Vec<f64>,
}

impl Rows {
    fn new(data: &Dataset, family: Family) -> Result<Self, LinearError> {
        let all = data.target().ok_or(LinearError::NoTarget)?;
        let weight = |row: usize| data.weights().map_or(1.0, |weights| weights[row]);
        let index: Vec<usize> = (0..all.len()).filter(|row| weight(*row) > 0.0).collect();
        let Some(first) = index.first().map(|row| all[*row]) else {
            return Err(LinearError::NoRows);
        };
        let total: f64 = index.iter().map(|row| weight(*row)).sum();
        if !total.is_finite() {
            return Err(LinearError::NonFinite);
        }
        for &row in &index {
            if let Some(expected) = family.refuses(all[row]) {
                return Err(LinearError::Target { row, value: all[row], expected });
            }
        }
        if index.iter().all(|row| all[*row] == first) {
            return Err(LinearError::ConstantTarget(first));
        }
        let offset = |row: &usize| data.offset().map_or(0.0, |offsets| offsets[*row]);
        Ok(Self {
            targets: index.iter().map(|row| all[*row]).collect(),
            weights: index.iter().map(|row| weight(*row) / total).collect(),
            offsets: index.iter().map(offset).collect(),
            index,
        })
    }

    fn mean(&self, of: &[f64]) -> f64 {
        of.iter().zip(&self.weights).map(|(x, w)| x * w).sum()
    }
}

/// Where the search stands.
struct State {
    intercept: f64,
    /// Of the standardised terms.
    coefficients: Vec<f64>,
    scores: Vec<f64>,
    /// Mean loss and penalty.
    value: f64,
}

impl LinearConfig {
    /// Fits a model to the rows with a positive weight. An offset is added to the scores.
    ///
    /// # Errors
    /// [`LinearError`]: a parameter or target outside its range, no rows, targets all alike, more than
    /// 4,096 columns and levels; without a penalty, columns that determine each other or part the
    /// targets perfectly; and no convergence.
    ///
    /// # Complexity
    /// Per iteration, rows times the square of the numbers in a row that are not zero, and the cube of
    /// the columns and levels (with `l1`, their square per sweep).
    ///
    /// # Source
    /// Ridge by Cholesky's factorisation, other families by Newton's method (iteratively reweighted
    /// least squares) with halved steps; `l1` by coordinate descent: Friedman, Hastie and Tibshirani
    /// (2010), sections 2 and 3.
    pub fn fit(&self, data: &Dataset) -> Result<LinearModel, LinearError> {
        self.check()?;
        let rows = Rows::new(data, self.family)?;
        let leave_first = self.l1 == 0.0 && self.l2 == 0.0;
        let design = Design::new(data, &rows.index, &rows.weights, leave_first)?;
        let start = self.family.score(rows.mean(&rows.targets)) - rows.mean(&rows.offsets);
        let mut state = self.state(&design, &rows, start, vec![0.0; design.n_terms()]);
        for iteration in 0..self.max_iterations {
            let (step, intercept_step) = self.step(&design, &rows, &state, iteration, data)?;
            let (next, share) = self.search(&design, &rows, &state, &step, intercept_step);
            let largest = |of: &[f64]| of.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
            let moved = largest(&step).max(intercept_step.abs());
            let size = 1.0 + largest(&state.coefficients).max(state.intercept.abs());
            let Some(next) = next else {
                // Nothing below: the bottom, if the step is as small as rounding makes it.
                return if moved <= self.tolerance.sqrt() * size {
                    self.finish(data, &design, &state)
                } else {
                    Err(LinearError::NotConverged { iterations: iteration + 1 })
                };
            };
            state = next;
            if leave_first && self.parts_perfectly(&state, &rows) {
                return Err(LinearError::Separated);
            }
            if share * moved <= self.tolerance * size {
                return self.finish(data, &design, &state);
            }
        }
        Err(LinearError::NotConverged { iterations: self.max_iterations })
    }

    fn state(&self, design: &Design, rows: &Rows, intercept: f64, coefficients: Vec<f64>) -> State {
        let scaled: Vec<f64> =
            coefficients.iter().zip(&design.scales).map(|(b, scale)| b / scale).collect();
        let score = |((quantities, indicators), offset): ((&[f64], &[u32]), &f64)| {
            let sum: f64 = quantities.iter().zip(&scaled).map(|(x, b)| x * b).sum();
            let ones: f64 = indicators.iter().map(|term| scaled[*term as usize]).sum();
            offset + intercept + sum + ones
        };
        let scores: Vec<f64> = design.rows().zip(&rows.offsets).map(score).collect();
        let losses = scores.iter().zip(&rows.targets).zip(&rows.weights);
        let loss: f64 = losses.map(|((s, y), w)| w * self.family.loss(*s, *y)[0]).sum();
        let penalty = |b: &f64| self.l1 * b.abs() + 0.5 * self.l2 * b * b;
        let value = loss + coefficients.iter().map(penalty).sum::<f64>();
        State { intercept, coefficients, scores, value }
    }

    /// Newton's step of the coefficients and of the intercept.
    fn step(
        &self,
        design: &Design,
        rows: &Rows,
        state: &State,
        iteration: usize,
        data: &Dataset,
    ) -> Result<(Vec<f64>, f64), LinearError> {
        let derivatives = state.scores.iter().zip(&rows.targets).zip(&rows.weights);
        let (first, second): (Vec<f64>, Vec<f64>) = derivatives
            .map(|((s, y), w)| {
                let [_, first, second] = self.family.loss(*s, *y);
                (w * first, w * second)
            })
            .unzip();
        let Some(mut quadratic) = Quadratic::new(design, &first, &second) else {
            return Err(if iteration == 0 {
                LinearError::NonFinite
            } else {
                LinearError::Separated
            });
        };
        let n = design.n_terms();
        let mut step: Vec<f64>;
        if self.l1 > 0.0 {
            let mut slope: Vec<f64> = quadratic.gradient.iter().map(|g| -g).collect();
            if n > 0 {
                for (slope, row) in slope.iter_mut().zip(quadratic.curvature.chunks_exact(n)) {
                    *slope += row.iter().zip(&state.coefficients).map(|(a, b)| a * b).sum::<f64>();
                }
            }
            let mut new = state.coefficients.clone();
            let stop = [0.01 * self.tolerance, SWEEPS];
            let penalties = [self.l1, self.l2];
            if !descent::minimise(&quadratic.curvature, &slope, penalties, stop, &mut new) {
                return Err(LinearError::NotConverged { iterations: iteration + 1 });
            }
            step = new.iter().zip(&state.coefficients).map(|(new, old)| new - old).collect();
        } else {
            let slopes = quadratic.gradient.iter().zip(&state.coefficients);
            step = slopes.map(|(g, b)| -g - self.l2 * b).collect();
            for j in 0..n {
                quadratic.curvature[j * n + j] += self.l2;
                quadratic.sizes[j] += self.l2;
            }
            let Quadratic { curvature, sizes, .. } = &mut quadratic;
            cholesky::solve(curvature, &mut step, sizes).map_err(|term| {
                if iteration == 0 {
                    let term: Arc<str> = design.name(term, data.columns());
                    LinearError::Collinear { term }
                } else {
                    // Columns that were independent have lost their weight.
                    LinearError::Separated
                }
            })?;
        }
        let intercept_step = quadratic.intercept_step(&step);
        Ok((step, intercept_step))
    }

    /// The first of the step, its half, its quarter, ... that does not increase the value.
    fn search(
        &self,
        design: &Design,
        rows: &Rows,
        state: &State,
        step: &[f64],
        intercept_step: f64,
    ) -> (Option<State>, f64) {
        let mut share = 1.0;
        for _ in 0..HALVINGS {
            let moved = |(b, step): (&f64, &f64)| b + share * step;
            let coefficients = state.coefficients.iter().zip(step).map(moved).collect();
            let intercept = state.intercept + share * intercept_step;
            let next = self.state(design, rows, intercept, coefficients);
            if next.value <= state.value + 1e-14 * state.value.abs() {
                return (Some(next), share);
            }
            share *= 0.5;
        }
        (None, share)
    }

    /// Is every target of an unpenalised logistic regression on its side of the boundary?
    fn parts_perfectly(&self, state: &State, rows: &Rows) -> bool {
        self.family == Family::Binomial
            && state.scores.iter().zip(&rows.targets).all(|(score, target)| {
                (*target == 1.0 && *score > 0.0) || (*target == 0.0 && *score < 0.0)
            })
    }

    fn finish(
        &self,
        data: &Dataset,
        design: &Design,
        state: &State,
    ) -> Result<LinearModel, LinearError> {
        let of =
            |term: &Option<usize>| term.map_or(0.0, |t| state.coefficients[t] / design.scales[t]);
        let share = |term: &Option<usize>| term.map_or(0.0, |t| design.shares[t]);
        let effect = |coding: &Coding| match coding {
            Coding::Quantity { mean, deviation, term, missing } => {
                Effect::Quantity { mean: *mean, slope: of(term) / deviation, missing: of(missing) }
            }
            Coding::Levels { terms, seen, missing, missing_seen } => {
                let average =
                    terms.iter().chain([missing]).map(|term| share(term) * of(term)).sum();
                let level = |(term, seen)| if seen { of(term) } else { average };
                Effect::Levels {
                    levels: terms.iter().zip(seen.iter().copied()).map(level).collect(),
                    missing: if *missing_seen { of(missing) } else { average },
                    unseen: average,
                }
            }
        };
        let effects: Vec<Effect> = design.codings.iter().map(effect).collect();
        LinearModel::new(self.family, data.columns().to_vec(), state.intercept, effects)
            .ok_or(LinearError::NonFinite)
    }
}
