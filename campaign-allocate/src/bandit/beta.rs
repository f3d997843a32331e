//! Drawing from a Beta law.

use campaign_core::rand::{Rng, RngExt};

/// One draw of the log-odds `ln(x / (1 − x))` of `x ~ Beta(a, b)`.
///
/// Arms are compared on log-odds: they order as `x` does, and draws next to 0 or 1, frequent where a
/// shape is below 1, do not round into ties.
///
/// # Allocation
/// None.
///
/// # Source
/// Marsaglia, G. and Tsang, W. W. (2000), *ACM TOMS* 26, 363–372, for each of the two gammas whose
/// ratio has the law; for a shape below 1 their §6 (`G(a) = G(a + 1)·U^(1/a)`), taken in
/// logarithms because the power underflows. The two normals of the first attempt come from one polar pair
/// (Marsaglia and Bray 1964).
pub(super) fn log_odds<R: Rng + ?Sized>(a: f64, b: f64, rng: &mut R) -> f64 {
    let (first, second) = normal_pair(rng);
    log_gamma_draw(a, first, rng) - log_gamma_draw(b, second, rng)
}

/// Logarithm of a draw from Gamma(shape, 1), whose first attempt uses the given standard normal.
fn log_gamma_draw<R: Rng + ?Sized>(shape: f64, mut normal: f64, rng: &mut R) -> f64 {
    let boost = if shape < 1.0 { open_unit(rng).ln() / shape } else { 0.0 };
    let d = if shape < 1.0 { shape + 1.0 } else { shape } - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let root = 1.0 + c * normal;
        if root > 0.0 {
            let v = root * root * root;
            let u = open_unit(rng);
            let square = normal * normal;
            // The first test accepts nearly all and saves the logarithms.
            if u < 1.0 - 0.0331 * square * square || u.ln() < 0.5 * square + d * (1.0 - v + v.ln())
            {
                return (d * v).ln() + boost;
            }
        }
        normal = normal_pair(rng).0;
    }
}

/// Two independent standard normals.
fn normal_pair<R: Rng + ?Sized>(rng: &mut R) -> (f64, f64) {
    loop {
        let x = 2.0 * unit(rng) - 1.0;
        let y = 2.0 * unit(rng) - 1.0;
        let square = x * x + y * y;
        if square < 1.0 && square > 0.0 {
            let scale = (-2.0 * square.ln() / square).sqrt();
            return (x * scale, y * scale);
        }
    }
}

fn unit<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    // `RngExt` needs a sized generator, which a reference to one is.
    let mut rng = rng;
    RngExt::random::<f64>(&mut rng)
}

/// Uniform on (0, 1].
fn open_unit<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    1.0 - unit(rng)
}

#[cfg(test)]
mod tests {
    use super::*;
    use campaign_core::rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    /// 19 quantiles of Beta(a, b) at 0.05, 0.10, ..., 0.95; SciPy 1.17 (`tests/reference/beta.py`).
    use super::super::reference::{QUANTILES, SHAPES};

    #[test]
    fn draws_follow_the_law() {
        const N: usize = 200_000;
        for (seed, ((a, b), quantiles)) in SHAPES.iter().zip(QUANTILES).enumerate() {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed as u64);
            let mut counts = [0_u32; 20];
            for _ in 0..N {
                let odds = log_odds(*a, *b, &mut rng as &mut dyn Rng);
                counts[quantiles.iter().take_while(|&&q| odds > q).count()] += 1;
            }
            let expected = N as f64 / 20.0;
            let square = |&c: &u32| (f64::from(c) - expected).powi(2) / expected;
            let chi: f64 = counts.iter().map(square).sum();
            // The 1 - 1e-5 quantile of chi-square with 19 degrees of freedom (SciPy).
            assert!(chi < 57.38, "Beta({a}, {b}): chi-square {chi}, {counts:?}");
        }
    }

    #[test]
    fn extreme_shapes_give_numbers() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        for (a, b) in [(1e-3, 1e-3), (1e-3, 1e12), (1e12, 1e12), (1e12, 1e-3)] {
            for _ in 0..10_000 {
                assert!(log_odds(a, b, &mut rng).is_finite(), "{a} {b}");
            }
        }
    }
}
