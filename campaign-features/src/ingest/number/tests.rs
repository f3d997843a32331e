use super::parse::digits;
use super::*;
use proptest::prelude::*;

fn micros(text: &str, mark: DecimalMark) -> i64 {
    parse(text, mark).unwrap().unwrap().to_micros(Unit::Units).unwrap().0.0
}

#[test]
fn amounts_of_public_fixtures() {
    use DecimalMark::{Comma, Dot};
    for (text, mark, expected, code) in [
        ("1.234,56", Comma, 1_234_560_000, None),
        ("1 234,56", Comma, 1_234_560_000, None),
        ("1\u{a0}234,56", Comma, 1_234_560_000, None),
        ("1\u{202f}234,56", Comma, 1_234_560_000, None),
        ("12,50", Comma, 12_500_000, None),
        ("S/ 99", Dot, 99_000_000, Some("PEN")),
        ("GBP 99.50", Dot, 99_500_000, Some("GBP")),
        ("TRY 1.20", Dot, 1_200_000, Some("TRY")),
        ("£1,234.56", Dot, 1_234_560_000, Some("GBP")),
        ("$172.45", Dot, 172_450_000, None),
        ("-$172.45", Dot, -172_450_000, None),
        ("$-172.45", Dot, -172_450_000, None),
        ("(45.10)", Dot, -45_100_000, None),
        ("($45.10)", Dot, -45_100_000, None),
        ("99,50 EUR", Comma, 99_500_000, Some("EUR")),
        ("1,204", Dot, 1_204_000_000, None),
        ("1.204", Comma, 1_204_000_000, None),
        ("1'234.50", Dot, 1_234_500_000, None),
        ("1,23,456.78", Dot, 123_456_780_000, None),
        ("144.", Dot, 144_000_000, None),
        (".5", Dot, 500_000, None),
        ("1.429999948", Dot, 1_430_000, None),
        ("1e-05", Dot, 10, None),
        ("\u{2212}3", Dot, -3_000_000, None),
    ] {
        assert_eq!(micros(text, mark), expected, "{text}");
        let number = parse(text, mark).unwrap().unwrap();
        assert_eq!(number.currency.map(Currency::code), code, "{text}");
    }
}

#[test]
fn percents_bounds_and_nulls() {
    let percent = parse("57.32%", DecimalMark::Dot).unwrap().unwrap();
    assert!(percent.percent && percent.to_f64() == 57.32);
    for (text, bound) in [("< 10%", Bound::Below), ("> 90%", Bound::Above)] {
        assert_eq!(parse(text, DecimalMark::Dot).unwrap().unwrap().bound, Some(bound));
    }
    for null in ["", " ", " --", "--", "-", "\u{2014}", "null"] {
        assert_eq!(parse(null, DecimalMark::Dot).unwrap(), None, "{null:?}");
    }
}

#[test]
fn what_is_no_number() {
    for text in [
        "abc", "nan", "inf", "1,23", "12,50", "1.2.3", "1,2345", "--5", "-(5)", "1 2", "$", "%",
        "5 apples", "0x10", "1e999", "=1+1", "USD", "\u{664}", "()", "<", "1,,000", "é3",
    ] {
        assert!(parse(text, DecimalMark::Dot).is_err(), "{text}");
    }
    let huge = "9".repeat(31);
    assert_eq!(parse(&huge, DecimalMark::Dot), Err(NumberError::Digits));
    let large = parse("9223372036855", DecimalMark::Dot).unwrap().unwrap();
    assert_eq!(large.to_micros(Unit::Units), Err(NumberError::Range));
}

#[test]
fn counts() {
    let count = |text| parse(text, DecimalMark::Dot).unwrap().unwrap().to_count();
    assert_eq!(count("1,204"), Ok(1204));
    assert_eq!(count("12.0"), Ok(12));
    assert_eq!(count("12.5"), Err(NumberError::Fraction));
    assert_eq!(count("-1"), Err(NumberError::Negative));
    assert_eq!(count("18446744073709551616"), Err(NumberError::Range));
}

