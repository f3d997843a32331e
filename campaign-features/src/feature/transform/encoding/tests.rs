use super::*;
use proptest::prelude::*;

fn target() -> Encoding {
    Encoding::new(EncodingKind::Target)
}

/// A sum over the rows a row may see, the plain way; labels are small whole numbers, so sums are exact.
fn brute(
    encoding: Encoding,
    levels: &[u32],
    labels: &[f64],
    sees: impl Fn(usize, usize) -> bool,
) -> Vec<f64> {
    let of = |i: usize| {
        if levels[i] == NO_LEVEL {
            return f64::NAN;
        }
        let seen: Vec<usize> =
            (0..levels.len()).filter(|&j| levels[j] != NO_LEVEL && sees(i, j)).collect();
        let own: Vec<usize> = seen.iter().copied().filter(|&j| levels[j] == levels[i]).collect();
        let total = |rows: &[usize]| rows.iter().map(|&j| labels[j]).sum::<f64>();
        let prior = encoding.prior.unwrap_or(total(&seen) / seen.len() as f64);
        let n = own.len() as f64;
        match encoding.kind {
            EncodingKind::Count => n,
            EncodingKind::Frequency => n / seen.len() as f64,
            EncodingKind::Target if own.is_empty() => prior,
            EncodingKind::Target => {
                (total(&own) + prior * encoding.strength) / (n + encoding.strength)
            }
        }
    };
    (0..levels.len()).map(of).collect()
}

fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || a.is_nan() && b.is_nan())
}

type Rows = (Vec<u32>, Vec<f64>, Vec<u32>, Vec<Moment>);

fn any_rows() -> impl Strategy<Value = Rows> {
    let level = prop_oneof![8 => 0..5_u32, 1 => Just(NO_LEVEL)];
    let row = (level, 0..4_i32, 0..4_u32, 0..12_i64, 0..6_i64, any::<bool>());
    proptest::collection::vec(row, 0..40).prop_map(|rows| {
        let moment = |at, delay, never| Moment {
            at,
            label_known: if never && delay > 3 { i64::MAX } else { at + delay },
        };
        (
            rows.iter().map(|r| r.0).collect(),
            rows.iter().map(|r| f64::from(r.1)).collect(),
            rows.iter().map(|r| r.2).collect(),
            rows.iter().map(|r| moment(r.3, r.4, r.5)).collect(),
        )
    })
}

fn any_encoding() -> impl Strategy<Value = Encoding> {
    let kind = prop_oneof![
        Just(EncodingKind::Target),
        Just(EncodingKind::Count),
        Just(EncodingKind::Frequency)
    ];
    (kind, 0..4_i32, proptest::option::of(0..3_i32)).prop_map(|(kind, strength, prior)| Encoding {
        kind,
        strength: f64::from(strength) / 2.0,
        prior: prior.map(f64::from),
    })
}

proptest! {
    #[test]
    fn folds_by_brute_force((levels, labels, folds, _) in any_rows(), encoding in any_encoding()) {
        let got = encoding.out_of_fold(&levels, &labels, None, &folds).unwrap();
        let expected = brute(encoding, &levels, &labels, |i, j| folds[i] != folds[j]);
        prop_assert!(same(&got, &expected), "{got:?} {expected:?}");
    }

    #[test]
    fn time_by_brute_force((levels, labels, _, moments) in any_rows(), encoding in any_encoding()) {
        let got = encoding.expanding(&levels, &labels, None, &moments).unwrap();
        let expected = brute(encoding, &levels, &labels, |i, j| {
            moments[j].at < moments[i].at
                && moments[j].label_known <= moments[i].at
                && moments[j].label_known != i64::MAX
        });
        prop_assert!(same(&got, &expected), "{got:?} {expected:?}");
    }

    /// With labels that do not add up exactly, so that a trace in the last bit would show.
    #[test]
    fn own_label_leaves_no_bit(
        (levels, labels, folds, moments) in any_rows(),
        encoding in any_encoding(),
        other in -1e6..1e6_f64,
        pick in any::<proptest::sample::Index>(),
    ) {
        prop_assume!(!levels.is_empty());
        let labels: Vec<f64> = labels.iter().map(|y| y * 0.1 + 0.7).collect();
        let at = pick.index(levels.len());
        let mut changed = labels.clone();
        changed[at] = other;
        let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
        let fold = |labels: &[f64]| bits(encoding.out_of_fold(&levels, labels, None, &folds).unwrap());
        let time = |labels: &[f64]| bits(encoding.expanding(&levels, labels, None, &moments).unwrap());
        prop_assert_eq!(fold(&labels)[at], fold(&changed)[at]);
        let (before, after) = (time(&labels), time(&changed));
        for (row, moment) in moments.iter().enumerate() {
            if moment.at < moments[at].label_known || moment.at <= moments[at].at {
                prop_assert_eq!(before[row], after[row]);
            }
        }
    }
}

