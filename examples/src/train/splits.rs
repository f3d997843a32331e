//! Which rows train and which are judged.

use std::collections::BTreeSet;

use campaign_core::Dataset;
use campaign_models::validate::{GroupRule, ShuffledFolds, TemporalWindows};
use jiff::civil::Date;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

use super::target::Task;
use crate::program::{Failure, OrFail as _};

/// `k` pairs of training and validation data.
///
/// With days, training is always before validation: `k` cut-offs, between which lie about as many rows,
/// and `purge_days` before each do not train. A group does not stand on both sides. Else rows are shuffled by the seed, groups together, and
/// the classes of a binary target are as frequent in every fold.
///
/// # Errors
/// For data that are too few.
pub fn splits(
    data: &Dataset,
    task: Task,
    k: usize,
    purge_days: u32,
    seed: u64,
) -> Result<Vec<(Dataset, Dataset)>, Failure> {
    if let Some(days) = data.days() {
        let cutoffs = cutoffs(days, k)?;
        let last = days.iter().max().copied().unwrap_or_default();
        let ends = cutoffs[1..].iter().copied().chain([last.tomorrow().unwrap_or(last)]);
        let pair = |(fold, (&cutoff, end)): (usize, (&Date, Date))| {
            let length = cutoff.until(end).map_or(1, |span| span.get_days());
            let windows = TemporalWindows::at([cutoff])
                .with_purge_days(purge_days)
                .with_valid_days(length.unsigned_abs())
                .with_groups(apart(data, fold, k));
            let mut splits = windows.splits(data).or_fail("--time")?;
            let split = splits.next().ok_or_else(|| Failure::new("--time: no split"))?;
            let split = split.or_fail("--time")?;
            Ok((split.train().clone(), split.valid().clone()))
        };
        return cutoffs.iter().zip(ends).enumerate().map(pair).collect();
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let folds = match task {
        _ if data.groups().is_some() => ShuffledFolds::grouped(data, k, &mut rng),
        Task::Binary => ShuffledFolds::stratified(data, k, &mut rng),
        _ => ShuffledFolds::new(data, k, &mut rng),
    };
    let folds = folds.or_fail("--folds")?;
    (0..folds.k()).map(|fold| folds.split(fold).or_fail("--folds")).collect()
}

/// Of data with groups, those that validate in a fold and do not train: ads run through the cut-offs, and
/// each is held out once.
fn apart(data: &Dataset, fold: usize, k: usize) -> GroupRule {
    let Some(groups) = data.groups() else { return GroupRule::Shared };
    let k = k.max(2) as u32;
    let held_out = groups.iter().copied().filter(|group| *group % k == fold as u32);
    GroupRule::HoldOut(held_out.collect::<BTreeSet<_>>().into_iter().collect())
}

/// Days that cut the rows into `k + 1` parts of about the same size.
fn cutoffs(days: &[Date], k: usize) -> Result<Vec<Date>, Failure> {
    let mut sorted = days.to_vec();
    sorted.sort_unstable();
    let first = sorted.first().copied();
    let mut cutoffs: Vec<Date> =
        (1..=k).map(|part| sorted[part * sorted.len() / (k + 1)]).collect();
    cutoffs.dedup();
    cutoffs.retain(|day| Some(*day) != first);
    if cutoffs.len() < k {
        let text = format!(
            "{} days with rows of their own, expected at least {k} after the first",
            cutoffs.len()
        );
        return Err(Failure::new(format!("--folds: {text}")));
    }
    Ok(cutoffs)
}
