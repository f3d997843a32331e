//! Exports written from what public documents say of columns and quirks, by someone who did not write the
//! adapters; every expected sum was made by hand.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use campaign_core::Micros;
use campaign_features::ingest::{Ingest, IngestConfig, Ingested, Kind, Level, SourceReport};

fn read(files: &[(&str, Vec<u8>)]) -> Ingested {
    let mut ingest = Ingest::new(IngestConfig::new("acme")).unwrap();
    for (name, bytes) in files {
        ingest.read_bytes(name, bytes);
    }
    let out = ingest.finish().unwrap();
    assert!(out.sources.iter().all(SourceReport::balances));
    out
}

fn one(text: &str) -> Ingested {
    read(&[("export.csv", text.as_bytes().to_vec())])
}

fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}

fn money(text: &str) -> Micros {
    text.parse().unwrap()
}

/// What is expected of a file: platform, level, rows in and accepted, currency and spend, impressions,
/// clicks, conversions.
type Expected<'a> = (&'a str, Level, [u64; 2], &'a str, &'a str, [Option<u64>; 2], Option<f64>);

fn check(out: &Ingested, expected: Expected<'_>, what: &str) {
    let (platform, level, rows, code, spend, counts, conversions) = expected;
    let report = &out.sources[0];
    assert_eq!(report.platform.as_deref(), Some(platform), "{what}");
    assert_eq!(report.level, Some(level), "{what}");
    assert_eq!([report.rows_in, report.ok], rows, "{what}: {:?}", out.rejects);
    assert_eq!(report.spend.get(code.parse().ok()), money(spend), "{what}");
    assert_eq!([report.impressions, report.clicks], counts, "{what}");
    assert_eq!(report.conversions, conversions, "{what}");
}

fn days(out: &Ingested) -> (String, String) {
    let report = &out.sources[0];
    let text = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    (text(report.first_day), text(report.last_day))
}

fn dates(first: &str, last: &str) -> (String, String) {
    (first.to_owned(), last.to_owned())
}

#[test]
fn google_campaigns_that_are_called_like_totals() {
    let out = one("Campaign report\n\"July 1, 2024 - July 31, 2024\"\n\
        Campaign status,Campaign,Budget,Budget name,Budget type,Currency code,Status,Status reasons,Optimization score,Campaign type,Interactions,Impr.,Cost,Clicks,Conversions,Search impr. share\n\
        Enabled,Total Care,50.00, --,Daily,USD,Eligible,,81.2%,Search,\"1,201\",\"38,742\",\"1,600.50\",\"1,201\",12.00,< 10%\n\
        Paused,Grand Total Spring,20.00, --,Daily,USD,Paused,campaign paused, --,Display,10,\"10,000\",1.00,10,0.00, --\n\
        Total: Campaigns,,,,,USD,,,,,,\"48,742\",\"1,601.50\",\"1,211\",12.00,\n\
        Total: Account,,70.00,,Daily,USD,,,,,,\"48,742\",\"1,601.50\",\"1,211\",12.00,\n\
        Total: Search campaigns,,,,,USD,,,,,,\"38,742\",\"1,600.50\",\"1,201\",12.00,\n");
    let expected: Expected<'_> = (
        "google_ads",
        Level::Campaign,
        [2, 2],
        "USD",
        "1601.5",
        [Some(48_742), Some(1211)],
        Some(12.0),
    );
    check(&out, expected, "google");
    assert_eq!(days(&out), dates("2024-07-01", "2024-07-31"));
    assert_eq!(out.sources[0].censored["Search impr. share"].below, 1);
}

