//! Kernel: the exact null law of the two-sample statistic, by lattice paths.

/// `P(largest distance >= d)` for two samples of `n` and `m` values without ties, `d` as
/// [`distance`](super::statistic::distance) gives it. `scratch` needs [`scratch_len`] numbers.
///
/// Under the null every order of the pooled values is equally likely: a uniformly drawn lattice path
/// from `(0, 0)` to `(n, m)`. Let `A(i, j)` be the probability that a uniform path to `(i, j)` has met
/// a point with `|i m - j n| >= d`. Such a path came from `(i - 1, j)` with probability
/// `i / (i + j)`, so `A(i, j) = (i A(i - 1, j) + j A(i, j - 1)) / (i + j)`, and 1 beyond the bounds.
/// Nothing is subtracted: small p-values keep their digits. The sweep goes along antidiagonals, whose
/// cells do not depend on one another.
///
/// # Allocation
/// None.
///
/// # Complexity
/// `O((n + m) n d / (n m))` multiplications at most, `n` being the smaller.
///
/// # Source
/// The path argument is that of Drion (1952) and Hodges (1958).
pub(crate) fn tail(n: u64, m: u64, d: u64, scratch: &mut [f64]) -> f64 {
    if d == 0 {
        return 1.0;
    }
    if n == m {
        return equal_sizes(n, d / n);
    }
    let (n, m) = (n.min(m), n.max(m));
    let (sum, width) = (n + m, n as usize + 2);
    if scratch.len() < 2 * width {
        return f64::NAN;
    }
    // Cell i stands at i + 1; cells beyond the bounds hold 1.
    let (mut now, mut next) = scratch.split_at_mut(width);
    now.fill(1.0);
    next.fill(1.0);
    if let Some(origin) = now.get_mut(1) {
        *origin = 0.0;
    }
    let mut value = 0.0;
    for s in 1..=sum {
        // Inside: s n - d < i (n + m) < s n + d, 0 <= i <= n, 0 <= s - i <= m.
        let first = (s * n).checked_sub(d).map_or(0, |low| low / sum + 1).max(s.saturating_sub(m));
        let last = ((s * n + d - 1) / sum).min(n).min(s);
        let (from, to) = (first as usize, last as usize + 1);
        let inverse = 1.0 / s as f64;
        if from < to
            && let (Some(target), Some(left), Some(stay)) =
                (next.get_mut(from + 1..to + 1), now.get(from..to), now.get(from + 1..to + 1))
        {
            let (mut i, total) = (first as f64, s as f64);
            for ((cell, left), stay) in target.iter_mut().zip(left).zip(stay) {
                *cell = (i * left + (total - i) * stay) * inverse;
                i += 1.0;
            }
            value = target.last().copied().unwrap_or(1.0);
        } else {
            value = 1.0;
        }
        // The band moves by at most one cell per step, so only its two neighbours can be stale.
        for edge in [from, to + 1] {
            if let Some(cell) = next.get_mut(edge) {
                *cell = 1.0;
            }
        }
        (now, next) = (next, now);
    }
    value.min(1.0)
}

/// Numbers that [`tail`] needs.
pub(crate) fn scratch_len(n: u64, m: u64) -> usize {
    if n == m { 0 } else { 2 * (n.min(m) as usize + 2) }
}

/// Both samples of size `n`, distance `h / n`: the reflection principle gives
/// `2 (r_1 - r_2 + r_3 - ...)` with `r_k = C(2n, n - k h) / C(2n, n)`.
///
/// # Source
/// Gnedenko and Korolyuk (1951).
fn equal_sizes(n: u64, h: u64) -> f64 {
    let (mut ratio, mut sign, mut sum) = (1.0, 1.0, 0.0);
    let mut reached = 0;
    while reached + h <= n {
        for j in 0..h {
            ratio *= (n - reached - j) as f64 / (n + reached + j + 1) as f64;
        }
        reached += h;
        sum += sign * ratio;
        if ratio < 1e-20 * sum {
            break;
        }
        sign = -sign;
    }
    (2.0 * sum).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks through every order of the pooled sample.
    fn enumerate(n: u64, m: u64, d: u64) -> f64 {
        fn walk(i: u64, j: u64, n: u64, m: u64, d: u64, met: bool, count: &mut [u64; 2]) {
            let met = met || (i * m).abs_diff(j * n) >= d;
            if (i, j) == (n, m) {
                count[usize::from(met)] += 1;
                return;
            }
            if i < n {
                walk(i + 1, j, n, m, d, met, count);
            }
            if j < m {
                walk(i, j + 1, n, m, d, met, count);
            }
        }
        let mut count = [0; 2];
        walk(0, 0, n, m, d, false, &mut count);
        count[1] as f64 / (count[0] + count[1]) as f64
    }

    #[test]
    fn equals_the_enumeration_of_all_orders() {
        for n in 1..=7 {
            for m in 1..=7 {
                for d in 0..=n * m {
                    // A distance is a multiple of n where the sizes are equal.
                    if n == m && d % n != 0 {
                        continue;
                    }
                    let mut scratch = vec![f64::NAN; scratch_len(n, m)];
                    let (got, exact) = (tail(n, m, d, &mut scratch), enumerate(n, m, d));
                    assert!((got - exact).abs() <= 4e-15 * exact, "{n} {m} {d}: {got} {exact}");
                }
            }
        }
    }

    #[test]
    fn disjoint_samples_have_two_orders() {
        // Only "all of a first" and "all of b first": 2 / C(n + m, n).
        let mut scratch = vec![0.0; scratch_len(10, 30)];
        let choose: f64 = (1..=10).map(|k| f64::from(30 + k) / f64::from(k)).product();
        let p = tail(10, 30, 300, &mut scratch);
        assert!((p * choose / 2.0 - 1.0).abs() < 1e-13, "{p}");
    }
}
