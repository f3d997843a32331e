//! The same bits on any number of threads, under any order of columns, and for the same seed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::rand::RngExt;
use campaign_core::{Dataset, Model};
use campaign_models::gbdt::Goss;
use campaign_models::{Gbdt, GbdtConfig, Objective};
use common::{made_up, permuted, rng};

fn config(loss: Objective) -> GbdtConfig {
    GbdtConfig::new(loss).with_trees(12).with_row_sample(0.7).with_column_sample(0.6)
}

fn bits(model: &Gbdt, data: &Dataset) -> Vec<u64> {
    model.predict(data.features()).unwrap().iter().map(|p| p.to_bits()).collect()
}

#[test]
fn one_two_four_and_eight_threads() {
    // Enough cells for the root and its children to be summed on several threads.
    let data = made_up(20_000, 6, true, 5);
    for config in [
        config(Objective::Logistic),
        config(Objective::Quantile { level: 0.7 }),
        config(Objective::Poisson)
            .with_row_sample(1.0)
            .with_goss(Some(Goss { top: 0.2, other: 0.3 })),
    ] {
        let fit = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| config.fit(&data, None, &mut rng(9)).unwrap())
        };
        let one = fit(1);
        for threads in [2, 4, 8] {
            let more = fit(threads);
            assert_eq!(bits(&one, &data), bits(&more, &data));
            #[cfg(feature = "serde")]
            assert_eq!(one.to_json().unwrap(), more.to_json().unwrap());
        }
    }
}

#[test]
fn permuted_columns_give_permuted_models() {
    for (seed, loss) in [
        (1, Objective::Squared),
        (2, Objective::Logistic),
        (3, Objective::Quantile { level: 0.3 }),
        (4, Objective::Huber { delta: 0.2 }),
    ] {
        let data = made_up(3_000, 5, loss == Objective::Logistic, seed);
        let expected = config(loss).fit(&data, None, &mut rng(9)).unwrap();
        for order in [[6, 5, 4, 3, 2, 1, 0], [3, 0, 6, 2, 5, 1, 4]] {
            let other = permuted(&data, &order);
            let model = config(loss).fit(&other, None, &mut rng(9)).unwrap();
            assert_eq!(bits(&expected, &data), bits(&model, &other));
            assert_eq!(expected.importance(), model.importance());
        }
    }
}

#[test]
fn ties_between_columns_go_to_the_first_name() {
    // Two copies of one column: whichever order they come in, the one named first is used.
    use campaign_core::{Column, ndarray::Array2};
    for names in [["a", "b"], ["b", "a"]] {
        let mut r = rng(3);
        let values: Vec<f64> = (0..200).map(|_| r.random()).collect();
        let x = Array2::from_shape_fn((200, 2), |(row, _)| values[row]);
        let data = Dataset::new(names.map(Column::numeric).to_vec(), x)
            .and_then(|d| d.with_target(values.iter().map(|v| (v * 9.0).sin()).collect()))
            .unwrap();
        let model = GbdtConfig::new(Objective::Squared).fit(&data, None, &mut rng(1)).unwrap();
        let importance = model.importance();
        assert_eq!(importance[0].name.as_ref(), "a");
        assert_eq!((importance[1].splits, importance[1].gain), (0, 0.0));
    }
}

#[test]
fn seeds_matter_only_when_sampling() {
    let data = made_up(2_000, 4, false, 5);
    let fit =
        |config: &GbdtConfig, seed| bits(&config.fit(&data, None, &mut rng(seed)).unwrap(), &data);
    let sampled = config(Objective::Squared);
    assert_eq!(fit(&sampled, 1), fit(&sampled, 1));
    assert_ne!(fit(&sampled, 1), fit(&sampled, 2));
    let all = GbdtConfig::new(Objective::Squared).with_trees(5);
    assert_eq!(fit(&all, 1), fit(&all, 2));
}
