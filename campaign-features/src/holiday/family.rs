//! Mother's Day and Father's Day, which differ between countries.
//!
//! # Source
//! National custom, as of 2026; a country that is not listed has no rule here. Checked against the
//! public holidays of these names in tests/holidays.rs.

use jiff::civil::Date;

use super::ad_day::{easter, fixed, nth_sunday};

/// How a day is found in a year.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// The n-th Sunday of a month, counted from the end if negative.
    Sunday(i8, i8),
    /// Month and day.
    Fixed(i8, i8),
    /// Days after Easter Sunday.
    Easter(i32),
    /// The last Sunday of May, or the first of June where that is Pentecost.
    France,
}

impl Rule {
    fn in_year(self, year: i16) -> Option<Date> {
        match self {
            Self::Sunday(month, n) => nth_sunday(year, month, n),
            Self::Fixed(month, day) => fixed(year, month, day),
            Self::Easter(days) => easter(year, days),
            Self::France => match nth_sunday(year, 5, -1) {
                last if last == easter(year, 49) => nth_sunday(year, 6, 1),
                last => last,
            },
        }
    }
}

type Rules = [(Rule, &'static [&'static str])];

const MOTHER: &Rules = &[
    (
        Rule::Sunday(5, 2),
        &[
            "AT", "AU", "BE", "BR", "CA", "CH", "CL", "CN", "CO", "CZ", "DE", "DK", "EC", "EE",
            "FI", "GR", "HK", "HR", "IN", "IT", "JP", "LV", "MY", "NL", "NZ", "PE", "PH", "SG",
            "TR", "TW", "US", "UY", "VE", "ZA",
        ],
    ),
    (Rule::Easter(-21), &["GB", "GG", "IE", "IM", "JE"]),
    (Rule::Sunday(5, 1), &["ES", "HU", "LT", "PT", "RO"]),
    (Rule::Sunday(5, -1), &["DO", "SE"]),
    (Rule::Sunday(2, 2), &["NO"]),
    (Rule::Sunday(10, 3), &["AR"]),
    (Rule::Sunday(11, -1), &["RU"]),
    (Rule::France, &["FR"]),
    (Rule::Fixed(3, 21), &["AE", "BH", "EG", "IQ", "JO", "KW", "LB", "OM", "QA", "SA"]),
    (Rule::Fixed(5, 8), &["KR"]),
    (Rule::Fixed(5, 10), &["GT", "MX", "SV"]),
    (Rule::Fixed(5, 26), &["PL"]),
    (Rule::Fixed(8, 12), &["TH"]),
    (Rule::Fixed(12, 22), &["ID"]),
];

const FATHER: &Rules = &[
    (
        Rule::Sunday(6, 3),
        &[
            "AR", "CA", "CL", "CN", "CO", "CZ", "EC", "FR", "GB", "GG", "GR", "HK", "HU", "IE",
            "IM", "IN", "JE", "JP", "MX", "MY", "NL", "PE", "PH", "SG", "TR", "US", "VE", "ZA",
        ],
    ),
    (Rule::Sunday(9, 1), &["AU", "NZ"]),
    (Rule::Easter(39), &["DE"]),
    (Rule::Sunday(6, 2), &["AT", "BE"]),
    (Rule::Sunday(6, 1), &["CH", "LT"]),
    (Rule::Sunday(8, 2), &["BR"]),
    (Rule::Sunday(11, 2), &["EE", "FI", "NO", "SE"]),
    (Rule::Fixed(3, 19), &["ES", "HR", "IT", "PT"]),
    (Rule::Fixed(5, 8), &["KR"]),
    (Rule::Fixed(6, 5), &["DK"]),
    (Rule::Fixed(6, 23), &["PL"]),
    (Rule::Fixed(8, 8), &["TW"]),
    (Rule::Fixed(12, 5), &["TH"]),
];

fn of(rules: &Rules, country: &str, year: i16) -> Option<Date> {
    let found = rules.iter().find(|(_, countries)| countries.contains(&country));
    found.and_then(|(rule, _)| rule.in_year(year))
}

pub(super) fn mothers_day(country: &str, year: i16) -> Option<Date> {
    of(MOTHER, country, year)
}

pub(super) fn fathers_day(country: &str, year: i16) -> Option<Date> {
    of(FATHER, country, year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn known_days() {
        // Mothering Sunday 2024 was 10 March, 2025 30 March, 2026 15 March (three weeks before Easter).
        for (country, day) in [
            ("GB", date(2024, 3, 10)),
            ("GB", date(2025, 3, 30)),
            ("IE", date(2026, 3, 15)),
            ("US", date(2026, 5, 10)),
            ("NO", date(2026, 2, 8)),
            ("ES", date(2026, 5, 3)),
            // Pentecost 2020 was the last Sunday of May; 2026 it is the Sunday before.
            ("FR", date(2020, 6, 7)),
            ("FR", date(2026, 5, 31)),
            ("SE", date(2026, 5, 31)),
            ("AR", date(2026, 10, 18)),
        ] {
            assert_eq!(mothers_day(country, day.year()), Some(day), "{country}");
        }
        for (country, day) in [
            ("US", date(2026, 6, 21)),
            ("DE", date(2026, 5, 14)),
            ("AU", date(2026, 9, 6)),
            ("SE", date(2026, 11, 8)),
        ] {
            assert_eq!(fathers_day(country, day.year()), Some(day), "{country}");
        }
        assert_eq!(mothers_day("XX", 2026), None);
    }

    #[test]
    fn no_country_has_two_rules_and_all_exist() {
        for rules in [MOTHER, FATHER] {
            let mut all: Vec<&str> = rules.iter().flat_map(|(_, c)| c.iter().copied()).collect();
            for country in &all {
                assert!(country.parse::<super::super::Region>().is_ok(), "{country}");
            }
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), count);
        }
    }
}
