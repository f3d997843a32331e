//! What a report says of a file beside its counts.

use campaign_core::Micros;
use campaign_features::ingest::number::DecimalMark;
use campaign_features::ingest::{Finding, IngestError, SourceDefaults};

use super::{config, counts, read, read_with};

#[test]
fn totals_that_disagree_are_found_with_both_numbers() {
    let head = "Day,Campaign name,Ad ID,Amount spent (EUR),Impressions,Link clicks\n";
    let text = |total: &str| {
        format!(
            "{head}2026-05-04,Total Care,7,2.50,10,1\n2026-05-05,Total Care,7,3.25,20,2\n{total}"
        )
    };
    let agrees = read(&[("a.csv", &text(",,,5.75,30,3\n"))]);
    assert_eq!(counts(&agrees.sources[0]), [2, 2, 0, 0, 2]);
    assert!(agrees.sources[0].findings.is_empty());
    assert!(agrees.records.iter().all(|r| r.campaign_name.as_deref() == Some("Total Care")));
    let wrong = read(&[("a.csv", &text("Total,,,6.75,30,4\n"))]);
    let total = |column: &str, stated: i64, sum: i64| Finding::Total {
        row: 4,
        column: column.to_owned(),
        stated: Micros(stated),
        sum: Micros(sum),
    };
    assert_eq!(
        wrong.sources[0].findings,
        [
            total("Amount spent (EUR)", 6_750_000, 5_750_000),
            total("Link clicks", 4_000_000, 3_000_000)
        ]
    );
    assert!(wrong.sources[0].notes.iter().any(|n| n.contains("6.75") && n.contains("5.75")));
    // Cells that were rounded to be written may miss the total by a little.
    let rounded = read(&[("a.csv", &text("Total,,,5.77,30,3\n"))]);
    assert!(rounded.sources[0].findings.is_empty(), "{:?}", rounded.sources[0].findings);
    let missing = read(&[("a.csv", &text("Total,,,5.79,30,3\n"))]);
    assert_eq!(missing.sources[0].findings, [total("Amount spent (EUR)", 5_790_000, 5_750_000)]);
    // A part of the file that another file restates is still a part of its total.
    let other = format!("{head}2026-05-04,Total Care,7,2.75,10,1\n");
    let both = read(&[("a.csv", &text(",,,5.75,30,3\n")), ("b.csv", &other)]);
    assert!(both.sources[0].findings.is_empty(), "{:?}", both.sources[0].findings);
}

#[test]
fn numbers_that_contradict_the_mark_of_their_file_are_found() {
    let german = |click: &str| {
        format!(
            "Tag,Kampagnenname,Anzeigen-ID,Ausgegebener Betrag (EUR),Impressionen\n\
             2026-05-04,Marke,7,12.50,{click}\n2026-05-05,Marke,7,0.75,20\n"
        )
    };
    let out = read(&[("a.csv", &german("1.000"))]);
    let finding = Finding::DecimalMark { mark: DecimalMark::Dot, proofs: 2, against: 1 };
    assert_eq!(out.sources[0].findings, [finding]);
    assert!(out.sources[0].notes.iter().any(|note| note.contains("contradict")));
    for clean in ["1000", "\"1,000\""] {
        assert!(read(&[("a.csv", &german(clean))]).sources[0].findings.is_empty(), "{clean}");
    }
    // Where the comma is the decimal one, the point is that of thousands.
    let comma = german("1.000").replace("12.50", "\"12,50\"").replace("0.75", "\"0,75\"");
    let out = read(&[("a.csv", &comma)]);
    assert!(out.sources[0].findings.is_empty(), "{:?}", out.sources[0].findings);
    assert_eq!(out.records[0].impressions, Some(1000));
}

#[test]
fn a_reject_says_over_how_many_lines_it_runs() {
    let head = "Day,Ad name,Ad ID,Amount spent (EUR),Impressions\n";
    let behind = "2026-05-07,Cap,6,1,10\n";
    let open = "2026-05-04,\"Runner,7,2,10\n2026-05-05,Boot,8,eleven,10\n2026-05-06,Hat,9,1,\"10\n";
    let out = read(&[("a.csv", &format!("{head}{open}{behind}"))]);
    assert_eq!(counts(&out.sources[0]), [2, 1, 1, 0, 1]);
    let reject = &out.rejects[0];
    assert_eq!(reject.row, 2);
    assert!(reject.reason.contains("spans 3 lines, to line 4"), "{}", reject.reason);
    // A text may hold line breaks; that it does is said.
    let text = "2026-05-04,\"Runner\nof 2026\",7,2,10\n";
    let out = read(&[("a.csv", &format!("{head}{text}{behind}"))]);
    assert_eq!(counts(&out.sources[0]), [2, 2, 0, 0, 1]);
    assert!(out.sources[0].notes.contains(&"1 rows span more than one line".to_owned()));
    // A bad row of one line says nothing of lines.
    let out = read(&[("a.csv", &format!("{head}2026-05-05,Boot,8,eleven,10\n"))]);
    assert!(!out.rejects[0].reason.contains("lines"), "{}", out.rejects[0].reason);
}