#[test]
fn google_in_other_languages_and_encodings() {
    let de = "Kampagnenbericht\n1. Juli 2024 - 31. Juli 2024\n\
        Tag\tKampagne\tWährungscode\tKlicks\tImpr.\tKosten\tConversions\tConv.-Wert\n\
        2024-07-01\tMarke\tEUR\t1.204\t12.000\t1.234,56\t12,5\t2.000,00\n\
        2024-07-02\tMarke\tEUR\t5\t100\t0,44\t0,00\t0,00\n\
        Gesamt: Kampagnen\t\tEUR\t1.209\t12.100\t1.235,00\t12,5\t2.000,00\n\
        Gesamt: Konto\t\tEUR\t1.209\t12.100\t1.235,00\t12,5\t2.000,00\n";
    let out = read(&[("de.csv", utf16(de))]);
    let counts = [Some(12_100), Some(1209)];
    let german: Expected<'_> =
        ("google_ads", Level::Campaign, [2, 2], "EUR", "1235", counts, Some(12.5));
    check(&out, german, "de");
    let small: Expected<'_> =
        ("google_ads", Level::Campaign, [1, 1], "BRL", "1234.5", [Some(1000), Some(10)], Some(1.0));
    let pt = one("Relatório de campanha\n1 de julho de 2024 - 31 de julho de 2024\n\
        Dia,Campanha,Código da moeda,Cliques,Impr.,Custo,Conversões,Valor conv.\n\
        2024-07-01,Verão,BRL,10,\"1.000\",\"1.234,50\",\"1,00\",\"200,00\"\n\
        Total: Campanhas,,BRL,10,\"1.000\",\"1.234,50\",\"1,00\",\"200,00\"\n");
    check(&pt, small, "pt");
    assert_eq!(pt.sources[0].revenue.first(), Some(money("200")));
    let ja = one("キャンペーン レポート\n2024年7月1日 - 2024年7月31日\n\
        日,キャンペーン,通貨コード,クリック数,表示回数,費用,コンバージョン\n\
        2024-07-01,夏,JPY,10,100,\"12,345\",1.00\n");
    let counts = [Some(100), Some(10)];
    let japanese: Expected<'_> =
        ("google_ads", Level::Campaign, [1, 1], "JPY", "12345", counts, Some(1.0));
    check(&ja, japanese, "ja");
    // A Japanese account in English, its days with their weekdays, its ids behind a sign of equality.
    let yen = one("Campaign report\n\"July 1, 2024 - July 2, 2024\"\n\
        Day,Campaign,Campaign ID,Currency code,Clicks,Impr.,Cost\n\
        \"Mon, Jul 1, 2024\",夏,=\"12345678901\",JPY,10,100,\"¥12,345\"\n\
        \"Tue, Jul 2, 2024\",夏,=\"12345678901\",JPY,10,100,¥655\n");
    let counts = [Some(200), Some(20)];
    let expected: Expected<'_> =
        ("google_ads", Level::Campaign, [2, 2], "JPY", "13000", counts, None);
    check(&yen, expected, "yen");
    assert_eq!(yen.records[0].campaign.as_ref().map(|id| id.as_str()), Some("12345678901"));
}

#[test]
fn reports_of_adwords_count_in_millionths() {
    let rows = "Day,Campaign ID,Campaign,Campaign state,Network,Device,Impressions,Clicks,Cost,Conversions,Total conv. value,Currency\n\
        2019-07-01,99,Brand,enabled,Search Network,Computers,100,10,5250000,1.00,20.50,USD\n\
        2019-07-02,99,Brand,enabled,Search Network,Computers,100,10,4750000,0.00,0.00,USD\n\
        Total, --, --, --, --, --,200,20,10000000,1.00,20.50, --\n";
    let out = one(&format!("\"CAMPAIGN_PERFORMANCE_REPORT (Jul 1, 2019-Jul 2, 2019)\"\n{rows}"));
    let counts = [Some(200), Some(20)];
    let expected: Expected<'_> =
        ("google_ads", Level::Campaign, [2, 2], "USD", "10", counts, Some(1.0));
    check(&out, expected, "adwords");
    assert_eq!(out.sources[0].revenue.first(), Some(money("20.5")));
    // Another title says nothing of units.
    let out = one(&format!("Report (Jul 1, 2019-Jul 2, 2019)\n{rows}"));
    assert_eq!(out.sources[0].spend.first(), Some(money("10000000")));
}

