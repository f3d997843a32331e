//! Coordinate descent on a quadratic with an elastic-net penalty.

/// Makes `b` the minimiser of `b' a b / 2 - c' b + l1 |b|_1 + l2 |b|_2^2 / 2`, starting from what it is.
///
/// Gives whether no coordinate moved by more than `tolerance`, in units of the square root of its
/// curvature, in one of at most `max_sweeps` sweeps.
///
/// # Shapes
/// `a` is `(n, n)`, symmetric and positive semi-definite, row-major; `c` and `b` have `n` numbers.
///
/// # Source
/// Friedman, Hastie and Tibshirani (2010), section 2.2 (covariance updates).
pub(super) fn minimise(
    a: &[f64],
    c: &[f64],
    [l1, l2]: [f64; 2],
    [tolerance, max_sweeps]: [f64; 2],
    b: &mut [f64],
) -> bool {
    let n = b.len();
    if n == 0 {
        return true;
    }
    // The slope without penalties: c - a b.
    let mut slope = c.to_vec();
    for (row, b) in a.chunks_exact(n).zip(&*b) {
        slope.iter_mut().zip(row).for_each(|(s, a)| *s -= a * b);
    }
    let mut sweeps = 0.0;
    while sweeps < max_sweeps {
        let mut moved = 0.0_f64;
        for (j, row) in a.chunks_exact(n).enumerate() {
            let curvature = row[j] + l2;
            let pull = slope[j] + row[j] * b[j];
            let new = if curvature > 0.0 {
                pull.signum() * (pull.abs() - l1).max(0.0) / curvature
            } else {
                0.0
            };
            let step = new - b[j];
            if step != 0.0 {
                b[j] = new;
                slope.iter_mut().zip(row).for_each(|(s, a)| *s -= a * step);
                moved = moved.max(step.abs() * curvature.sqrt());
            }
        }
        if moved <= tolerance {
            return true;
        }
        sweeps += 1.0;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        // The conditions of Karush, Kuhn and Tucker hold at the minimum and nowhere else.
        #[test]
        fn meets_the_optimality_conditions(
            n in 1_usize..6,
            numbers in prop::collection::vec(-2.0_f64..2.0, 60),
            l1 in 0.0_f64..2.0,
        ) {
            let m = |i: usize, j: usize| numbers[i * n + j];
            let product = |i: usize, j: usize| (0..n).map(|k| m(i, k) * m(j, k)).sum::<f64>();
            let a: Vec<f64> = (0..n * n).map(|at| product(at / n, at % n)).collect();
            let (c, l2) = (&numbers[50..50 + n], 0.3);
            let mut b = vec![0.0; n];
            prop_assert!(minimise(&a, c, [l1, l2], [1e-12, 1e5], &mut b));
            for i in 0..n {
                let slope = c[i] - (0..n).map(|j| a[i * n + j] * b[j]).sum::<f64>() - l2 * b[i];
                if b[i] == 0.0 {
                    prop_assert!(slope.abs() <= l1 + 1e-9);
                } else {
                    prop_assert!((slope - l1 * b[i].signum()).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn says_when_it_did_not_converge() {
        let a = [1.0, 0.999, 0.999, 1.0];
        let mut b = [0.0; 2];
        assert!(!minimise(&a, &[1.0, -1.0], [0.0, 0.0], [1e-12, 3.0], &mut b));
        assert!(minimise(&a, &[1.0, -1.0], [0.0, 0.0], [1e-12, 1e6], &mut b));
        assert!((b[0] - 1000.0).abs() < 1e-6, "{b:?}");
    }
}
