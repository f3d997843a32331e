//! Exports of schema versions and platforms that no sample shows: copies that connectors made, several
//! exports of the same money, other languages and ways to write, and what is no export at all.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::io::Write;

use campaign_core::Micros;
use campaign_features::ingest::{Finding, Ingest, IngestConfig, Ingested, Kind, SourceReport};

fn read_with(config: IngestConfig, files: &[(&str, &str)]) -> Ingested {
    let mut ingest = Ingest::new(config).unwrap();
    for (name, text) in files {
        ingest.read_bytes(name, text.as_bytes());
    }
    let out = ingest.finish().unwrap();
    assert!(out.sources.iter().all(SourceReport::balances));
    out
}

fn read(files: &[(&str, &str)]) -> Ingested {
    read_with(IngestConfig::new("acme"), files)
}

fn one(text: &str) -> Ingested {
    read(&[("export.csv", text)])
}

fn money(text: &str) -> Micros {
    text.parse().unwrap()
}

fn spend(out: &Ingested) -> Micros {
    Micros(out.records.iter().map(|record| record.spend.0).sum())
}

/// Rows in, accepted and restated.
fn counts(report: &SourceReport) -> [u64; 3] {
    [report.rows_in, report.ok, report.restated]
}

#[test]
fn copies_that_append_count_each_row_once() {
    let insights = "date_start,date_stop,ad_id,impressions,inline_link_clicks,spend";
    for (columns, first, second) in [
        (
            "_airbyte_raw_id,_airbyte_extracted_at,_airbyte_meta",
            "u1,2026-05-05T06:00:00Z,{}",
            "u2,2026-05-06T06:00:00Z,{}",
        ),
        (
            "_airbyte_ab_id,_airbyte_emitted_at,_airbyte_ads_insights_hashid",
            "a,2026-05-05 06:00:00.000+00,h1",
            "b,2026-05-06 06:00:00.000+00,h2",
        ),
        (
            "_sdc_batched_at,_sdc_received_at,_sdc_sequence",
            "2026-05-05T06:00:00Z,2026-05-05T06:01:00Z,17464248600",
            "2026-05-06T06:00:00Z,2026-05-06T06:01:00Z,17465112600",
        ),
        ("_dlt_load_id,_dlt_id,_dlt_list_idx", "1777960800.123,AbC,0", "1778047200.5,DeF,0"),
        (
            "__hevo__ingested_at,__hevo_id,__hevo__loaded_at",
            "1777960800000,1,x",
            "1778047200000,2,y",
        ),
    ] {
        let old = format!("{first},2026-05-04,2026-05-04,7,100,1,10.0\n");
        let new = format!("{second},2026-05-04,2026-05-04,7,110,2,11.0\n");
        // The time of the copy decides, not the order of the rows.
        for rows in [[&old, &new], [&new, &old]] {
            let out = one(&format!("{columns},{insights}\n{}{}", rows[0], rows[1]));
            assert_eq!(counts(&out.sources[0]), [2, 1, 1], "{columns}");
            assert_eq!(spend(&out), money("11"), "{columns}");
        }
        let (a, b) =
            (format!("{columns},{insights}\n{old}"), format!("{columns},{insights}\n{new}"));
        assert_eq!(spend(&read(&[("a.csv", &b), ("b.csv", &a)])), money("11"), "{columns}");
    }
    // A saved row number tells nothing apart either.
    let numbered = "Unnamed: 0,Campaign name,Day,Amount spent (EUR),Impressions\n0,A,2026-05-04,5,10\n1,A,2026-05-04,5,10\n";
    assert_eq!(one(numbered).sources[0].duplicate, 1);
    let mapping = "brand = \"b\"\n[[mappings]]\nname = \"panels\"\n[mappings.columns]\nday = \"day\"\npanel = \"ad\"\nrent = \"spend\"\n";
    let text = "_airbyte_raw_id,_airbyte_extracted_at,day,panel,rent\nu1,2026-05-05T00:00:00Z,2026-05-04,7,5\nu2,2026-05-06T00:00:00Z,2026-05-04,7,6\n";
    let out = read_with(IngestConfig::from_toml(mapping).unwrap(), &[("a.csv", text)]);
    assert_eq!((counts(&out.sources[0]), spend(&out)), ([2, 1, 1], money("6")));
}

