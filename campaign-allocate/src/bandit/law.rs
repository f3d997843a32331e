//! The probability that one of several independent Beta variables is the largest.

/// Nodes of the 8-point Gauss-Legendre rule on [0, 1] (`tests/reference/gauss_legendre.py`).
const NODES: [f64; 8] = [
    0.019855071751231884,
    0.10166676129318664,
    0.2372337950418355,
    0.4082826787521751,
    0.591717321247825,
    0.7627662049581645,
    0.8983332387068134,
    0.9801449282487681,
];

/// Their weights.
const WEIGHTS: [f64; 8] = [
    0.05061426814518813,
    0.11119051722668724,
    0.15685332293894363,
    0.181341891689181,
    0.181341891689181,
    0.15685332293894363,
    0.11119051722668724,
    0.05061426814518813,
];

/// Row n integrates from 0 to node n the polynomial through the values at all nodes.
const PARTIAL: [[f64; 8]; 8] = [
    [
        0.025307134072594065,
        -0.009105943305970076,
        0.006280831147030474,
        -0.004483015613054751,
        0.0030784913683267797,
        -0.0019176752546369523,
        0.0009727576640592635,
        -0.0002775083271169192,
    ],
    [
        0.05475932176755432,
        0.05559525861334362,
        -0.01363979623578167,
        0.008149708858360551,
        -0.0052153520891471536,
        0.003139752985463669,
        -0.0015649349109489424,
        0.00044280230434223783,
    ],
    [
        0.048587535998912884,
        0.12085952499717317,
        0.07842666146947182,
        -0.01597510336187843,
        0.008371732720226163,
        -0.00464346586210448,
        0.0022257147752849,
        -0.0006188056952505154,
    ],
    [
        0.05186552097058123,
        0.1061934901483484,
        0.17067113427455363,
        0.0906709458445905,
        -0.016021041321025012,
        0.00724120656122227,
        -0.0031978143103607703,
        0.0008592365842648527,
    ],
    [
        0.04975503156092328,
        0.11438833153704801,
        0.14961211637772137,
        0.197362933010206,
        0.0906709458445905,
        -0.013817811335609978,
        0.004997027078338829,
        -0.001251252825393105,
    ],
    [
        0.051233073840438646,
        0.10896480245140235,
        0.16149678880104812,
        0.17297015896895482,
        0.19731699505105943,
        0.07842666146947182,
        -0.009669007770485932,
        0.0020267321462752487,
    ],
    [
        0.05017146584084589,
        0.11275545213763619,
        0.15371356995347998,
        0.18655724377832814,
        0.17319218283082044,
        0.17049311917472532,
        0.05559525861334362,
        -0.004145053622366191,
    ],
    [
        0.05089177647230505,
        0.11021775956262797,
        0.1587709981935806,
        0.17826340032085422,
        0.18582490730223575,
        0.15057249179191318,
        0.12029646053265731,
        0.025307134072594065,
    ],
];

/// A tail is cut where the density has fallen to `exp(-TAIL)` of its peak, 6e-19.
const TAIL: f64 = 42.0;

/// Most panels on one side of a mode.
const SIDE: usize = 56;

/// `ln(1 + eᶻ)` has its poles at ±iπ: panels within ±20 are kept short enough for 8 nodes.
const CENTRE: [f64; 21] = [
    -20.0, -18.0, -16.0, -14.0, -12.0, -10.0, -8.0, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0,
    10.0, 12.0, 14.0, 16.0, 18.0, 20.0,
];

/// Numbers of working space for that many arms.
pub(super) fn scratch_len(n_arms: usize) -> usize {
    n_arms * (4 + 2 * NODES.len() + 1 + 2 * SIDE + 1) + 1 + CENTRE.len() + 1
}

