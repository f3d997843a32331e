//! Cholesky's factorisation of a symmetric positive definite matrix.

/// A pivot below this share of what it was the difference of is rounding, not a number.
const SMALLEST: f64 = 1e-11;

/// Solves `a x = b` in place.
///
/// # Shapes
/// `a` is `(n, n)`, row-major; its lower triangle is read and overwritten by the factor. `b` has `n`
/// numbers and becomes `x`. `sizes` has `n` numbers: what the diagonal's entries were before anything
/// was taken from them, so that what is left can be told from rounding.
///
/// # Errors
/// The first column that the ones before it determine, to within 1e-11 of its size.
pub(super) fn solve(a: &mut [f64], b: &mut [f64], sizes: &[f64]) -> Result<(), usize> {
    let n = b.len();
    for j in 0..n {
        let (above, rest) = a.split_at_mut(j * n);
        let row = &mut rest[..n];
        let diagonal = row[j];
        for (k, other) in above.chunks_exact(n).enumerate() {
            let known: f64 = row[..k].iter().zip(other).map(|(x, y)| x * y).sum();
            row[k] = (row[k] - known) / other[k];
        }
        let pivot = diagonal - row[..j].iter().map(|x| x * x).sum::<f64>();
        // NaN is not above either.
        if pivot > SMALLEST * sizes[j] {
            row[j] = pivot.sqrt();
        } else {
            return Err(j);
        }
    }
    for j in 0..n {
        let row = &a[j * n..][..n];
        let known: f64 = row[..j].iter().zip(&*b).map(|(x, y)| x * y).sum();
        b[j] = (b[j] - known) / row[j];
    }
    for j in (0..n).rev() {
        let row = &a[j * n..][..n];
        b[j] /= row[j];
        let x = b[j];
        for (b, l) in b[..j].iter_mut().zip(row) {
            *b -= l * x;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn solves(n in 1_usize..7, numbers in prop::collection::vec(-3.0_f64..3.0, 60)) {
            // M M' + I is positive definite.
            let m = |i: usize, j: usize| numbers[i * n + j];
            let product = |i: usize, j: usize| (0..n).map(|k| m(i, k) * m(j, k)).sum::<f64>();
            let full: Vec<f64> =
                (0..n * n).map(|at| product(at / n, at % n) + f64::from(at / n == at % n)).collect();
            let b: Vec<f64> = numbers[50..50 + n].to_vec();
            let (mut a, mut x) = (full.clone(), b.clone());
            solve(&mut a, &mut x, &vec![1.0; n]).unwrap();
            for i in 0..n {
                let got: f64 = (0..n).map(|j| full[i * n + j] * x[j]).sum();
                prop_assert!((got - b[i]).abs() < 1e-9, "{got} {}", b[i]);
            }
        }
    }

    #[test]
    fn names_the_column_that_others_determine() {
        // Of the columns (1, 0), (0, 1), (1, 1), the third is the sum of the others.
        let mut a = [1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 2.0];
        assert_eq!(solve(&mut a, &mut [1.0, 1.0, 1.0], &[1.0, 1.0, 2.0]), Err(2));
        assert_eq!(solve(&mut [f64::NAN], &mut [1.0], &[1.0]), Err(0));
        assert_eq!(solve(&mut [1e-13], &mut [1.0], &[1.0]), Err(0));
        assert_eq!(solve(&mut [1e-13], &mut [1.0], &[1e-13]), Ok(()));
        assert_eq!(solve(&mut [], &mut [], &[]), Ok(()));
    }
}