#[test]
fn two_exports_of_the_same_money_count_once() {
    let web = "Campaign name,Campaign ID,Day,Amount spent (EUR),Impressions,Link clicks\nA,1,2026-05-04,1234.5,100,5\nA,1,2026-05-05,1,10,0\n";
    for other in [
        // The API, with a column for the currency.
        "date_start,date_stop,campaign_id,campaign_name,spend,impressions,inline_link_clicks,account_currency\n\
         2026-05-04,2026-05-04,1,A,1234.5,100,5,EUR\n2026-05-05,2026-05-05,1,A,1,10,0,EUR\n",
        // Another language, its columns in another order.
        "Kampagnen-ID;Tag;Kampagnenname;Ausgegebener Betrag (EUR);Impressionen;Link-Klicks\n\
         1;04.05.2026;A;1.234,50;100;5\n1;05.05.2026;A;1,00;10;0\n",
        // By month.
        "Reporting starts,Reporting ends,Campaign ID,Campaign name,Amount spent (EUR),Impressions,Link clicks\n\
         2026-05-01,2026-05-31,1,A,1235.50,110,5\n",
    ] {
        let out = read(&[("a.csv", web), ("b.csv", other)]);
        assert_eq!(spend(&out), money("1235.5"), "{other}");
        assert!(out.sources.iter().all(|report| report.findings.is_empty()), "{other}");
    }
    // Days in two zones of one account are the same money, too.
    let zone = |zone, spend| {
        format!(
            "Campaign ID,Account ID,Account timezone,Day,Amount spent (EUR),Impressions\n1,9,{zone},2026-05-04,{spend},10\n"
        )
    };
    let (berlin, york) = (zone("Europe/Berlin", 5), zone("America/New_York", 6));
    let out = read(&[("a.csv", &berlin), ("b.csv", &york)]);
    assert_eq!((spend(&out), out.sources[0].restated), (money("6"), 1));
}

#[test]
fn periods_that_do_not_agree_are_found() {
    let day = "Day,Campaign,Campaign ID,Currency code,Clicks,Impr.,Cost\n2026-05-04,A,1,EUR,1,10,4\n2026-05-05,A,1,EUR,1,10,6\n";
    let week = |impressions, cost: &str| {
        format!(
            "Week,Campaign,Campaign ID,Currency code,Clicks,Impr.,Cost\n2026-05-04,A,1,EUR,2,{impressions},{cost}\n"
        )
    };
    let month = "Month,Campaign,Campaign ID,Currency code,Clicks,Impr.,Cost\n2026-05,A,1,EUR,2,20,10\n2026-04,A,1,EUR,2,20,7\n";
    let same = week(20, "10.01");
    let out = read(&[("day.csv", day), ("month.csv", month), ("week.csv", &same)]);
    // April has no rows of days; May has, which its week and month only repeat.
    assert_eq!(spend(&out), money("17"));
    assert_eq!(out.coverage.rows_of_other_levels, 2);
    let more = week(30, "15");
    let out = read(&[("day.csv", day), ("week.csv", &more)]);
    assert_eq!(spend(&out), money("25"));
    let overlap = Finding::Overlap { periods: 1, stated: money("15"), sum: money("10") };
    assert_eq!(out.sources[1].findings, [overlap]);
    // Names in one file and ids in the other: nothing joins them but what they come to.
    let named = "Campaign name,Day,Amount spent (EUR),Impressions\nA,2026-05-04,10,100\nA,2026-05-05,11,100\n";
    let known = "Campaign ID,Day,Amount spent (EUR),Impressions\n1,2026-05-04,10,100\n1,2026-05-05,11,100\n";
    let out = read(&[("a.csv", named), ("b.csv", known)]);
    let same = Finding::SameTotals { other: "a.csv".to_owned(), days: 2 };
    assert_eq!((spend(&out), &out.sources[1].findings), (money("42"), &vec![same]));
    let other = known.replace("11,100", "11,101");
    assert!(read(&[("a.csv", named), ("b.csv", &other)]).sources[1].findings.is_empty());
}

#[test]
fn amounts_and_days_as_others_write_them() {
    let row = |day: &str, amount: &str| {
        let head = "Campaign;Tag;Ausgegebener Betrag;Impressionen";
        one(&format!("{head}\nA;2026-05-01;0,00;0\nA;{day};{amount};1\n")
            .replace("Campaign;", "Kampagnenname;"))
    };
    for (amount, code, value) in [
        ("NZ$1.000,50", Some("NZD"), "1000.5"),
        ("1.000,50 kr", None, "1000.5"),
        ("1.000,50 kr.", None, "1000.5"),
        ("1 000,50 Ft", Some("HUF"), "1000.5"),
        ("₱1.000,50", Some("PHP"), "1000.5"),
        ("Rp 1.000.000", Some("IDR"), "1000000"),
    ] {
        let out = row("2026-05-04", amount);
        let sum = out.sources[0].spend.get(code.and_then(|code| code.parse().ok()));
        assert_eq!(sum, money(value), "{amount}: {:?}", out.rejects);
    }
    for day in [
        "1er mai 2026",
        "May 1st, 2026",
        "2026/05/01(金)",
        "2026年5月1日(金)",
        "2026년 5월 1일",
        "2026. 5. 1.",
        "1 maja 2026",
        "den 1 maj 2026",
        "piątek, 1 maja 2026",
        "vendredi 1 mai 2026",
        "Freitag, 1. Mai 2026",
    ] {
        let out = row(day, "5,00");
        let first = out.sources[0].last_day.map(|day| day.to_string());
        assert_eq!(first.as_deref(), Some("2026-05-01"), "{day}: {:?}", out.rejects);
    }
    for day in ["Total 1 mai 2026", "2026-05-01 (estimated)", "1xx mai 2026", "46143"] {
        assert_eq!(row(day, "5,00").sources[0].rejected, 1, "{day}");
    }
}

