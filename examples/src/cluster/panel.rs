//! A year of ad-days, and what is asked of them.

use std::path::Path;

use campaign_features::engine::arrow::{SourcesReader, read_parquet};
use campaign_features::feature::source::{NONE, Requests, Row, Sources, SourcesBuilder, Unit};
use campaign_features::feature::spec::FeatureSpec;
use rand_distr::{Binomial, Distribution as _, Gamma, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng as _;

use crate::program::{Failure, OrFail as _};

/// 2025-01-01.
const FIRST: i32 = 20_089;
const DAYS: i32 = 365;
const CHANNELS: [&str; 6] = ["meta", "google", "tiktok", "microsoft", "linkedin", "pinterest"];
const KINDS: [&str; 3] = ["ad", "campaign", "channel"];
const SOURCE: &str = "ads";
const SUMS: [&str; 4] = ["spend", "clicks", "impressions", "conversions"];

/// Makes a panel of about so many rows: ads over a year, a tenth of the days missing, each day known
/// when it is over.
///
/// # Errors
/// In words.
pub fn make(rows: usize, seed: u64) -> Result<Sources, Failure> {
    let doing = "making the panel";
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let impressions_law = Poisson::new(2000.0).or_fail(doing)?;
    let price_law = Gamma::new(4.0, 200_000.0).or_fail(doing)?;
    let kept = Binomial::new(1, 0.9).or_fail(doing)?;
    let mut builder = SourcesBuilder::new(KINDS).or_fail(doing)?;
    let measures = [
        ("spend", Unit::Millionth),
        ("clicks", Unit::Count),
        ("impressions", Unit::Count),
        ("conversions", Unit::Millionth),
    ];
    let source = builder.source(SOURCE, &KINDS, &measures, &[]).or_fail(doing)?;
    let ads = (rows as f64 / f64::from(DAYS) / 0.9).round().max(1.0) as usize;
    for ad in 0..ads {
        let campaign = ad / 10;
        let channel = CHANNELS.get(campaign % CHANNELS.len()).copied();
        let (name, campaign) = (ad.to_string(), campaign.to_string());
        for day in FIRST..FIRST + DAYS {
            if kept.sample(&mut rng) == 0 {
                continue;
            }
            let impressions = impressions_law.sample(&mut rng) as u64;
            let clicks = Binomial::new(impressions, 0.02).or_fail(doing)?.sample(&mut rng);
            let conversions = Binomial::new(clicks, 0.03).or_fail(doing)?.sample(&mut rng);
            let spend = (clicks as f64 * price_law.sample(&mut rng)) as i64;
            let row = Row {
                keys: &[Some(&name), Some(&campaign), channel],
                day,
                known_at: midnight(day + 1),
                fact: None,
                measures: &[
                    Some(spend),
                    Some(clicks as i64),
                    Some(impressions as i64),
                    Some(conversions as i64 * 1_000_000),
                ],
                attributes: &[],
            };
            source.push(&row).or_fail(doing)?;
        }
    }
    builder.finish().or_fail(doing)
}

/// Reads a panel from Parquet, its columns those of a source.
///
/// # Errors
/// With the file's name.
pub fn read(path: &Path) -> Result<Sources, Failure> {
    let mut reader = SourcesReader::new(KINDS);
    for batch in read_parquet(path, 65_536).or_fail("the panel")? {
        let batch = batch.or_fail("the panel")?;
        reader.push(SOURCE, &batch).map_err(|error| Failure::at(path, error))?;
    }
    let sources = reader.finish().map_err(|error| Failure::at(path, error))?;
    if sources.sources.iter().all(|source| source.is_empty()) {
        return Err(Failure::at(path, "it has no rows"));
    }
    Ok(sources)
}

/// Four sums over the last seven days, and the spend of a day and of a week ago.
///
/// # Errors
/// In words.
pub fn features() -> Result<FeatureSpec, Failure> {
    let sums = SUMS.map(|measure| (measure, "7d"));
    let lags = [("spend", "lag1"), ("spend", "lag7")];
    let text: String = (sums.iter().chain(&lags))
        .map(|(measure, window)| {
            format!(
                "[[features]]\nkind = \"aggregate\"\nentity = \"ad\"\nsource = \"{SOURCE}\"\n\
                 statistic = \"sum\"\nmeasure = \"{measure}\"\nwindow = \"{window}\"\n"
            )
        })
        .collect();
    FeatureSpec::from_toml(&text).or_fail("the features")
}

/// The beginning of a day, in microseconds.
fn midnight(day: i32) -> i64 {
    i64::from(day) * 86_400_000_000
}

/// Asks, for each row of the panel, what was known of its ad when its day began.
///
/// # Errors
/// In words.
pub fn ask(sources: &Sources) -> Result<Requests, Failure> {
    let mut requests = sources.requests();
    let none = [NONE; KINDS.len()];
    for source in &sources.sources {
        let keys = source.keys.first().map(Vec::as_slice).unwrap_or_default();
        for (&key, &day) in keys.iter().zip(&source.day) {
            let mut of = none;
            of[0] = key;
            requests.push(&of, day, midnight(day)).or_fail("the requests")?;
        }
    }
    Ok(requests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_is_a_year_with_gaps() {
        let sources = make(3_285, 7).unwrap();
        let rows = sources.sources[0].len();
        // Ten ads; five standard deviations of the binomial count of 3,650 days kept.
        assert!((rows as f64 - 3_285.0).abs() < 5.0 * (3_650.0_f64 * 0.09).sqrt(), "{rows}");
        assert_eq!(sources, make(3_285, 7).unwrap());
        assert_ne!(sources, make(3_285, 8).unwrap());
        assert_eq!(ask(&sources).unwrap().len(), rows);
        let plan = features().unwrap().compile(&sources.schema()).unwrap();
        assert_eq!(plan.columns().len(), 6);
    }
}
