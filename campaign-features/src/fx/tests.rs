use super::*;
use jiff::civil::date;
use proptest::prelude::*;

fn code(code: &str) -> Currency {
    code.parse().unwrap()
}

const TABLE: &str = "\u{feff}date,base,quote,rate,source\n2026-05-01,EUR,USD,1.25,bank\n\
                     2026-05-01,EUR,GBP,0.8,desk\n2026-05-04,EUR,USD,1.2,bank\n";

#[test]
fn direct_reciprocal_and_through_a_common_currency() {
    let table = FxTable::from_csv(TABLE).unwrap();
    let day = date(2026, 5, 1);
    for (from, to, rate, derivation, sources) in [
        ("EUR", "USD", "1.25", Derivation::Direct, (Some("bank"), None)),
        ("USD", "EUR", "0.8", Derivation::Inverse, (Some("bank"), None)),
        ("USD", "GBP", "0.64", Derivation::Cross(code("EUR")), (Some("bank"), Some("desk"))),
        ("USD", "USD", "1", Derivation::Same, (None, None)),
    ] {
        let got = table.rate(code(from), code(to), day, 0).unwrap();
        assert_eq!(got.rate.normalize().to_string(), rate, "{from} {to}");
        assert_eq!(got.derivation, derivation);
        assert_eq!((got.source.as_deref(), got.second_source.as_deref()), sources);
    }
}

#[test]
fn missing_names_currency_and_day_unless_carried() {
    let table = FxTable::from_csv(TABLE).unwrap();
    let (eur, usd, day) = (code("EUR"), code("USD"), date(2026, 5, 3));
    let missing = table.rate(eur, usd, day, 1).unwrap_err();
    assert_eq!(missing.to_string(), "no exchange rate from EUR to USD on 2026-05-03");
    let carried = table.rate(eur, usd, day, 2).unwrap();
    assert_eq!((carried.rate.to_string().as_str(), carried.quoted), ("1.25", date(2026, 5, 1)));
    // Never backwards from a later day.
    assert!(table.rate(eur, usd, date(2026, 4, 30), 9).is_err());
}

#[test]
fn the_wide_table_of_the_central_bank() {
    let history =
        "Date,USD,JPY,CYP,GBP,\n2026-05-05,1.1,160.5,N/A,0.85,\n2026-05-04,1.2,,N/A,N/A,\n";
    let table = FxTable::from_csv(history).unwrap();
    assert_eq!((table.len(), table.unknown_columns()), (4, &["CYP".to_owned()][..]));
    let yen = table.rate(code("USD"), code("JPY"), date(2026, 5, 5), 0).unwrap();
    assert_eq!(yen.derivation, Derivation::Cross(code("EUR")));
    assert_eq!((yen.source.as_deref(), yen.second_source), (Some("ECB"), None));
    assert!(table.rate(code("EUR"), code("GBP"), date(2026, 5, 4), 3).is_err());
    let day = FxTable::from_csv("Date, USD, JPY, \n05 May 2026, 1.1, 160.5, \n").unwrap();
    assert_eq!(
        day.rate(code("EUR"), code("USD"), date(2026, 5, 5), 0).unwrap().rate.to_string(),
        "1.1"
    );
}

#[test]
fn bad_tables() {
    for (text, part) in [
        ("date,base,rate\n", "no column quote"),
        ("date,base,quote,rate\n2026-05-01,EUR,USD,x\n", "line 2, column rate: \"x\""),
        ("date,base,quote,rate\n2026-05-01,EUR,USD,-1\n", "column rate"),
        ("date,base,quote,rate\n1.5.26,EUR,USD,1\n", "column date"),
        ("date,base,quote,rate\n2026-05-01,EURO,USD,1\n", "column base"),
        ("date,base,quote,rate\n2026-05-01\n", "column base"),
        ("date,base,quote,rate\n2026-05-01,EUR,USD,1\n2026-05-01,EUR,USD,2\n", "line 3"),
        ("Date,USD\nyesterday,1\n", "line 2, column date: \"yesterday\""),
        ("Date,USD\n\n\r\n2026-05-01,0\n", "line 4"),
        ("Date,USD\n2026-05-01,0\n", "column USD: \"0\""),
        ("Date,USD\n2026-05-01,inf\n", "column USD: \"inf\""),
        ("Date,USD,EUR\n2026-05-01,1,1\n", "a column EUR"),
        ("Date,USD\n2026-05-01,1\n2026-05-01,2\n", "line 3"),
    ] {
        let error = FxTable::from_csv(text).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert!(FxTable::from_csv("").is_err());
}

proptest! {
    /// Every lookup against a scan of all quotes, day by day backwards.
    #[test]
    fn lookups_are_those_of_a_scan(
        quotes in prop::collection::vec((0..6_i8, 0..4_usize, 0..4_usize, 1..400_i64), 0..14),
        (from, to, day, carry) in (0..4_usize, 0..4_usize, 0..6_i8, 0..4_u16),
    ) {
        let codes = ["CHF", "EUR", "JPY", "USD"].map(code);
        let mut table = FxTable::new();
        let mut kept: Vec<(i8, Currency, Currency, Decimal)> = Vec::new();
        for (day, base, quote, cents) in quotes {
            if base == quote { continue }
            let rate = Decimal::new(cents, 2);
            table = table.with_rate(date(2026, 1, day + 1), codes[base], codes[quote], rate);
            kept.retain(|k| (k.0, k.1, k.2) != (day, codes[base], codes[quote]));
            kept.push((day, codes[base], codes[quote], rate));
        }
        let (from, to) = (codes[from], codes[to]);
        let find = |day: i8, a, b| {
            let quote = |a, b| kept.iter().find(|k| (k.0, k.1, k.2) == (day, a, b)).map(|k| k.3);
            quote(a, b).or_else(|| quote(b, a).map(|rate| Decimal::ONE / rate))
        };
        let mut expected = None;
        for back in 0..=carry as i8 {
            let on = day - back;
            let cross = || codes.iter().find_map(|p| {
                if [from, to].contains(p) { return None }
                Some(find(on, from, *p)? * find(on, *p, to)?)
            });
            if from == to { expected = Some((Decimal::ONE, day)); break }
            if let Some(rate) = find(on, from, to).or_else(cross) { expected = Some((rate, on)); break }
        }
        let got = table.rate(from, to, date(2026, 1, day + 1), carry).ok();
        prop_assert_eq!(
            got.map(|rate| (rate.rate, rate.quoted)),
            expected.map(|(rate, on)| (rate, date(2026, 1, on + 1)))
        );
    }
}

#[test]
fn the_currency_of_all_pairs() {
    let shared = |text: &str| FxTable::from_csv(text).unwrap().shared_currency();
    let eur = Some("EUR".parse().unwrap());
    let head = "date,base,quote,rate\n2026-05-04,";
    assert_eq!(shared(&format!("{head}USD,EUR,0.8\n")), eur);
    assert_eq!(shared(&format!("{head}EUR,USD,1.25\n2026-05-04,JPY,EUR,0.006\n")), eur);
    assert_eq!(shared(&format!("{head}EUR,USD,1.25\n2026-05-04,JPY,GBP,0.005\n")), None);
    assert_eq!(shared("Date,USD,JPY\n2026-05-04,1.25,160\n"), eur);
    assert_eq!(FxTable::new().shared_currency(), None);
}