#[test]
fn further_languages() {
    for (text, platform, value, conversions) in [
        (
            "Nazwa kampanii,Dzień,Wydana kwota (PLN),Wyświetlenia,Kliknięcia linku,Zakupy\nLato,2026-05-04,12.5,100,4,2\n",
            "meta_ads",
            "12.5",
            Some(2.0),
        ),
        (
            "Kampanjnamn,Dag,Spenderat belopp (SEK),Exponeringar,Länkklick\nSommar,2026-05-04,12.5,100,4\n",
            "meta_ads",
            "12.5",
            None,
        ),
        (
            "Raport kampanii\n1 maja 2026 - 31 maja 2026\nKampania,Kod waluty,Kliknięcia,Wyśw.,Koszt,Konwersje\nLato,PLN,10,\"1 000\",\"12,50\",\"2,00\"\nŁącznie: konto,PLN,10,\"1 000\",\"12,50\",\"2,00\"\n",
            "google_ads",
            "12.5",
            Some(2.0),
        ),
        (
            "Kampanjrapport\n1 maj 2026 - 31 maj 2026\nKampanj,Valutakod,Klick,Visn.,Kostnad,Konverteringar\nSommar,SEK,10,100,\"12,50\",\"2,00\"\nTotalt: Konto,SEK,10,100,\"12,50\",\"2,00\"\n",
            "google_ads",
            "12.5",
            Some(2.0),
        ),
        (
            "日付,通貨,キャンペーン名,カスタマーの検索キーワード,インプレッション,クリック,費用,広告がクリックされてから7日間の総売上高,広告がクリックされてから7日間の合計注文数\n2026年5月4日,JPY,A,赤い靴,\"1,000\",10,525,\"2,000\",2\n",
            "amazon_ads",
            "525",
            Some(2.0),
        ),
        (
            "Date de début;Date de fin;Devise;Nom de la campagne;ASIN annoncé;Impressions;Clics;Dépenses;Total des ventes sur 7 jours (€);Total des commandes sur 7 jours (#)\n4 mai 2026;4 mai 2026;EUR;A;B01;1 000;10;5,25 €;20,00 €;2\n",
            "amazon_ads",
            "5.25",
            Some(2.0),
        ),
    ] {
        let out = one(text);
        let report = &out.sources[0];
        assert_eq!(report.platform.as_deref(), Some(platform), "{text}");
        assert_eq!((report.ok, report.rejected), (1, 0), "{text}: {:?}", out.rejects);
        assert_eq!((spend(&out), report.conversions), (money(value), conversions), "{text}");
    }
    // Sessions, and a row of totals that says so by nothing but its empty cells.
    let ga4 = one("# 開始日: 20260501\n# 終了日: 20260531\n\
        セッションのメインのチャネル グループ（デフォルト チャネル グループ）,セッション,キーイベント\nPaid Search,100,3\nDirect,50,1\n,150,4\n");
    let report = &ga4.sources[0];
    assert_eq!(
        (report.platform.as_deref(), report.ok, report.conversions),
        (Some("ga4"), 2, Some(4.0))
    );
    assert_eq!(report.last_day.map(|day| day.to_string()).as_deref(), Some("2026-05-31"));
}

#[test]
fn orders_that_were_not_paid_are_no_conversions() {
    let shop = one("order_id,order_date,order_status,order_total,currency,utm_source\n\
        1,2026-05-04 11:02:00,wc-completed,100.00,EUR,google\n2,2026-05-04 12:02:00,wc-cancelled,50.00,EUR,google\n\
        3,2026-05-04 12:03:00,Processing,30.00,EUR,google\n4,2026-05-04 12:04:00,On hold,20.00,EUR,google\n");
    let report = &shop.sources[0];
    assert_eq!((report.ok, report.conversions), (4, Some(2.0)));
    assert_eq!(report.revenue.get("EUR".parse().ok()), money("130"));
    let crm = one(
        "\"Opportunity ID\",\"Opportunity Name\",\"Stage\",\"Amount\",\"Amount Currency\",\"Close Date\"\n\
        \"006x\",\"A\",\"Closed Won\",\"1,000.00\",\"USD\",\"5/14/2026\"\n\"006y\",\"B\",\"Prospecting\",\"500.00\",\"USD\",\"6/14/2026\"\n",
    );
    let report = &crm.sources[0];
    assert_eq!((report.platform.as_deref(), report.conversions), (Some("crm"), Some(1.0)));
    assert_eq!(report.revenue.get("USD".parse().ok()), money("1000"));
}