#[test]
fn rows_that_differ_in_one_dimension_are_no_duplicates() {
    let keywords = "Keyword status,Keyword,Match type,Campaign,Ad group,Status,Currency code,Impr.,Clicks,Cost\n\
        Enabled,shoes,Exact match,Brand,Core,Eligible,USD,100,10,5.00\n\
        Enabled,shoes,Broad match,Brand,Core,Eligible,USD,100,10,5.00\n";
    let keywords = format!("Search keyword report\n\"July 1, 2024 - July 1, 2024\"\n{keywords}");
    let ads = "Day,Headline 1,Headline 2,Campaign,Ad group,Ad type,Clicks,Impr.,Currency code,Cost\n\
        2024-07-01,Shoes,Boots,Brand,Core,Responsive search ad,10,100,USD,5.00\n\
        2024-07-01,Sandals,Boots,Brand,Core,Responsive search ad,10,100,USD,5.00\n";
    let slots = "customer_id,campaign_id,metrics_clicks,metrics_cost_micros,metrics_impressions,segments_ad_network_type,segments_date,segments_device,segments_slot\n\
        1,99,10,5000000,100,SEARCH,2024-07-01,MOBILE,SEARCH_TOP\n\
        1,99,10,5000000,100,SEARCH,2024-07-01,MOBILE,SEARCH_OTHER\n";
    let terms = "Start Date,End Date,Currency,Campaign Name,Ad Group Name,Targeting,Match Type,Customer Search Term,Impressions,Clicks,Spend,7 Day Total Sales ,7 Day Total Orders (#)\n\
        2024-07-01,2024-07-31,EUR,A,G,red shoes,BROAD,red shoes,100,10,5.00,0.00,0\n\
        2024-07-01,2024-07-31,EUR,A,G,red shoes,PHRASE,red shoes,100,10,5.00,0.00,0\n";
    let communities = "Date,Campaign Name,Ad Group Name,Ad Name,Community,Spend (USD),Impressions,Clicks,eCPM (USD)\n\
        2024-07-01,A,G,X,r/rust,5.00,100,10,1\n\
        2024-07-01,A,G,X,r/programming,5.00,100,10,1\n";
    for text in [keywords.as_str(), ads, slots, terms, communities] {
        let report = one(text).sources.remove(0);
        assert_eq!((report.rows_in, report.ok, report.duplicate), (2, 2, 0), "{text}");
        assert_eq!((report.spend.first(), report.clicks), (Some(money("10")), Some(20)), "{text}");
    }
}

