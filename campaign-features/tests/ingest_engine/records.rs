//! Records as CSV and back.

use campaign_core::record::Reporting;
use campaign_core::{
    AccountId, AdGroupId, AdId, AudienceId, BrandId, CampaignId, ChannelId, CreativeId, Micros,
    Record, SourceId,
};
use campaign_features::ingest::{RecordError, read_records, write_records};
use jiff::Timestamp;
use proptest::prelude::*;

fn text() -> impl Strategy<Value = Option<String>> {
    prop::option::of("['=+@\\-a-zü\"\n,;|0-9 ]{0,8}[a-z'=0-9]")
}

type Texts = [Option<String>; 15];

fn record(texts: Texts, numbers: [i64; 4], known: (i64, i32), parts: (f64, bool)) -> Record {
    let id = |text: &Option<String>| text.as_ref().map(|t| t.replace(char::is_control, " "));
    let arc = |text: &Option<String>| text.as_deref().map(std::sync::Arc::from);
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = &texts;
    let count = |n: i64| (n % 3 != 0).then_some(n.unsigned_abs());
    Record {
        brand: BrandId::new("acme").unwrap(),
        source: SourceId::new("meta_ads").unwrap(),
        account: id(a).and_then(|t| AccountId::new(t).ok()),
        channel: id(b).and_then(|t| ChannelId::new(t).ok()),
        campaign: id(c).and_then(|t| CampaignId::new(t).ok()),
        campaign_name: arc(d),
        ad_group: id(e).and_then(|t| AdGroupId::new(t).ok()),
        ad_group_name: arc(f),
        ad: id(g).and_then(|t| AdId::new(t).ok()),
        ad_name: arc(h),
        creative: id(i).and_then(|t| CreativeId::new(t).ok()),
        audience: id(j).and_then(|t| AudienceId::new(t).ok()),
        country: arc(k),
        breakdown: arc(l),
        date: jiff::civil::date(2026, 5, 4),
        zone: arc(m),
        currency: n.as_ref().and("EUR".parse().ok()),
        spend: Micros(numbers[0]),
        revenue: (numbers[1] % 2 == 0).then_some(Micros(numbers[1])),
        reporting: parts.1.then(|| Reporting {
            currency: "USD".parse().unwrap(),
            rate: "1.0837".parse().unwrap(),
            spend: Micros(numbers[2]),
            revenue: Some(Micros(-numbers[3])),
        }),
        impressions: count(numbers[2]),
        clicks: count(numbers[3]),
        conversions: (numbers[3] % 2 == 0).then_some(parts.0),
        video_views: count(numbers[1]),
        attribution_window: arc(o),
        known_at: Timestamp::new(known.0, known.1).unwrap(),
    }
}

proptest! {
    #[test]
    fn records_come_back(
        rows in prop::collection::vec((prop::array::uniform15(text()), prop::array::uniform4(-(1_i64 << 60)..1 << 60), (0_i64..4_000_000_000, 0_i32..1_000_000_000), (0.0_f64..1e12, any::<bool>())), 0..5),
    ) {
        let records: Vec<Record> = rows.into_iter().map(|(t, n, k, p)| record(t, n, k, p)).collect();
        let mut csv = Vec::new();
        write_records(&mut csv, &records).unwrap();
        let again: Vec<Record> = read_records(csv.as_slice()).collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(again, records);
    }

    #[test]
    fn damaged_tables_are_errors(cut in 0_usize..900, at in 0_usize..900, byte in any::<u8>()) {
        let mut csv = Vec::new();
        let none: Texts = Default::default();
        write_records(&mut csv, &[record(none, [5; 4], (0, 0), (1.0, true))]).unwrap();
        csv.truncate(cut.max(1));
        let at = at % csv.len();
        csv[at] = byte;
        // Whatever it gives, it ends.
        assert!(read_records(csv.as_slice()).count() <= 3);
    }
}

#[test]
fn errors_name_row_column_value_and_what_was_expected() {
    let mut csv = Vec::new();
    let none: Texts = Default::default();
    let rows = [
        record(none.clone(), [5; 4], (0, 0), (1.0, false)),
        record(none, [5; 4], (0, 0), (1.0, false)),
    ];
    write_records(&mut csv, &rows).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    let wrong = csv.replacen("2026-05-04", "2026-15-04", 1);
    let read: Vec<_> = read_records(wrong.as_bytes()).collect();
    let expected = RecordError::Cell {
        row: 2,
        column: "date",
        value: "2026-15-04".to_owned(),
        expected: "a date",
    };
    assert_eq!(read[0], Err(expected));
    // The row behind it is read.
    assert!(read[1].is_ok() && read.len() == 2);
    let without = csv.replacen("known_at", "known", 1);
    let read: Vec<_> = read_records(without.as_bytes()).collect();
    assert_eq!(read, [Err(RecordError::Column { column: "known_at" })]);
}
