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
    let scale = (0..D).fold(0.0_f64, |most, i| most.max(h[i][i]));
    for i in 0..D {
        // Also refuses NaN.
        if !(h[i][i] > scale * 1e-14) {
            return None;
        }
        for j in i + 1..D {
            let factor = h[j][i] / h[i][i];
            for k in i..D {
                h[j][k] -= factor * h[i][k];
            }
            g[j] -= factor * g[i];
        }
    }
    for i in (0..D).rev() {
        for k in i + 1..D {
            g[i] -= h[i][k] * g[k];
        }
        g[i] /= h[i][i];
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
            for i in 0..D {
                g[i] += w * (p - point.y) * point.x[i];
                for j in 0..D {
                    h[i][j] += w * p * (1.0 - p) * point.x[i] * point.x[j];
                }
            }
        }
        for i in 0..D {
            if points.iter().all(|p| p.x[i] == 0.0) {
                h[i][i] = 1.0;
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