#[test]
fn meta_in_more_languages_and_periods() {
    for (text, code) in [
        (
            "Début des rapports;Fin des rapports;Nom de la campagne;Diffusion de la campagne;Paramètre d’attribution;Résultats;Indicateur de résultats;Couverture;Montant dépensé (EUR);Impressions;Clics sur un lien\n\
             01/07/2024;31/07/2024;Été;active;Clic 7 jours;3;actions:offsite_conversion.fb_pixel_purchase;900;1 234,50;1 000;50\n",
            "EUR",
        ),
        (
            "Início dos relatórios,Término dos relatórios,Nome da campanha,Configuração de atribuição,Resultados,Indicador de resultados,Alcance,Valor usado (BRL),Impressões,Cliques no link\n\
             2024-07-01,2024-07-31,Verão,7 dias após o clique,3,actions:offsite_conversion.fb_pixel_purchase,900,1234.50,1000,50\n",
            "BRL",
        ),
        (
            "レポート開始日,レポート終了日,キャンペーン名,アトリビューション設定,結果,結果インジケーター,リーチ,消化金額 (JPY),インプレッション,リンクのクリック\n\
             2024-07-01,2024-07-31,夏,クリックから7日間,3,actions:offsite_conversion.fb_pixel_purchase,900,1234.5,1000,50\n",
            "JPY",
        ),
    ] {
        let out = one(text);
        let counts = [Some(1000), Some(50)];
        let expected: Expected<'_> =
            ("meta_ads", Level::Campaign, [1, 1], code, "1234.5", counts, Some(3.0));
        check(&out, expected, text);
        assert_eq!(days(&out), dates("2024-07-01", "2024-07-31"));
        assert!(out.records[0].attribution_window.as_deref().unwrap().contains('7'));
    }
    let weeks = one("Week,Campaign name,Amount spent (USD),Impressions,Link clicks\n\
        2024-07-01 - 2024-07-07,A,10,100,1\n2024-07-08 - 2024-07-14,A,20,100,1\n");
    let expected: Expected<'_> =
        ("meta_ads", Level::Campaign, [2, 2], "USD", "30", [Some(200), Some(2)], None);
    check(&weeks, expected, "weeks");
    assert_eq!(days(&weeks), dates("2024-07-01", "2024-07-14"));
}

#[test]
fn names_may_hold_line_breaks_quotes_and_formulas() {
    let out = one(
        "\"Campaign name\",\"Ad set name\",\"Ad name\",\"Reporting starts\",\"Reporting ends\",\"Amount spent (EUR)\",\"Impressions\",\"Link clicks\",\"Purchases\"\n\
        \"A, \"\"Best\"\"\nsale\",\"B\",\"=HYPERLINK(\"\"x\"\")\",\"2024-07-01\",\"2024-07-07\",\"12.34\",\"1000\",\"40\",\"3\"\n",
    );
    let counts = [Some(1000), Some(40)];
    let expected: Expected<'_> = ("meta_ads", Level::Ad, [1, 1], "EUR", "12.34", counts, Some(3.0));
    check(&out, expected, "quotes");
    assert_eq!(out.records[0].campaign.as_ref().unwrap().as_str(), "A, \"Best\" sale");
}

#[test]
fn microsoft_tells_zone_and_grain_above_the_header() {
    let report = |aggregation: &str, first: &str, second: &str| {
        one(&format!(
            "\"Report Name: x\"\n\"Report Time: 7/7/2024,8/31/2024\"\n\
             \"Time Zone: (GMT-08:00) Pacific Time (US & Canada); Tijuana\"\n\
             \"Report Aggregation: {aggregation}\"\n\"Rows: 2\"\n\n\
             \"TimePeriod\",\"AccountId\",\"CampaignId\",\"CampaignName\",\"CurrencyCode\",\"Impressions\",\"Clicks\",\"Spend\"\n\
             \"{first}\",\"1\",\"2\",\"A\",\"USD\",\"1,000\",\"10\",\"5.25\"\n\
             \"{second}\",\"1\",\"2\",\"A\",\"USD\",\"1,000\",\"10\",\"5.25\"\n\n\
             \"©2024 Microsoft Corporation. All rights reserved. \"\n"
        ))
    };
    let counts = [Some(2000), Some(20)];
    let expected: Expected<'_> =
        ("microsoft_ads", Level::Campaign, [2, 2], "USD", "10.5", counts, None);
    for (aggregation, first, second, last_day) in [
        ("Daily", "2024-07-07", "2024-07-08", "2024-07-08"),
        ("Weekly", "2024-07-07", "2024-07-14", "2024-07-20"),
        ("Monthly", "2024-07-01", "2024-08-01", "2024-08-31"),
    ] {
        let out = report(aggregation, first, second);
        check(&out, expected, aggregation);
        assert_eq!(days(&out), dates(first, last_day), "{aggregation}");
        assert_eq!(out.records[0].zone.as_deref(), Some("America/Los_Angeles"));
    }
    // Without a column of days, the time above the header is that of every row.
    let out = one("\"Report Name: x\"\n\"Report Time: 7/1/2024,7/31/2024\"\n\n\
        \"AccountName\",\"CampaignName\",\"CampaignId\",\"CurrencyCode\",\"Impressions\",\"Clicks\",\"Spend\",\"Conversions\",\"Revenue\",\"ReturnOnAdSpend\",\"ImpressionSharePercent\"\n\
        \"Acme\",\"A\",\"[2]\",\"GBP\",\"1,000\",\"10\",\"5.25\",\"1\",\"10\",\"1.9\",\"12.5%\"\n\
        \"Total\",\"-\",\"-\",\"\",\"1,000\",\"10\",\"5.25\",\"1\",\"10\",\"1.9\",\"\"\n");
    let counts = [Some(1000), Some(10)];
    let expected: Expected<'_> =
        ("microsoft_ads", Level::Campaign, [1, 1], "GBP", "5.25", counts, Some(1.0));
    check(&out, expected, "summary");
    assert_eq!(days(&out), dates("2024-07-01", "2024-07-31"));
}

