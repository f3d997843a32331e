use super::*;
use campaign_core::time::zone;
use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn read(text: &str, order: Option<DateOrder>) -> Result<Date, DateError> {
    parse_date(text)?.resolve(order)
}

#[test]
fn forms_of_public_fixtures() {
    for (text, expected) in [
        ("20260901", date(2026, 9, 1)),
        ("2026-09-30", date(2026, 9, 30)),
        ("2026/9/3", date(2026, 9, 3)),
        ("30/09/2026", date(2026, 9, 30)),
        ("9/30/2026", date(2026, 9, 30)),
        ("05.10.2026", date(2026, 10, 5)),
        ("Sep 5, 2026", date(2026, 9, 5)),
        ("September 5, 2026", date(2026, 9, 5)),
        ("1 Sept 2026", date(2026, 9, 1)),
        ("5. März 2026", date(2026, 3, 5)),
        ("5 de septiembre de 2026", date(2026, 9, 5)),
        ("5 août 2026", date(2026, 8, 5)),
        ("5-Sep-2026", date(2026, 9, 5)),
        ("Sat, Sep 5, 2026", date(2026, 9, 5)),
        ("mar., 1 sept 2026", date(2026, 9, 1)),
        ("2026年9月5日", date(2026, 9, 5)),
        ("2026/09/05", date(2026, 9, 5)),
        ("05/05/2026", date(2026, 5, 5)),
    ] {
        assert_eq!(read(text, None), Ok(expected), "{text}");
    }
}

#[test]
fn ambiguous_until_the_order_is_known() {
    assert_eq!(read("05/10/2026", None), Err(DateError::Ambiguous));
    assert_eq!(read("05/10/2026", Some(DateOrder::DayFirst)), Ok(date(2026, 10, 5)));
    assert_eq!(read("05/10/2026", Some(DateOrder::MonthFirst)), Ok(date(2026, 5, 10)));
    // Under a stated order the other one is no day.
    assert_eq!(read("30/09/2026", Some(DateOrder::MonthFirst)), Err(DateError::Calendar));
}

#[test]
fn what_is_no_date() {
    for text in [
        "",
        "2026-13-01",
        "2026-02-30",
        "31/31/2026",
        "99999999",
        "9/1/26",
        "Foo 5, 2026",
        "2026",
        "Total",
        "2026-09-01-02",
        "0000-01-01",
        "1 Sept",
        "--",
        "5/Sep/26",
        "Foo, Sep 5, 2026",
        "Sat, Sep 5",
        "2026年9月",
        "2026年13月5日",
    ] {
        assert!(read(text, Some(DateOrder::DayFirst)).is_err(), "{text}");
    }
}

#[test]
fn stamps() {
    let new_york = zone("America/New_York").unwrap();
    for (text, expected) in [
        ("2026-07-03 11:02:00 -0400", "2026-07-03T15:02:00Z"),
        ("2026-07-03T11:02:00Z", "2026-07-03T11:02:00Z"),
        ("2026-07-03T11:02:00.5+02:00", "2026-07-03T09:02:00.5Z"),
        ("2026-07-03 11:02:00", "2026-07-03T15:02:00Z"),
        ("2026-07-03", "2026-07-03T04:00:00Z"),
        ("2021-09-15 5:00:00", "2021-09-15T09:00:00Z"),
        ("2026-07-03|13", "2026-07-03T17:00:00Z"),
        ("Jul 3, 2026 1:02:03 PM", "2026-07-03T17:02:03Z"),
        ("Jul 3, 2026, 12:02 am", "2026-07-03T04:02:00Z"),
        ("7/31/2026 11:02", "2026-07-31T15:02:00Z"),
        ("2026-07-03 11:02:00 Europe/Berlin", "2026-07-03T09:02:00Z"),
        ("1783076520", "2026-07-03T11:02:00Z"),
        ("1783076520500", "2026-07-03T11:02:00.5Z"),
    ] {
        let at = parse_stamp(text).and_then(|s| s.instant(None, &new_york));
        assert_eq!(at.map(|t| t.to_string()), Ok(expected.to_owned()), "{text}");
    }
    for text in ["2026-07-03 25:00:00", "2026-07-03 1:2:3:4", "2026-07-03 11:00 Mars/X", "11:00"] {
        assert!(parse_stamp(text).is_err(), "{text}");
    }
}

#[test]
fn periods() {
    let september = Some((date(2026, 9, 1), date(2026, 9, 30)));
    assert_eq!(parse_period("September 1, 2026 - September 30, 2026"), september);
    assert_eq!(parse_period("2026-09-01/2026-09-30"), september);
    assert_eq!(parse_period("Campaign report"), None);
    assert_eq!(parse_period("9/1/2026,9/30/2026"), september);
    assert_eq!(parse_period("Sep 1, 2026-Sep 30, 2026"), september);
    assert_eq!(parse_period("20260901-20260930"), september);
    assert_eq!(parse_period("9/1/2026,9/3/2026"), None);
    let three = Some((date(2026, 9, 1), date(2026, 9, 3)));
    assert_eq!(period("9/1/2026,9/3/2026", Some(DateOrder::MonthFirst)), three);
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,30}", digits in "[0-9/.: |TZ+-]{0,24}") {
        for text in [text, digits] {
            if let Ok(stamp) = parse_stamp(&text) {
                let _ = stamp.instant(Some(DateOrder::DayFirst), &TimeZone::UTC);
            }
            let _ = parse_period(&text);
        }
    }
}
