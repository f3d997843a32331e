//! Rows that stand on both sides of a split.

use std::collections::HashMap;

use campaign_core::Dataset;

use super::report::{Finding, LeakageKind};
use super::statistics::surprise;

/// Odds against chance, as minus the logarithm of a probability: 1 in 10,000.
const SURPRISE: f64 = 9.2;
/// Fewest equal rows that chance is given: three copies are then a finding, two are not.
const LEAST: f64 = 0.05;
/// How much more often than alone columns may agree where the others do.
const CAUTION: f64 = 5.0;
/// Least share of the validation rows that near-duplicates are worth a finding.
const WORTH: f64 = 0.05;

/// The digests of rows, over the columns and possibly the target behind them.
struct Digests<'d> {
    data: &'d Dataset,
    width: usize,
    rows: Vec<u128>,
}

impl<'d> Digests<'d> {
    fn new(data: &'d Dataset, target: bool) -> Self {
        let width = data.columns().len() + usize::from(target);
        let mut digests = Self { data, width, rows: vec![0; data.n_rows()] };
        for column in 0..width {
            let cells = digests.cells(column);
            let sum = |(row, cell): (&mut u128, u128)| *row = row.wrapping_add(cell);
            digests.rows.iter_mut().zip(cells).for_each(sum);
        }
        digests
    }

    /// What each row's cell of a column adds to its digest.
    fn cells(&self, column: usize) -> Vec<u128> {
        let part = |value: &f64| cell(column as u64, *value);
        if column < self.data.columns().len() {
            self.data.features().column(column).iter().map(part).collect()
        } else {
            self.data.target().unwrap_or(&[]).iter().map(part).collect()
        }
    }
}