#[test]
fn apple_tells_its_currency_above_the_header() {
    let out = one(
        "Custom Report\nDate Range,\"Jul 1, 2024 - Jul 2, 2024\"\nTime Zone,America/Los_Angeles\nCurrency,USD\n\n\
        Day,Campaign ID,Campaign Name,Ad Group ID,Ad Group Name,Country or Region,Spend,Impressions,Taps,Tap-Through Installs,Total Installs\n\
        2024-07-01,1,A,2,G,US,$10.50,1000,10,2,3\n2024-07-01,1,A,2,G,GB,$10.50,1000,10,2,3\n",
    );
    let counts = [Some(2000), Some(20)];
    let expected: Expected<'_> =
        ("apple_search_ads", Level::AdGroup, [2, 2], "USD", "21", counts, Some(4.0));
    check(&out, expected, "apple");
    assert_eq!(out.records[0].zone.as_deref(), Some("America/Los_Angeles"));
}

#[test]
fn linkedin_and_amazon() {
    let out = read(&[(
        "linkedin.csv",
        utf16(
            "Ad Performance Report (in UTC)\nReport Start:\tJuly 1, 2024, 12:00 AM\nReport End:\tJuly 31, 2024, 11:59 PM\n\n\
             Start Date (in UTC)\tAccount Name\tCurrency\tCampaign Group ID\tCampaign Group Name\tCampaign ID\tCampaign Name\tAd ID\tCreative Name\tTotal Spent\tImpressions\tClicks\tConversions\tLeads\n\
             7/1/2024\tAcme\tEUR\t10\tGrp\t20\tCmp\t30\tX\t\"1,234.50\"\t\"1,000\"\t10\t2\t1\n\
             7/2/2024\tAcme\tEUR\t10\tGrp\t20\tCmp\t30\tX\t0.50\t10\t0\t0\t0\n",
        ),
    )]);
    let counts = [Some(1010), Some(10)];
    let expected: Expected<'_> =
        ("linkedin_ads", Level::Ad, [2, 2], "EUR", "1235", counts, Some(2.0));
    check(&out, expected, "linkedin");
    let record = &out.records[0];
    assert_eq!(record.campaign.as_ref().unwrap().as_str(), "10");
    assert_eq!(record.ad_group.as_ref().unwrap().as_str(), "20");
    assert_eq!(record.zone.as_deref(), Some("UTC"));
    let dsp = one(
        "Date,Advertiser,Advertiser ID,Order,Order ID,Line Item,Line Item ID,Creative,Creative ID,Order Currency,Impressions,Click-throughs,Total cost,14d Total purchases,14d Total product sales\n\
        2024-07-01,Acme,1,O,2,L,3,C,4,USD,1000,10,12.5,2,80\n",
    );
    let report = &dsp.sources[0];
    assert_eq!(report.platform.as_deref(), Some("amazon_ads"));
    assert_eq!(report.spend.get("USD".parse().ok()), money("12.5"));
    assert_eq!(dsp.records[0].attribution_window.as_deref(), Some("14-day"));
    let es = one(
        "Fecha;Nombre de la cartera;Divisa;Nombre de campaña;Nombre del grupo de anuncios;SKU anunciado;ASIN anunciado;Impresiones;Clics;Gasto;Ventas totales de 7 días (€);Pedidos totales de 7 días (#)\n\
        1 jul 2024;P;EUR;A;G;S1;B01;1.000;10;5,25;20,00;1\n",
    );
    let report = &es.sources[0];
    assert_eq!((report.ok, report.spend.first()), (1, Some(money("5.25"))));
    assert_eq!(report.revenue.get("EUR".parse().ok()), money("20"));
}