#[test]
fn a_mark_that_nothing_decides_is_refused() {
    let text = |spend: &str, impressions: &str| {
        format!("Day,Ad ID,Amount spent (EUR),Impressions\n2026-05-04,7,{spend},{impressions}\n")
    };
    for spend in ["1.000", "\"1,000\"", "\"EUR 1,000\""] {
        let out = read(&[("a.csv", &text(spend, "10"))]);
        assert_eq!(counts(&out.sources[0]), [1, 0, 1, 0, 1], "{spend}");
        let reject = &out.rejects[0];
        assert_eq!((reject.row, reject.column.as_str()), (2, "Amount spent (EUR)"));
        assert!(reject.reason.contains("decimal mark"), "{}", reject.reason);
    }
    // A count is whole, so that its point is one of thousands; so is the one of the amount.
    for (spend, impressions, units) in [
        ("1.000", "2.000", 1000),
        ("\"1,000\"", "\"2,000\"", 1000),
        ("1.000", "\"2,000\"", 1),
        ("\"1.000,00\"", "10", 1000),
        ("\"1,000.00\"", "10", 1000),
        ("0.500", "10", 0),
    ] {
        let out = read(&[("a.csv", &text(spend, impressions))]);
        assert_eq!(counts(&out.sources[0]), [1, 1, 0, 0, 1], "{spend} {impressions}");
        assert_eq!(out.records[0].spend.0 / 1_000_000, units);
    }
    // Stated, it is as stated.
    let mut stated = SourceDefaults::new();
    stated.decimal_mark = Some(campaign_features::ingest::number::DecimalMark::Comma);
    let out =
        read_with(config().with_source("meta_ads", stated), &[("a.csv", &text("1.000", "10"))]);
    assert_eq!(out.records[0].spend, Micros(1_000_000_000));
}

#[test]
fn an_unknown_column_that_differs_between_files_is_in_doubt() {
    let file = |brand: &str, factor: u32| {
        (4..8).fold("Day,Ad ID,Amount spent (EUR),Impressions,House\n".to_owned(), |text, day| {
            text + &format!("2026-05-0{day},7,{},{},{brand}\n", day * factor, 100 * factor)
        })
    };
    let (a, b) = (file("north", 1), file("south", 3));
    let out = read(&[("a.csv", &a), ("b.csv", &b)]);
    // An attribute that changed, as far as can be told; and it is said.
    assert_eq!(out.records.len(), 4);
    let expected =
        Finding::RestatedAcross { column: "house".to_owned(), other: "a.csv".to_owned(), rows: 4 };
    assert_eq!(out.sources[1].findings, [expected]);
    let stated = SourceDefaults::new().with_dimension("House");
    let out = read_with(config().with_source("meta_ads", stated), &[("a.csv", &a), ("b.csv", &b)]);
    assert_eq!((out.records.len(), out.sources[0].ok, out.sources[1].ok), (8, 4, 4));
    assert!(out.sources[1].findings.is_empty());
    // At equal metrics it is a status that changed.
    let out = read(&[("a.csv", &a), ("b.csv", &file("south", 1))]);
    assert!(out.sources[1].findings.is_empty());
    assert_eq!(out.records.len(), 4);
}

#[test]
fn a_new_column_restates_and_adds_nothing() {
    let old = "Day,Ad ID,Amount spent (EUR),Impressions\n2026-05-04,7,2,10\n";
    let new = "Day,Ad ID,Amount spent (EUR),Impressions,Mood\n2026-05-04,7,2,10,good\n";
    let out = read(&[("a.csv", old), ("b.csv", new)]);
    assert_eq!((out.records.len(), out.records[0].spend), (1, Micros(2_000_000)));
    assert_eq!(out.sources[1].unknown_columns, ["Mood"]);
}

#[test]
fn missing_columns_are_named() {
    let out = read(&[("a.csv", "Day,Ad ID,Amount spent\n2026-05-04,7,2\n")]);
    assert_eq!(out.sources[0].missing_columns, ["impressions", "clicks", "currency"]);
    let whole = "Day,Ad ID,Amount spent (EUR),Impressions,Link clicks\n2026-05-04,7,2,1,1\n";
    assert!(read(&[("a.csv", whole)]).sources[0].missing_columns.is_empty());
}

#[test]
fn bounds_are_counted_and_are_no_numbers() {
    let text = "Day,Campaign,Ad,Currency code,Cost,Impr.,Clicks,Search impr. share,Conversions\n\
                2026-09-01,C,a,EUR,1.50,10,1,< 10%,1\n2026-09-02,C,a,EUR,1.50,10,1,> 90%,< 3\n\
                2026-09-03,C,a,EUR,1.50,10,1,45.5%,2\n";
    let out = read(&[("a.csv", text)]);
    let report = &out.sources[0];
    assert_eq!(counts(report), [3, 3, 0, 0, 1]);
    let share = report.censored["Search impr. share"];
    assert_eq!((share.below, share.above), (1, 1));
    assert_eq!(report.censored["Conversions"].below, 1);
    assert_eq!((report.conversions, out.records[1].conversions), (Some(3.0), None));
}

#[test]
fn a_sum_that_does_not_fit_names_its_row() {
    let head = "ad_id,stat_time_hour,spend,impressions,clicks\n";
    let rows: String =
        (0..12).map(|hour| format!("7,2026-05-04 {hour:02}:00:00,999999999999,10,1\n")).collect();
    let mut ingest = campaign_features::ingest::Ingest::new(config()).unwrap();
    ingest.read_bytes("hours.csv", format!("{head}{rows}").as_bytes());
    let error = ingest.finish().unwrap_err();
    let IngestError::Amount { file, row, .. } = &error else { panic!("{error}") };
    // Nine of them are below 2^63 micros, the tenth is not.
    assert_eq!((file.as_str(), *row), ("hours.csv", 11));
}