#[test]
fn units() {
    let number = parse("1632333323", DecimalMark::Dot).unwrap().unwrap();
    assert_eq!(number.to_micros(Unit::Micros), Ok((Micros(1_632_333_323), false)));
    assert_eq!(number.to_micros(Unit::Cents).unwrap().0.0, 16_323_333_230_000);
    let float = parse("0.0000005", DecimalMark::Dot).unwrap().unwrap();
    assert_eq!(float.to_micros(Unit::Units), Ok((Micros(0), true)));
    let float = parse("0.0000015", DecimalMark::Dot).unwrap().unwrap();
    assert_eq!(float.to_micros(Unit::Units), Ok((Micros(2), true)));
}

#[test]
fn forms_that_prove_the_decimal_mark() {
    use DecimalMark::{Comma, Dot};
    for (text, mark) in [
        ("1.234,56", Some(Comma)),
        ("1,234.56", Some(Dot)),
        ("12,5", Some(Comma)),
        ("12.5", Some(Dot)),
        ("1,234", None),
        ("1.234", None),
        ("1.234.567", Some(Comma)),
        ("1,234,567", Some(Dot)),
        ("0.1234", Some(Dot)),
        ("0.500", Some(Dot)),
        ("-0,500", Some(Comma)),
        ("$0.500", Some(Dot)),
        ("1234.567", Some(Dot)),
        ("7", None),
    ] {
        assert_eq!(evidence(text), mark, "{text}");
    }
}

proptest! {
    /// The short way gives what the long one gives.
    #[test]
    fn plain_digits_as_any_number(text in "[0-9]{0,12}[.,]?[0-9]{0,8}") {
        for mark in [DecimalMark::Dot, DecimalMark::Comma] {
            let Some(plain) = Plain::read(&text, mark) else { continue };
            let (mantissa, scale) = digits(&text, mark).unwrap();
            let number = Number { mantissa, scale, percent: false, currency: None, bound: None };
            prop_assert_eq!((i128::from(plain.mantissa), plain.scale), (mantissa, scale));
            for unit in [Unit::Units, Unit::Cents, Unit::Micros] {
                if let Some(micros) = plain.micros(unit) {
                    prop_assert_eq!(number.to_micros(unit), Ok((micros, false)));
                }
            }
            if let Some(value) = plain.to_f64() {
                prop_assert_eq!(value, number.to_f64());
            }
            prop_assert_eq!(plain.could_be_either, could_be_either(&text));
            prop_assert_eq!(plain.marked && !plain.could_be_either, evidence(&text) == Some(mark));
        }
    }

    #[test]
    fn never_panics(text in "\\PC{0,24}") {
        let _ = parse(&text, DecimalMark::Dot);
        let _ = parse(&text, DecimalMark::Comma);
        let _ = evidence(&text);
    }

    #[test]
    fn both_styles_read_what_was_written(amount in -9_000_000_000_000_i64..9_000_000_000_000) {
        let (sign, whole, cents) =
            (if amount < 0 { "-" } else { "" }, amount.abs() / 100, amount.abs() % 100);
        let plain = whole.to_string();
        let mut grouped = String::new();
        for (index, c) in plain.chars().enumerate() {
            if index > 0 && (plain.len() - index).is_multiple_of(3) { grouped.push('_'); }
            grouped.push(c);
        }
        let expected = amount * 10_000;
        let dot = format!("{sign}{}.{cents:02}", grouped.replace('_', ","));
        let comma = format!("{sign}{},{cents:02}", grouped.replace('_', "."));
        let narrow = format!("{sign}{},{cents:02}", grouped.replace('_', "\u{202f}"));
        prop_assert_eq!(micros(&dot, DecimalMark::Dot), expected);
        prop_assert_eq!(micros(&comma, DecimalMark::Comma), expected);
        prop_assert_eq!(micros(&narrow, DecimalMark::Comma), expected);
    }

    #[test]
    fn f64_is_the_nearest(mantissa in any::<i64>(), scale in 0_u32..25) {
        let number = Number { mantissa: mantissa.into(), scale, percent: false, currency: None, bound: None };
        let expected: f64 = format!("{mantissa}e-{scale}").parse().unwrap();
        prop_assert_eq!(number.to_f64(), expected);
    }
}