#[test]
fn units_of_snapchat_by_the_kind_of_table() {
    let export = one(
        "Start time,End time,Ad Account Name,Currency,Campaign Name,Ad Squad Name,Ad Name,Spend,Paid Impressions,Swipe-Ups,eCPM,eCPSU,Swipe-Up Rate\n\
        2020-07-01,2020-07-01,Acme,USD,A,G,X,\"$1,010.50\",1000,10,1,1,1%\n",
    );
    let counts = [Some(1000), Some(10)];
    let expected: Expected<'_> = ("snapchat_ads", Level::Ad, [1, 1], "USD", "1010.5", counts, None);
    check(&export, expected, "export");
    let api =
        one("ad_id,date,impressions,swipes,spend\na1,2024-07-01T00:00:00Z,1000,10,10500000\n");
    assert_eq!(api.sources[0].spend.first(), Some(money("10.5")));
    // Amounts with fractions are no millionths.
    let divided =
        one("ad_id,date,impressions,swipes,spend\na1,2024-07-01T00:00:00Z,1000,10,10.5\n");
    assert_eq!(divided.sources[0].spend.first(), Some(money("10.5")));
}

#[test]
fn x_of_old_periods_and_tiktok_of_old_words() {
    let out = one(
        "Time period,Campaign name,Campaign ID,Funding source name,Currency,Impressions,Spend,Tweet engagements,Billed engagements,Link clicks,Retweets\n\
        2019-07-01 - 2019-07-31,A,abc,Card,USD,1000,10.50,20,15,10,1\n",
    );
    let counts = [Some(1000), Some(10)];
    let expected: Expected<'_> = ("x_ads", Level::Campaign, [1, 1], "USD", "10.5", counts, None);
    check(&out, expected, "x");
    assert_eq!(days(&out), dates("2019-07-01", "2019-07-31"));
    let out = one(
        "Campaign Name,Ad Group Name,Date,Total Cost,CPC,CPM,Impression,Click,CTR,Conversion,CPA,CVR\n\
        A,G,2020-07-01,10.50,1,1,100,10,10%,2,5,2%\n",
    );
    let report = &out.sources[0];
    assert_eq!(report.platform.as_deref(), Some("tiktok_ads"));
    assert_eq!((report.clicks, report.conversions), (Some(10), Some(2.0)));
    assert_eq!(report.spend.get(None), money("10.5"));
}