/// A cell's part in the digest of its row: sums are equal where all cells are, and by chance once in
/// about 2^128 pairs.
fn cell(column: u64, value: f64) -> u128 {
    // Missing is equal to missing, and 0 to -0.
    let bits = if value.is_nan() { f64::NAN.to_bits() } else { (value + 0.0).to_bits() };
    let mix = |salt: u64| {
        // The finaliser of SplitMix64 (Steele, Lea & Flood 2014).
        let scramble = |mut z: u64| {
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        scramble(bits ^ scramble(column.wrapping_mul(2).wrapping_add(salt).wrapping_add(1)))
    };
    (u128::from(mix(0)) << 64) | u128::from(mix(0x9e37_79b9_7f4a_7c15))
}

/// What stands on both sides: equal rows, and almost equal rows of one group.
pub(super) fn find(train: &Dataset, valid: &Dataset) -> Vec<Finding> {
    equal(train, valid).into_iter().chain(near(train, valid)).collect()
}

/// Rows equal in every column and the target, against how many would be if values agreed by chance.
///
/// Where values are few, a row has many others that differ from it in one column alone; if `c` of
/// them differ in a column in which two rows agree with probability `a`, about `c a / (1 - a)` differ
/// in none. A copied row has itself alone. The column that explains most counts, fivefold, since
/// columns go together.
fn equal(train: &Dataset, valid: &Dataset) -> Option<Finding> {
    let target = train.target().is_some() && valid.target().is_some();
    let (left, right) = (Digests::new(train, target), Digests::new(valid, target));
    let counts = |keys: &mut dyn Iterator<Item = u128>| {
        let mut counts: HashMap<u128, f64> = HashMap::with_capacity(left.rows.len());
        keys.for_each(|key| *counts.entry(key).or_default() += 1.0);
        counts
    };
    let known = counts(&mut left.rows.iter().copied());
    let same: Vec<f64> =
        right.rows.iter().map(|row| known.get(row).copied().unwrap_or(0.0)).collect();
    let count = same.iter().filter(|same| **same > 0.0).count() as f64;
    if count == 0.0 {
        return None;
    }
    let mut by_chance = vec![0.0_f64; right.rows.len()];
    for column in 0..left.width {
        let (a, b) = (left.cells(column), right.cells(column));
        let agree = collision(&a);
        let rest = counts(&mut left.rows.iter().zip(&a).map(|(row, cell)| row.wrapping_sub(*cell)));
        for (index, (row, cell)) in right.rows.iter().zip(&b).enumerate() {
            let all = rest.get(&row.wrapping_sub(*cell)).copied().unwrap_or(0.0);
            let explained =
                CAUTION * (all - same[index]) * agree / (1.0 - agree).max(f64::MIN_POSITIVE);
            by_chance[index] = by_chance[index].max(explained);
        }
    }
    let expected: f64 = by_chance.iter().map(|mean| 1.0 - (-mean).exp()).sum();
    if surprise(count, expected.max(LEAST)) < SURPRISE {
        return None;
    }
    let share = count / right.rows.len() as f64;
    let percent = 100.0 * share;
    let what = if target { "every column and the target" } else { "every column" };
    let text = format!(
        "{count} validation rows ({percent:.1} %) are equal to a training row in {what}, at most \
         {expected:.0} by chance: were rows copied before the split?"
    );
    let evidence = [("rows", count), ("share", share), ("rows_by_chance", expected)];
    Some(Finding::new(LeakageKind::Duplicates, None, evidence, text))
}

/// The share of pairs of rows that have the same value, at most: where `n` pairs have none, it may be
/// as high as `3 / n` with 95 % confidence.
fn collision(cells: &[u128]) -> f64 {
    let mut sorted = cells.to_vec();
    sorted.sort_unstable();
    let pairs = |count: usize| (count * count.saturating_sub(1)) as f64 / 2.0;
    let same: f64 = sorted.chunk_by(|a, b| a == b).map(|c| pairs(c.len())).sum();
    ((same + 3.0) / pairs(sorted.len()).max(1.0)).min(1.0)
}

/// Rows that have a training row of their own group differing in one column at most, against rows
/// that have one of another group. A split in time is meant to have them.
fn near(train: &Dataset, valid: &Dataset) -> Option<Finding> {
    let (left_groups, right_groups) = (train.groups()?, valid.groups()?);
    if let (Some(before), Some(after)) = (train.days(), valid.days())
        && before.iter().max() < after.iter().min()
    {
        return None;
    }
    let (left, right) = (Digests::new(train, false), Digests::new(valid, false));
    let mut own = vec![false; right.rows.len()];
    let mut foreign = own.clone();
    for column in 0..left.width {
        let (a, b) = (left.cells(column), right.cells(column));
        // By the rest of a row: the first group seen, and whether there are others.
        let mut rest: HashMap<u128, (u32, bool)> = HashMap::with_capacity(left.rows.len());
        let mut in_group: HashMap<(u128, u32), ()> = HashMap::with_capacity(left.rows.len());
        for ((row, cell), &group) in left.rows.iter().zip(&a).zip(left_groups) {
            let key = row.wrapping_sub(*cell);
            in_group.insert((key, group), ());
            rest.entry(key).and_modify(|e| e.1 |= e.0 != group).or_insert((group, false));
        }
        for (index, ((row, cell), &group)) in
            right.rows.iter().zip(&b).zip(right_groups).enumerate()
        {
            let key = row.wrapping_sub(*cell);
            own[index] |= in_group.contains_key(&(key, group));
            foreign[index] |= rest.get(&key).is_some_and(|(first, more)| *more || *first != group);
        }
    }
    let count = |of: &[bool]| of.iter().filter(|x| **x).count() as f64;
    let (own, foreign, rows) = (count(&own), count(&foreign), right.rows.len() as f64);
    if own < WORTH * rows || surprise(own, foreign.max(1.0)) < SURPRISE {
        return None;
    }
    let share = 100.0 * own / rows;
    let text = format!(
        "{own} validation rows ({share:.1} %) differ in one column at most from a training row of their \
         own group, {foreign} from one of another: keep groups on one side"
    );
    let evidence = [("rows", own), ("share", own / rows), ("rows_of_other_groups", foreign)];
    Some(Finding::new(LeakageKind::NearDuplicates, None, evidence, text))
}
