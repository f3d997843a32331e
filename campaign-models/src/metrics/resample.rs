//! How often each unit stands in a resample, as pure functions.

use campaign_core::rand::{Rng, RngExt};

/// What is drawn with replacement, as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Resample {
    /// Single rows: right only where rows do not depend on each other.
    Rows,
    /// Groups with all their rows (an ad, a user).
    Groups,
    /// Blocks of a fixed number of consecutive days, with all their rows (Künsch 1989).
    MovingBlocks {
        /// Days of a block.
        days: usize,
    },
    /// Blocks of consecutive days whose lengths are geometric, around the end to the first day
    /// (Politis & Romano 1994).
    StationaryBlocks {
        /// Mean days of a block.
        mean_days: f64,
    },
}

impl Resample {
    /// Counts of each of the units in one resample of as many units.
    pub(super) fn draw(self, rng: &mut dyn Rng, counts: &mut [u32]) {
        counts.fill(0);
        match self {
            Self::Rows | Self::Groups => {
                for _ in 0..counts.len() {
                    add(counts, rng.random_range(0..counts.len()));
                }
            }
            Self::MovingBlocks { days } => moving(days, rng, counts),
            Self::StationaryBlocks { mean_days } => stationary(mean_days, rng, counts),
        }
    }
}

fn add(counts: &mut [u32], unit: usize) {
    if let Some(count) = counts.get_mut(unit) {
        *count += 1;
    }
}

fn moving(days: usize, rng: &mut dyn Rng, counts: &mut [u32]) {
    let n = counts.len();
    let length = days.min(n);
    let mut drawn = 0;
    while drawn < n {
        let start = rng.random_range(0..=n - length);
        let used = length.min(n - drawn);
        (start..start + used).for_each(|day| add(counts, day));
        drawn += used;
    }
}

fn stationary(mean_days: f64, rng: &mut dyn Rng, counts: &mut [u32]) {
    let n = counts.len();
    let mut day = 0;
    for drawn in 0..n {
        let fresh = drawn == 0 || rng.random::<f64>() * mean_days < 1.0;
        day = if fresh { rng.random_range(0..n) } else { (day + 1) % n };
        add(counts, day);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

    fn mean_counts(resample: Resample, n: usize, draws: usize) -> Vec<f64> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        let mut counts = vec![0; n];
        let mut sums = vec![0.0; n];
        for _ in 0..draws {
            resample.draw(&mut rng, &mut counts);
            assert_eq!(counts.iter().sum::<u32>() as usize, n);
            sums.iter_mut().zip(&counts).for_each(|(s, c)| *s += f64::from(*c) / draws as f64);
        }
        sums
    }

    #[test]
    fn every_day_is_drawn_as_often_where_the_blocks_wrap_around() {
        for resample in [Resample::Rows, Resample::StationaryBlocks { mean_days: 4.0 }] {
            for mean in mean_counts(resample, 20, 20_000) {
                // A day's count has variance below 4 here, so a standard error below 0.015.
                assert!((mean - 1.0).abs() < 0.06, "{resample:?} {mean}");
            }
        }
    }

    #[test]
    fn moving_blocks_draw_the_ends_less_by_their_law() {
        // 20 days in blocks of 5, four blocks with 16 starts each: day d is in min(d + 1, 5, 20 - d)
        // of them.
        let means = mean_counts(Resample::MovingBlocks { days: 5 }, 20, 20_000);
        for (day, mean) in means.iter().enumerate() {
            let starts = (day + 1).min(5).min(20 - day);
            assert!((mean - 4.0 * starts as f64 / 16.0).abs() < 0.04, "day {day}: {mean}");
        }
    }

    #[test]
    fn a_block_longer_than_the_series_is_the_series() {
        assert_eq!(mean_counts(Resample::MovingBlocks { days: 99 }, 7, 3), [1.0; 7]);
    }

    #[test]
    fn neighbours_stay_together() {
        // With blocks, a day and the next have counts that go together; with single rows they repel.
        let covariance = |resample: Resample| {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(6);
            let mut counts = vec![0; 50];
            let mut sum = 0.0;
            for _ in 0..4_000 {
                resample.draw(&mut rng, &mut counts);
                sum += (f64::from(counts[20]) - 1.0) * (f64::from(counts[21]) - 1.0);
            }
            sum / 4_000.0
        };
        // 0.9 of the draws of day 21 follow one of day 20, and other days of a block repel both: about
        // 0.54 for the stationary blocks. The mean of 4,000 products has a standard error below 0.05.
        assert!(covariance(Resample::MovingBlocks { days: 10 }) > 0.4);
        assert!(covariance(Resample::StationaryBlocks { mean_days: 10.0 }) > 0.4);
        assert!(covariance(Resample::Rows) < 0.2);
    }
}