#[test]
fn sessions_and_orders() {
    let de = one(
        "# ----------------------------------------\n# Startdatum: 20240701\n# Enddatum: 20240731\n\
        Primäre Channelgruppe der Sitzung (Standard-Channelgruppe),Sitzungen,Schlüsselereignisse,Gesamtumsatz\n\
        Paid Search,100,3,120.5\n",
    );
    let report = &de.sources[0];
    assert_eq!((report.platform.as_deref(), report.conversions), (Some("ga4"), Some(3.0)));
    assert_eq!(days(&de), dates("2024-07-01", "2024-07-31"));
    // A line of sessions per day stands above the table that was asked for.
    let lines: String = (0..366).map(|day| format!("{day:04},{day}\n")).collect();
    let about = "# ----------------------------------------\n# Start date: 20240101\n# End date: 20241231\n";
    let snapshot = one(&format!(
        "{about}Nth day,Sessions\n{lines}\n{about}Session primary channel group (Default Channel Group),Sessions,Key events,Total revenue\n\
         Paid Search,100,3,120.5\nDirect,50,1,0\n,150,4,120.5,Grand total\n"
    ));
    let report = &snapshot.sources[0];
    assert_eq!((report.rows_in, report.ok, report.conversions), (2, 2, Some(4.0)));
    assert_eq!(days(&snapshot), dates("2024-01-01", "2024-12-31"));
    // Further lines of an order repeat its number and its time, and are no orders of their own.
    let shop = one(
        "Name,Email,Financial Status,Paid at,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,Refunded Amount\n\
        #1,a@example.com,paid,2024-07-03 11:02:00 -0400,USD,90.00,100.00,2024-07-03 11:02:00 -0400,1,Shoe,0.00\n\
        #1,a@example.com,,,,,,2024-07-03 11:02:00 -0400,1,Boot,\n\
        #2,b@example.com,partially_refunded,2024-07-03 12:02:00 -0400,USD,50.00,50.00,2024-07-03 12:02:00 -0400,1,Shoe,20.00\n",
    );
    let report = &shop.sources[0];
    assert_eq!((report.rows_in, report.ok, report.conversions), (3, 3, Some(2.0)));
    assert_eq!(report.revenue.get("USD".parse().ok()), money("130"));
    // Events of servers are timed in seconds since 1970.
    let server = one("event_name,event_time,value,currency,order_id,fbc\n\
        Purchase,1720000000,99.5,USD,o1,fb.1.1719900000000.AbC\n");
    assert_eq!(server.conversions[0].at.to_string(), "2024-07-03T09:46:40Z");
}

