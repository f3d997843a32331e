//! The last step: Nelder-Mead around the best trial.

use std::cell::{Cell, RefCell};
use std::fmt::Display;

use argmin::core::{CostFunction, Error, Executor};
use argmin::solver::neldermead::NelderMead;
use campaign_core::rand::Rng;

use super::error::TuneError;
use super::point::Point;
use super::space::{Axis, Range};
use super::study::Study;

/// A point near the best trial, and its value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Polished {
    /// Where: the best trial's point if nothing better was found.
    pub point: Point,
    /// What.
    pub value: f64,
    /// How often was measured.
    pub evaluations: usize,
}

/// The part of the space that moves, as a cube from 0 to 1.
struct Cube<'s, F> {
    study: &'s Study,
    /// Coordinates of the best trial.
    centre: Vec<f64>,
    /// The parameters that move.
    moving: Vec<usize>,
    trial: usize,
    measure: F,
    left: Cell<usize>,
    best: RefCell<(f64, Point)>,
}

impl<F> Cube<'_, F> {
    fn ends(&self, parameter: usize) -> (f64, f64) {
        match self.study.space.parameters()[parameter].1.axis() {
            Axis::Line { low, high } => (low, high),
            Axis::Names(_) => (0.0, 1.0),
        }
    }

    /// The point at a place, or at the nearest place in the cube.
    fn point(&self, at: &[f64]) -> Point {
        let mut coordinates = self.centre.clone();
        for (&parameter, share) in self.moving.iter().zip(at) {
            let (low, high) = self.ends(parameter);
            coordinates[parameter] = low + (high - low) * share.clamp(0.0, 1.0);
        }
        self.study.space.point(&coordinates)
    }
}

impl<E: Display, F: Fn(&Point, f64, &mut dyn Rng) -> Result<f64, E>> CostFunction for Cube<'_, F> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, at: &Vec<f64>) -> Result<f64, Error> {
        // What a failed or unaffordable measurement counts as: worse than any, and finite.
        let worst = f64::MAX.sqrt();
        let Some(left) = self.left.get().checked_sub(1) else { return Ok(worst) };
        self.left.set(left);
        let point = self.point(at);
        // The best trial's own generator, so that both are measured with the same luck.
        let mut rng = self.study.generator(self.trial, 1);
        let value = (self.measure)(&point, 1.0, &mut rng).unwrap_or(f64::NAN);
        if !value.is_finite() {
            return Ok(worst);
        }
        if value < self.best.borrow().0 {
            self.best.replace((value, point));
        }
        Ok(value)
    }
}

impl Study {
    /// Measures at most `evaluations` points around the best trial by Nelder & Mead's simplex, moving
    /// the parameters that are any number of a range; whole numbers and choices stay.
    ///
    /// The study is left as it is. The search is over the same data as the trials, so a value here is as
    /// optimistic as theirs.
    ///
    /// # Errors
    /// [`TuneError::NoTrials`] without a best trial, [`TuneError::NothingToMove`] if every parameter is
    /// a whole number or a choice.
    ///
    /// # Source
    /// Nelder & Mead 1965, as in the crate `argmin`.
    pub fn polish<E: Display>(
        &self,
        evaluations: usize,
        measure: impl Fn(&Point, f64, &mut dyn Rng) -> Result<f64, E>,
    ) -> Result<Polished, TuneError> {
        let best = self.best().ok_or(TuneError::NoTrials)?;
        let value = best.value().ok_or(TuneError::NoTrials)?;
        let trial = self.trials.iter().position(|t| std::ptr::eq(t, best)).unwrap_or_default();
        let continuous = |r: &Range| matches!(r, Range::Uniform { .. } | Range::LogUniform { .. });
        let parameters = self.space.parameters().iter().enumerate();
        let moving: Vec<usize> =
            parameters.filter(|(_, p)| continuous(&p.1)).map(|p| p.0).collect();
        if moving.is_empty() {
            return Err(TuneError::NothingToMove);
        }
        let cube = Cube {
            study: self,
            centre: self.space.coordinates(&best.point)?,
            moving,
            trial,
            measure,
            left: Cell::new(evaluations),
            best: RefCell::new((value, best.point.clone())),
        };
        let share = |&parameter: &usize| {
            let (low, high) = cube.ends(parameter);
            (cube.centre[parameter] - low) / (high - low)
        };
        let centre: Vec<f64> = cube.moving.iter().map(share).collect();
        let mut simplex = vec![centre.clone()];
        for axis in 0..centre.len() {
            let mut corner = centre.clone();
            // A twentieth of the range, towards the side with more room.
            corner[axis] += if corner[axis] < 0.5 { 0.05 } else { -0.05 };
            simplex.push(corner);
        }
        // Every step measures at least once until nothing is left.
        let failed = |error: Error| TuneError::Evaluation(error.to_string());
        let solver = NelderMead::new(simplex).with_sd_tolerance(1e-12).map_err(failed)?;
        let run = Executor::new(cube, solver).configure(|s| s.max_iters(evaluations as u64));
        let mut result = run.ctrlc(false).run().map_err(failed)?;
        let cube = result.problem.take_problem();
        let cube = cube.ok_or_else(|| TuneError::Evaluation("the solver kept it".into()))?;
        let evaluations = evaluations - cube.left.get();
        let (value, point) = cube.best.into_inner();
        Ok(Polished { point, value, evaluations })
    }
}
