//! Kernel: Gauss-Legendre panels, with the running integral at every node.

use std::sync::OnceLock;

/// Nodes per panel.
pub(crate) const N: usize = 16;

/// The rule on `[-1, 1]`.
pub(crate) struct Rule {
    /// Nodes, ascending.
    pub(crate) node: [f64; N],
    /// Weights.
    pub(crate) weight: [f64; N],
    /// `running[m][k]`: weight of the value at node `k` in the integral from -1 to node `m`.
    pub(crate) running: [[f64; N]; N],
}

/// The rule, computed once.
pub(crate) fn rule() -> &'static Rule {
    static RULE: OnceLock<Rule> = OnceLock::new();
    RULE.get_or_init(Rule::new)
}

impl Rule {
    fn new() -> Self {
        let mut rule = Self { node: [0.0; N], weight: [0.0; N], running: [[0.0; N]; N] };
        for (k, (node, weight)) in rule.node.iter_mut().zip(&mut rule.weight).enumerate() {
            // The classical first guess; Newton's method then squares the error at each step.
            let mut x = -(core::f64::consts::PI * (k as f64 + 0.75) / (N as f64 + 0.5)).cos();
            for _ in 0..8 {
                let p = legendre(x);
                x -= p[N] / slope(x, &p);
            }
            let derivative = slope(x, &legendre(x));
            *node = x;
            *weight = 2.0 / ((1.0 - x * x) * derivative * derivative);
        }
        for m in 0..N {
            let at = legendre(rule.node[m]);
            for k in 0..N {
                let p = legendre(rule.node[k]);
                // The integral of P_0 is x + 1, of P_d it is (P_{d+1} - P_{d-1}) / (2d + 1).
                let mut sum = rule.node[m] + 1.0;
                for d in 1..N {
                    sum += p[d] * (at[d + 1] - at[d - 1]);
                }
                rule.running[m][k] = rule.weight[k] / 2.0 * sum;
            }
        }
        rule
    }
}

/// The Legendre polynomials of degree 0 to N at `x`.
fn legendre(x: f64) -> [f64; N + 1] {
    let mut p = [1.0; N + 1];
    p[1] = x;
    for d in 1..N {
        let k = d as f64;
        p[d + 1] = ((2.0 * k + 1.0) * x * p[d] - k * p[d - 1]) / (k + 1.0);
    }
    p
}

/// The derivative of the Legendre polynomial of degree N.
fn slope(x: f64, p: &[f64; N + 1]) -> f64 {
    N as f64 * (x * p[N] - p[N - 1]) / (x * x - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrates_polynomials_exactly() {
        let rule = rule();
        for degree in 0..2 * N as i32 {
            let sum: f64 = (0..N).map(|k| rule.weight[k] * rule.node[k].powi(degree)).sum();
            let exact = if degree % 2 == 0 { 2.0 / f64::from(degree + 1) } else { 0.0 };
            assert!((sum - exact).abs() < 1e-14, "{degree}: {sum}");
        }
        for degree in 0..N as i32 {
            for m in 0..N {
                let sum: f64 = (0..N).map(|k| rule.running[m][k] * rule.node[k].powi(degree)).sum();
                let d = degree + 1;
                let exact = (rule.node[m].powi(d) - (-1.0_f64).powi(d)) / f64::from(d);
                assert!((sum - exact).abs() < 1e-14, "{degree} {m}: {sum}");
            }
        }
    }

    #[test]
    fn nodes_are_those_of_the_tables() {
        // Abramowitz and Stegun, table 25.4, n = 16: the outermost node and its weight.
        assert!((rule().node[N - 1] - 0.989_400_934_991_649_9).abs() < 1e-15);
        assert!((rule().weight[N - 1] - 0.027_152_459_411_754_096).abs() < 1e-15);
        assert!(rule().node.windows(2).all(|w| w[0] < w[1]));
    }
}
