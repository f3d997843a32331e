//! A budget problem that owns its numbers, and an oracle that knows nothing of selection.

#![allow(dead_code)] // each test binary uses a part

use campaign_allocate::NestedLp;
use campaign_core::{Allocator, Budget, Constraint, Groups, Outcome, Problem, Response};

#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) budget: Budget,
    pub(crate) lower: Vec<f64>,
    pub(crate) upper: Vec<f64>,
    pub(crate) roas: Vec<f64>,
    pub(crate) groups: Vec<(Vec<u32>, f64, f64)>,
}

pub(crate) struct Solved {
    pub(crate) outcome: Outcome,
    pub(crate) spend: Vec<f64>,
    pub(crate) conflicts: Vec<Constraint>,
    pub(crate) solver: NestedLp,
}

impl Case {
    pub(crate) fn with<T>(&self, ask: impl FnOnce(&Problem<'_>) -> T) -> T {
        let (mut offsets, mut cells) = (vec![0], Vec::new());
        let (mut floor, mut cap) = (Vec::new(), Vec::new());
        for (members, low, high) in &self.groups {
            cells.extend_from_slice(members);
            offsets.push(cells.len() as u32);
            floor.push(*low);
            cap.push(*high);
        }
        let groups = Groups::new(&offsets, &cells, &floor, &cap).unwrap();
        let response = Response::Linear(&self.roas);
        ask(&Problem::new(self.budget, &self.lower, &self.upper, response).with_groups(groups))
    }

    pub(crate) fn solve(&self) -> Solved {
        let mut solver = NestedLp::new();
        let mut spend = vec![0.0; self.lower.len()];
        let outcome = self.with(|problem| solver.allocate(problem, &mut spend)).unwrap();
        Solved { outcome, spend, conflicts: solver.conflicts().to_vec(), solver }
    }

    pub(crate) fn with_budget(&self, amount: f64) -> Self {
        let budget = match self.budget {
            Budget::Exactly(_) => Budget::Exactly(amount),
            Budget::AtMost(_) => Budget::AtMost(amount),
        };
        Self { budget, ..self.clone() }
    }

    /// Only these constraints, and that no spend is negative.
    pub(crate) fn only(&self, kept: &[Constraint]) -> Rows {
        let n = self.lower.len();
        let mut rows = Rows { n, at_least: Vec::new() };
        for cell in 0..n {
            rows.at_least(&[cell as u32], 1.0, 0.0);
        }
        for constraint in kept {
            match *constraint {
                Constraint::Lower(i) => rows.at_least(&[i], 1.0, self.lower[i as usize]),
                Constraint::Upper(i) => rows.at_least(&[i], -1.0, -self.upper[i as usize]),
                Constraint::Floor(g) => {
                    rows.at_least(&self.groups[g as usize].0, 1.0, self.groups[g as usize].1);
                }
                Constraint::Cap(g) => {
                    rows.at_least(&self.groups[g as usize].0, -1.0, -self.groups[g as usize].2);
                }
                Constraint::Budget => {
                    let all: Vec<u32> = (0..n as u32).collect();
                    rows.at_least(&all, -1.0, -self.budget.amount());
                    if matches!(self.budget, Budget::Exactly(_)) {
                        rows.at_least(&all, 1.0, self.budget.amount());
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        rows
    }

    pub(crate) fn all(&self) -> Vec<Constraint> {
        let (n, groups) = (self.lower.len() as u32, self.groups.len() as u32);
        let mut all = vec![Constraint::Budget];
        all.extend((0..n).flat_map(|i| [Constraint::Lower(i), Constraint::Upper(i)]));
        all.extend((0..groups).flat_map(|g| [Constraint::Floor(g), Constraint::Cap(g)]));
        all
    }
}

/// Rows `a·x >= b` over `n` unknowns.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    n: usize,
    at_least: Vec<(Vec<f64>, f64)>,
}

impl Rows {
    fn at_least(&mut self, cells: &[u32], sign: f64, bound: f64) {
        if bound == f64::NEG_INFINITY {
            return;
        }
        let mut row = vec![0.0; self.n];
        for &cell in cells {
            row[cell as usize] = sign;
        }
        self.at_least.push((row, bound));
    }

    /// Every vertex: each choice of `n` independent rows held with equality, if the others hold.
    pub(crate) fn vertices(&self) -> Vec<Vec<f64>> {
        let mut found = Vec::new();
        let mut chosen = Vec::new();
        self.choose(0, &mut chosen, &mut found);
        found
    }

    fn choose(&self, from: usize, chosen: &mut Vec<usize>, found: &mut Vec<Vec<f64>>) {
        if chosen.len() == self.n {
            if let Some(x) = self.intersection(chosen) {
                let holds = |(row, bound): &(Vec<f64>, f64)| dot(row, &x) >= bound - 1e-7;
                if self.at_least.iter().all(holds) {
                    found.push(x);
                }
            }
            return;
        }
        for row in from..self.at_least.len() {
            chosen.push(row);
            self.choose(row + 1, chosen, found);
            chosen.pop();
        }
    }

    fn intersection(&self, chosen: &[usize]) -> Option<Vec<f64>> {
        let n = self.n;
        let mut a: Vec<Vec<f64>> = chosen
            .iter()
            .map(|&row| {
                let (mut row, bound) = self.at_least[row].clone();
                row.push(bound);
                row
            })
            .collect();
        for column in 0..n {
            let best =
                (column..n).max_by(|&i, &j| a[i][column].abs().total_cmp(&a[j][column].abs()))?;
            a.swap(column, best);
            let pivot = a[column].clone();
            if pivot[column].abs() < 1e-9 {
                return None;
            }
            for (i, row) in a.iter_mut().enumerate() {
                if i != column {
                    let factor = row[column] / pivot[column];
                    row.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= factor * p);
                }
            }
        }
        Some((0..n).map(|i| a[i][n] / a[i][i]).collect())
    }
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
