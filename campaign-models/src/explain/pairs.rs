//! Shapley values of one tree for one row against one background row.

use super::paths::PathTree;

/// Whose value a column has on the way to a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    /// Both rows were sent the same way so far.
    Either,
    Row,
    Background,
}

/// How many columns a path takes from the row (`a`) and from the background (`b`), and
/// `a! b! / (a + b + 1)!`.
#[derive(Debug, Clone, Copy)]
struct Counts {
    row: f64,
    background: f64,
    beta: f64,
}

impl Counts {
    const NONE: Self = Self { row: 0.0, background: 0.0, beta: 1.0 };

    fn add(self, from: From) -> Self {
        let Self { mut row, mut background, beta } = self;
        let count = if from == From::Row { &mut row } else { &mut background };
        *count += 1.0;
        let beta = beta * *count / (row + background + 1.0);
        Self { row, background, beta }
    }

    /// What part of a leaf's value a column from this row gets.
    fn weight(self, from: From) -> f64 {
        let all = self.beta * (self.row + self.background + 1.0);
        if from == From::Row { all / self.row } else { -all / self.background }
    }
}

/// A node where the rows part by a column for the first time on a path.
#[derive(Debug, Clone, Copy)]
struct Fork {
    column: u32,
    from: From,
    /// Where the background row goes.
    other: u32,
    before: Counts,
}

/// Room for one pair of rows.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    from: Vec<From>,
    forks: Vec<Fork>,
    most_forks: usize,
}

impl Pair {
    /// For trees with at most so many distinct columns on a path.
    pub(super) fn new(n_features: usize, most_forks: usize) -> Self {
        let forks = Vec::with_capacity(most_forks);
        Self { from: vec![From::Either; n_features], forks, most_forks }
    }

    pub(super) fn n_features(&self) -> usize {
        self.from.len()
    }

    pub(super) fn most_forks(&self) -> usize {
        self.most_forks
    }

    /// Adds each column's value; `row` and `background` say which way each node sends the two rows.
    pub(super) fn add(&mut self, tree: &PathTree, row: &[u8], background: &[u8], out: &mut [f64]) {
        let n = tree.nodes.len();
        let mut counts = Counts::NONE;
        let mut at = 0;
        loop {
            while at < n {
                let node = &tree.nodes[at];
                let column = node.column as usize;
                let [mine, other] = [row, background].map(|way| node.child[usize::from(way[at])]);
                at = if mine == other {
                    mine
                } else {
                    match self.from[column] {
                        From::Row => mine,
                        From::Background => other,
                        From::Either => {
                            let (column, from) = (node.column, From::Row);
                            self.forks.push(Fork { column, from, other, before: counts });
                            self.from[column as usize] = from;
                            counts = counts.add(from);
                            mine
                        }
                    }
                } as usize;
            }
            let value = tree.values[at - n];
            for fork in &self.forks {
                out[fork.column as usize] += value * counts.weight(fork.from);
            }
            // Back to the last fork that was not yet taken the background's way.
            loop {
                let Some(fork) = self.forks.last_mut() else { return };
                if fork.from == From::Row {
                    fork.from = From::Background;
                    self.from[fork.column as usize] = fork.from;
                    counts = fork.before.add(fork.from);
                    at = fork.other as usize;
                    break;
                }
                self.from[fork.column as usize] = From::Either;
                self.forks.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_factorials() {
        let factorial = |k: usize| (1..=k).map(|i| i as f64).product::<f64>();
        for a in 0..6 {
            for b in 0..6 {
                let mut counts = Counts::NONE;
                // In turn, so that neither order is special.
                for i in 0..a.max(b) {
                    if i < b {
                        counts = counts.add(From::Background);
                    }
                    if i < a {
                        counts = counts.add(From::Row);
                    }
                }
                let all = factorial(a + b);
                if a > 0 {
                    let expected = factorial(a - 1) * factorial(b) / all;
                    assert!((counts.weight(From::Row) - expected).abs() < 1e-15);
                }
                if b > 0 {
                    let expected = -factorial(a) * factorial(b - 1) / all;
                    assert!((counts.weight(From::Background) - expected).abs() < 1e-15);
                }
            }
        }
    }
}