#[test]
fn tables_of_others_are_not_claimed() {
    for text in [
        // A summary of files, with the words of many platforms.
        "platform,file,rows,cols,value,impressions,inline_link_clicks,spend,clicks,cost_micros,conversions,conversions_value,cost_in_usd,cost_in_local_currency,spend_in_micro_dollar,conversion\nfacebook_ads,a.csv,59,3,,,,,,,,,,,,\n",
        // Generic tables: a mapping has to say whose they are.
        "date,campaign,spend,clicks\n2024-07-01,A,10,5\n",
        "Date,Campaign,Impressions,Clicks,Cost\n2024-07-01,A,100,5,10\n",
        "Date,Campaign name,Cost,Impressions,Clicks,Conversions\n2024-07-01,A,10,100,5,1\n",
        "Date,Account,Campaign,Ad group,Cost,Impressions,Clicks,Currency\n2024-07-01,Acme,A,G,10,100,5,EUR\n",
        "Tag;Kampagne;Kosten;Klicks\n01.07.2024;A;10,00;5\n",
        "date,channel,campaign_name,spend,impressions,clicks,conversions,revenue\n2024-07-01,meta,A,10,100,5,1,20\n",
        "Date,Campaign,Ad group,Impressions,Clicks,Spend,Conversions,Currency\n2024-07-01,A,G,100,1,10,1,USD\n",
        "Day,Campaign,Campaign ID,Clicks,Impressions,Spent,Currency,CPC\n2024-07-01,A,1,5,100,10,EUR,2\n",
        // Money of other kinds.
        "Date,Description,Amount,Currency,Balance,Transaction ID\n2024-07-01,FACEBK ADS,-100.00,EUR,900.00,T1\n",
        "Transaction ID,Date,Amount,Type,Value Date\nT1,2024-07-01,-100.00,DEBIT,2024-07-01\n",
        "Invoice number,Order number,Invoice date,Date,Amount,Tax,Total\nI1,O1,2024-07-01,2024-07-01,10,1,11\n",
        "Date,Employee,Category,Amount spent,Currency,Notes\n2024-07-01,A,Travel,10,EUR,x\n",
        "Date,Cost center,Vendor,Cost,Currency code,Invoice number\n2024-07-01,1,Google,10,EUR,I1\n",
        // Feeds, lists, audiences, searches, letters, posts.
        "id,title,description,link,image_link,price,availability,brand,gtin,condition\n1,Shoe,Nice,https://a.example,https://a.example/i.png,10.00 USD,in stock,B,123,new\n",
        "Email,First Name,Last Name,Country,Phone,Created at\na@example.com,A,B,US,1,2024-07-01\n",
        "# Audiences\n# Start date: 20240701\n# End date: 20240731\nAudience name,Total users,New users,Sessions,Views per session,Total revenue\nAll Users,100,50,120,3,10.5\n",
        "Top queries,Clicks,Impressions,CTR,Position\nshoes,10,100,10%,3.2\n",
        "Campaign Name,Campaign ID,Send Time,Total Recipients,Opens,Clicks,Revenue,Placed Order\nA,1,2024-07-01 10:00,100,10,5,10,1\n",
        "Post ID,Account ID,Account name,Description,Publish time,Post type,Date,Impressions,Reach,Shares,Likes,Saves\n1,2,A,x,07/01/2024 10:00,IG reel,Lifetime,100,90,1,1,1\n",
        // Tickets, tasks and deals have ids, names, accounts and times too.
        "id,name,account_id,updated_time,priority,assignee\n1,Login fails,77,2024-07-01 10:00:00,high,Ann\n",
        "id,account_id,campaign_id,name,updated_time,status\n1,77,5,Login fails,2024-07-01 10:00:00,open\n",
        "id,account_id,name,_fivetran_synced,updated_time,subject,requester\n1,77,Help,2024-07-01 10:00:00,2024-07-01 10:00:00,Login,Ann\n",
        // Rows of every level in one sheet.
        "Product,Entity,Operation,Campaign ID,Ad Group ID,Campaign Name,Start Date,State,Daily Budget,Impressions,Clicks,Spend,Sales,Orders,ACOS\nSponsored Products,Campaign,,1,,A,20240101,enabled,50,100,10,5,20,1,25%\n",
    ] {
        let out = one(text);
        let report = &out.sources[0];
        assert_eq!(report.kind, Kind::Unrecognised, "{text}: {:?}", report.platform);
        assert!(out.records.is_empty() && out.conversions.is_empty() && report.rows_in == 0);
    }
}

#[test]
fn overlapping_downloads_count_once_and_restatements_replace() {
    let header = "Day,Campaign,Campaign ID,Currency code,Clicks,Impr.,Cost\n";
    let first = format!("{header}2024-07-01,A,1,USD,1,2,3.5\n2024-07-02,A,1,USD,1,2,3.5\n");
    let second = format!("{header}2024-07-02,A,1,USD,1,2,3.5\n2024-07-03,A,1,USD,1,2,4.5\n");
    let third = format!("{header}2024-07-03,A,1,USD,2,3,5.0\n");
    let files = [("a.csv", first), ("b.csv", second), ("c.csv", third)];
    let out = read(&files.map(|(name, text)| (name, text.into_bytes())));
    let counts: Vec<_> = out.sources.iter().map(|s| (s.rows_in, s.ok, s.duplicate)).collect();
    // The last row of the second file is an earlier version of the third's.
    assert_eq!(counts, [(2, 2, 0), (2, 0, 2), (1, 1, 0)]);
    assert_eq!(out.sources[1].restated, 1);
    let spend: Vec<_> = out.records.iter().map(|r| r.spend).collect();
    assert_eq!(spend, ["3.5", "3.5", "5"].map(money));
}
