//! Logistic regression on a few columns by Newton's method.

/// Why there are no coefficients of the largest likelihood.
pub(super) enum Failure {
    /// The columns depend on each other, so that many are.
    Dependent,
    /// The targets are separated, so that no finite ones are.
    Separable,
}

/// One row: its columns, target in 0..1 and weight.
pub(super) struct Point<const D: usize> {
    pub(super) x: [f64; D],
    pub(super) y: f64,
    pub(super) w: f64,
}

/// `1 / (1 + exp(-s))` without overflow.
pub(super) fn sigmoid(score: f64) -> f64 {
    let e = (-score.abs()).exp();
    if score >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

fn dot<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Weighted mean negative log-likelihood.
pub(super) fn loss<const D: usize>(points: &[Point<D>], beta: &[f64; D]) -> f64 {
    let total: f64 = points.iter().map(|p| p.w).sum();
    let value = |p: &Point<D>| {
        let s = dot(&p.x, beta);
        // ln(1 + e^s) - y s.
        p.w / total * (s.max(0.0) + (-s.abs()).exp().ln_1p() - p.y * s)
    };
    points.iter().map(value).sum()
}

/// Solves `h d = g` for a symmetric positive definite `h` by elimination.
fn solve<const D: usize>(mut h: [[f64; D]; D], mut g: [f64; D]) -> Option<[f64; D]> {
    let scale = h.iter().enumerate().map(|(i, row)| row[i]).fold(0.0, f64::max);
    for i in 0..D {
        let pivot = h[i];
        if pivot[i].is_nan() || pivot[i] <= scale * 1e-14 {
            return None;
        }
        let top = g[i];
        for (row, right) in h.iter_mut().zip(&mut g).skip(i + 1) {
            let factor = row[i] / pivot[i];
            row.iter_mut().zip(&pivot).for_each(|(a, b)| *a -= factor * b);
            *right -= factor * top;
        }
    }
    for i in (0..D).rev() {
        let known: f64 = h[i].iter().zip(&g).skip(i + 1).map(|(a, b)| a * b).sum();
        g[i] = (g[i] - known) / h[i][i];
    }
    Some(g)
}

/// The coefficients of the largest likelihood.
///
/// Columns that are always 0 keep their start. The start must be so moderate that no row is certain.
pub(super) fn fit<const D: usize>(
    points: &[Point<D>],
    start: [f64; D],
) -> Result<[f64; D], Failure> {
    let total: f64 = points.iter().map(|p| p.w).sum();
    let mut beta = start;
    let mut best = loss(points, &beta);
    for round in 0..200 {
        let (mut g, mut h) = ([0.0; D], [[0.0; D]; D]);
        for point in points {
            let p = sigmoid(dot(&point.x, &beta));
            let w = point.w / total;
            for ((row, g), x) in h.iter_mut().zip(&mut g).zip(&point.x) {
                *g += w * (p - point.y) * x;
                row.iter_mut().zip(&point.x).for_each(|(h, z)| *h += w * p * (1.0 - p) * x * z);
            }
        }
        for (i, row) in h.iter_mut().enumerate() {
            if points.iter().all(|p| p.x[i] == 0.0) {
                row[i] = 1.0;
            }
        }
        let singular = if round == 0 { Failure::Dependent } else { Failure::Separable };
        let step = solve(h, g).ok_or(singular)?;
        // Half the squared length of the step in units of the loss: what is left to gain.
        let left = dot(&step, &g) / 2.0;
        let mut share = 1.0;
        let mut next = beta;
        let mut value = f64::INFINITY;
        while share > 1e-6 {
            next = std::array::from_fn(|i| beta[i] - share * step[i]);
            value = loss(points, &next);
            if value <= best {
                break;
            }
            share /= 2.0;
        }
        if value > best {
            // No step improves: rounding is all that is left.
            break;
        }
        (beta, best) = (next, value);
        if left < 1e-26 {
            break;
        }
    }
    let largest = points.iter().map(|p| dot(&p.x, &beta).abs()).fold(0.0, f64::max);
    let certain =
        |p: &Point<D>| p.y.fract() == 0.0 && (sigmoid(dot(&p.x, &beta)) - p.y).abs() < 1e-6;
    let separates = points.iter().all(certain);
    let finite = beta.iter().all(|b| b.is_finite()) && largest.is_finite();
    if finite && !separates { Ok(beta) } else { Err(Failure::Separable) }
}