/// The probability of each arm to have the largest of independent draws `xᵢ ~ Beta(aᵢ, bᵢ)`.
///
/// `shapes` answers `None` for an arm that takes no part; its probability is 0. If no arm takes part,
/// all are 0. An arm whose chance is below 1e-17 may read 0.
///
/// # Shapes
/// `scratch` has [`scratch_len`] numbers, `out` one entry per arm.
///
/// Everything happens in log-odds `z = ln(x / (1 − x))`, where the density `eᵃᶻ / (1 + eᶻ)ᵃ⁺ᵇ / B(a, b)` is
/// smooth and of one peak for every shape, below 1 too. All arms share one set of panels, fine
/// enough for the narrowest; distribution functions are carried from panel to panel, so that no incomplete beta function is
/// needed, and each is normalised by its own quadrature.
pub(super) fn probability_of_largest(
    n_arms: usize,
    shapes: impl Fn(usize) -> Option<(f64, f64)>,
    scratch: &mut [f64],
    out: &mut [f64],
) {
    out.fill(0.0);
    let (left, rest) = scratch.split_at_mut(n_arms);
    let (right, rest) = rest.split_at_mut(n_arms);
    let (norm, rest) = rest.split_at_mut(n_arms);
    let (below, rest) = rest.split_at_mut(n_arms);
    let (density, rest) = rest.split_at_mut(n_arms * NODES.len());
    let (cumulative, rest) = rest.split_at_mut(n_arms * NODES.len());
    let (suffix, points) = rest.split_at_mut(n_arms + 1);

    let (mut start, mut end) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for arm in 0..n_arms {
        (left[arm], right[arm]) = (f64::NAN, f64::NAN);
        if let Some((a, b)) = shapes(arm) {
            let mode = mode(a, b);
            (left[arm], right[arm]) = (mode, mode);
            panels(a, b, |from, to| {
                left[arm] = left[arm].min(from);
                right[arm] = right[arm].max(to);
            });
            start = start.max(left[arm]);
            end = end.max(right[arm]);
        }
    }
    // Left of `start` some arm is certainly higher than z: nothing there can be the largest. An arm that
    // ends left of it takes no further part.
    let takes_part = |arm: usize, right: &[f64]| shapes(arm).filter(|_| right[arm] > start);

    let mut n_points = 0;
    let mut push = |z: f64| {
        if z > start && z < end && n_points < points.len() {
            points[n_points] = z;
            n_points += 1;
        }
    };
    let mut narrowest = f64::INFINITY;
    for arm in 0..n_arms {
        let Some((a, b)) = takes_part(arm, right) else { continue };
        narrowest = narrowest.min((1.0 / a + 1.0 / b).sqrt());
        (norm[arm], below[arm]) = (0.0, 0.0);
        panels(a, b, |from, to| {
            push(from);
            push(to);
            let mass = |from: f64, to: f64| (to - from) * values(a, b, from, to).1;
            norm[arm] += mass(from, to);
            if from < start {
                below[arm] += mass(from, to.min(start));
            }
        });
        below[arm] /= norm[arm];
    }
    CENTRE.iter().for_each(|&z| push(z));
    let points = &mut points[..n_points];
    points.sort_unstable_by(f64::total_cmp);

    let mut from = start;
    for place in 0..=points.len() {
        let to = points.get(place).copied().unwrap_or(end);
        // Breakpoints of different arms that nearly coincide need not both be kept.
        if place < points.len() && to - from < 0.25 * narrowest {
            continue;
        }
        let width = to - from;
        for arm in 0..n_arms {
            let Some((a, b)) = takes_part(arm, right) else { continue };
            let at = arm * NODES.len()..(arm + 1) * NODES.len();
            let (density, cumulative) = (&mut density[at.clone()], &mut cumulative[at]);
            if from >= right[arm] {
                density.fill(0.0);
                cumulative.fill(1.0);
                continue;
            }
            let (f, mass) = values(a, b, from, to);
            let scale = 1.0 / norm[arm];
            for (node, row) in PARTIAL.iter().enumerate() {
                let part: f64 = row.iter().zip(&f).map(|(w, f)| w * f).sum();
                density[node] = f[node] * scale;
                cumulative[node] = (below[arm] + width * part * scale).clamp(0.0, 1.0);
            }
            below[arm] += width * mass * scale;
        }
        for (node, weight) in WEIGHTS.iter().enumerate() {
            let at = |arm: usize| arm * NODES.len() + node;
            suffix[n_arms] = 1.0;
            for arm in (0..n_arms).rev() {
                let f = if takes_part(arm, right).is_some() { cumulative[at(arm)] } else { 1.0 };
                suffix[arm] = suffix[arm + 1] * f;
            }
            let mut prefix = 1.0;
            for arm in 0..n_arms {
                if takes_part(arm, right).is_some() {
                    out[arm] += width * weight * density[at(arm)] * prefix * suffix[arm + 1];
                    prefix *= cumulative[at(arm)];
                }
            }
        }
        from = to;
    }
    let sum: f64 = out.iter().sum();
    if sum > 0.0 {
        out.iter_mut().for_each(|p| *p /= sum);
    }
}

fn mode(a: f64, b: f64) -> f64 {
    (a / b).ln()
}

/// Logarithm of the density in log-odds, relative to its peak, at a distance from the mode.
fn log_density(a: f64, b: f64, distance: f64) -> f64 {
    // x -> 1 - x swaps the shapes, so that one side of the mode is enough.
    let (a, b, distance) = if distance < 0.0 { (b, a, -distance) } else { (a, b, distance) };
    let (n, p) = (a + b, a / (a + b));
    let growth = p * distance.exp_m1();
    if growth <= 1.0 {
        a * distance - n * growth.ln_1p()
    } else {
        // The same with eᵈ drawn out, which may overflow.
        -b * distance - n * (p.ln() + (b / a * (-distance).exp()).ln_1p())
    }
}

/// Densities at the nodes of a panel, relative to the peak, and their mean.
fn values(a: f64, b: f64, from: f64, to: f64) -> ([f64; 8], f64) {
    let base = from - mode(a, b);
    let f = NODES.map(|node| log_density(a, b, base + node * (to - from)).exp());
    let mean = WEIGHTS.iter().zip(&f).map(|(w, f)| w * f).sum();
    (f, mean)
}

/// Panels over which the density of one arm is smooth, from the mode outwards to both sides.
fn panels(a: f64, b: f64, mut each: impl FnMut(f64, f64)) {
    let (mode, spread) = (mode(a, b), (1.0 / a + 1.0 / b).sqrt());
    for side in [-1.0, 1.0] {
        let (mut distance, mut log) = (0.0, 0.0);
        let mut step = (0.5 * spread).min(1.0);
        for _ in 0..SIDE {
            let mut next = log_density(a, b, side * (distance + step));
            while log - next > 3.0 {
                step *= 0.5;
                next = log_density(a, b, side * (distance + step));
            }
            let (near, far) = (mode + side * distance, mode + side * (distance + step));
            each(near.min(far), near.max(far));
            if next < -TAIL {
                break;
            }
            (distance, log) = (distance + step, next);
            step *= 1.5;
        }
    }
}