#[test]
fn a_level_of_one_row_gets_the_prior() {
    let levels = [0, 1, 1, 2, 1];
    let folds = [0, 1, 0, 1, 0];
    for label in [-1e9, 0.0, 1e9] {
        let labels = [1.0, 2.0, 3.0, label, 5.0];
        let out = target().out_of_fold(&levels, &labels, None, &folds).unwrap();
        assert_eq!(out[3], (1.0 + 3.0 + 5.0) / 3.0);
        let fixed = target().with_prior(0.25).with_strength(9.0);
        assert_eq!(fixed.out_of_fold(&levels, &labels, None, &folds).unwrap()[3], 0.25);
    }
}

/// A control: the table fitted on the row itself does give the label away.
#[test]
fn fitting_on_the_rows_themselves_leaks() {
    let table = target().fit(&[0, 1, 1], &[42.0, 0.0, 1.0], None).unwrap();
    assert_eq!(table.encode(0), 42.0);
}

#[test]
fn weights_and_missing_levels() {
    let levels = [3, 3, NO_LEVEL, 4];
    let table =
        target().fit(&levels, &[1.0, 4.0, 100.0, 7.0], Some(&[3.0, 1.0, 5.0, 0.0])).unwrap();
    assert_eq!(table.level(3), Some(Level { sum: 7.0, weight: 4.0 }));
    assert_eq!(table.encode(3), 7.0 / 4.0);
    assert_eq!(table.encode(4), 7.0 / 4.0);
    assert_eq!(table.all().weight, 4.0);
    let mut out = [0.0; 4];
    table.encode_into(&levels, &mut out);
    assert!(out[2].is_nan());
    let empty = EncodingTable::new(target()).unwrap();
    assert!(empty.encode(1).is_nan());
    assert_eq!(EncodingTable::new(Encoding::new(EncodingKind::Count)).unwrap().encode(1), 0.0);
}

#[test]
fn rows_added_later_are_rows_fitted() {
    let (levels, labels) = ([0, 1, 0, 2], [0.1, 0.2, 0.3, 0.7]);
    let encoding = target().with_strength(1.5);
    let fitted = encoding.fit(&levels, &labels, None).unwrap();
    let mut grown = EncodingTable::new(encoding).unwrap();
    for (level, label) in levels.into_iter().zip(labels) {
        grown.add(level, label, 1.0).unwrap();
    }
    assert_eq!(grown, fitted);
    let saved = serde_json::to_string(&fitted).unwrap();
    assert_eq!(serde_json::from_str::<EncodingTable>(&saved).unwrap(), fitted);
}

#[test]
fn bad_input() {
    assert!(target().with_strength(-1.0).fit(&[], &[], None).is_err());
    assert!(target().with_prior(f64::NAN).fit(&[], &[], None).is_err());
    let error = target().fit(&[0, 0], &[1.0, f64::NAN], None).unwrap_err();
    assert!(matches!(error, TransformError::NonFinite { what: "labels", row: 1, .. }));
    let error = target().fit(&[0], &[1.0], Some(&[-1.0])).unwrap_err();
    assert_eq!(error.to_string(), "weights[0] is -1, expected 0 or more");
    assert!(target().fit(&[0], &[1e300], Some(&[1e300])).is_err());
    let error = target().out_of_fold(&[0], &[1.0], None, &[]).unwrap_err();
    assert_eq!(error, TransformError::Length { what: "folds", got: 0, expected: 1 });
    assert!(target().expanding(&[0], &[1.0], None, &[]).is_err());
    assert!(target().fit(&[0], &[], None).is_err());
    let far = [Moment { at: i64::MAX, label_known: i64::MIN }; 2];
    let out = target().expanding(&[0, 0], &[1.0, 2.0], None, &far).unwrap();
    assert!(out.iter().all(|value| value.is_nan()));
}