#[test]
fn platforms_without_an_adapter_are_not_claimed() {
    for text in [
        "Day,Advertiser,Campaign,Ad Set,Currency,Displays,Clicks,Cost,CTR,CPC,Sales (Post-Click),COS,ROAS\n2026-05-04,Acme,A,S,EUR,1000,10,5.25,1%,0.5,2,6%,15\n",
        "Day,Campaign,Campaign ID,Clicks,Impressions,Visible Impressions,Spent,vCTR,Actions,CPA,Currency\n2026-05-04,A,1,10,1000,900,5.25,1%,2,2.6,USD\n",
        "Date,Advertiser,Campaign,Ad Group,Creative,Advertiser Currency Code,Advertiser Cost (Adv Currency),Impressions,Clicks\n2026-05-04,Acme,A,G,X,EUR,5.25,1000,10\n",
        "Date,Advertiser,Line Item,Line Item ID,Impressions,Clicks,Total Media Cost (USD),Revenue (USD)\n2026/05/04,Acme,L,3,1000,10,4,5.25\n",
        "From,To,Account engine,Account,Campaign,Currency code,Impr.,Clicks,Cost\n2026-05-04,2026-05-04,Microsoft Advertising,Acme,A,EUR,1000,10,5.25\n",
        "Date,Campaign Name,Campaign Id,Ad Group Name,Item Id,Impressions,Clicks,Ad Spend,Total Attributed Sales,Orders,RoAS\n2026-05-04,A,1,G,i,1000,10,5.25,80,2,15\n",
        "Date,Media Source (pid),Campaign (c),Impressions,Clicks,CTR,Installs,Total Revenue,Total Cost,ROI\n2026-05-04,Facebook Ads,A,1000,10,1%,2,80,5.25,1\n",
        "account_name,campaign,clicks,datasource,date,source,spend,impressions\nAcme,A,10,facebook,2026-05-04,facebook,5.25,1000\n",
        "Date,Campaign Name,Ad Set Name,Ad Name,Spend,Impressions,Clicks,Conversions,Cost per Conversion\n2026-05-04,A,S,X,$5.25,1000,10,2,2.6\n",
        "Дата;№ Кампании;Показы;Клики;Расход (руб.);Конверсии\n04.05.2026;1;1000;10;5,25;2\n",
    ] {
        let out = one(text);
        assert_eq!(out.sources[0].kind, Kind::Unrecognised, "{text}");
        assert!(out.records.is_empty());
    }
}

#[test]
fn what_is_no_table_is_named_and_no_file_is_passed_over() {
    let folder = std::env::temp_dir().join(format!("campaign-stranger-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes, problem) in [
        ("a.csv", b"%PDF-1.7\n1 0 obj".as_slice(), "a PDF document"),
        ("b.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a spreadsheet (xls)"),
        ("c.parquet", b"PAR1\x00\x01", "a Parquet file"),
        ("d.json", b"[{\"spend\": 1}]", "no header"),
    ] {
        std::fs::File::create(folder.join(name)).unwrap().write_all(bytes).unwrap();
        let mut ingest = Ingest::new(IngestConfig::new("acme")).unwrap();
        ingest.read_path(&folder).unwrap();
        let out = ingest.finish().unwrap();
        let report = out.sources.iter().find(|report| report.file == name).unwrap();
        assert!(report.notes[0].starts_with(problem), "{:?}", report.notes);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn mappings_that_contradict_themselves_say_what_is_wrong() {
    let mapping = |columns: &str| {
        let head = "brand = \"b\"\n[[mappings]]\nname = \"m\"\n[mappings.columns]\n";
        let config = IngestConfig::from_toml(&format!("{head}{columns}"));
        let checked = config.map(|config| Ingest::new(config).map(|_| ()));
        match checked {
            Ok(Ok(())) => String::new(),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        }
    };
    let twice = mapping("d = \"day\"\nc = \"campaign\"\nx = \"spend\"\ny = \"spend\"\n");
    assert!(twice.contains("\"x\" and \"y\" mean the same"), "{twice}");
    let unknown = mapping("d = \"dayy\"\n");
    assert!(unknown.contains("such as \"day\" or \"spend\""), "{unknown}");
    assert_eq!(mapping("d = \"day\"\nc = \"campaign\"\nx = \"metric\"\ny = \"metric\"\n"), "");
}
