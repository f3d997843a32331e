//! The report page as a whole.

#![allow(clippy::expect_used, reason = "a helper of tests fails the test")]

mod report_sample;

use campaign_examples::report::data::*;
use campaign_examples::report::render;
use report_sample::report;

/// Tags without an end tag in HTML.
const VOID: [&str; 3] = ["meta", "br", "hr"];

/// Walks the tags of a page: each opened one is closed in order, attributes are quoted and named
/// once, ids are unique and fragments lead to one. Returns the visible texts.
fn check(page: &str) -> String {
    let (mut open, mut ids, mut links, mut text) =
        (Vec::new(), Vec::new(), Vec::new(), String::new());
    let mut rest = page.strip_prefix("<!DOCTYPE html>").expect("a doctype");
    while let Some(at) = rest.find('<') {
        let before = &rest[..at];
        if open.last() != Some(&"style") {
            assert!(!before.contains('>'), "a bare > in {before:?}");
            text.push_str(before);
            text.push(' ');
        }
        let end = at + rest[at..].find('>').expect("an unfinished tag");
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed out of order near {text:?}");
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric()), "{tag:?}");
        let mut seen = Vec::new();
        let mut left = attributes;
        while let Some((key, value)) = left.split_once("=\"") {
            let (value, next) = value.split_once('"').expect("an unquoted end");
            let key = key.trim();
            assert!(!seen.contains(&key), "{key} twice in {tag:?}");
            assert!(!value.contains("NaN") && !value.contains("inf%"), "{tag:?}");
            assert!(!key.starts_with("on") && key != "src", "{tag:?}");
            match key {
                "id" => ids.push(value),
                "href" => links.push(value.strip_prefix('#').expect("a link out of the page")),
                _ => {}
            }
            seen.push(key);
            left = next;
        }
        assert_eq!(left.trim(), "", "{tag:?}");
        if !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "left open: {open:?}");
    let unique: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "an id twice");
    assert!(links.iter().all(|link| ids.contains(link)), "a link to nowhere");
    text
}

#[test]
fn a_whole_report_is_well_formed_and_self_contained() {
    let page = render(&report(4, 36));
    let text = check(&page);
    for outside in
        ["http:", "https:", "src=", "url(", "@import", "<script", "<link", "<img", "<iframe"]
    {
        assert!(!page.contains(outside), "{outside}");
    }
    for word in [
        "Fjord &amp; Field",
        "ROAS",
        "Paid search",
        "google_ads_report.csv",
        "Data health",
        "P(best)",
        "28 settled days to 4 May 2026",
        "97.2%",
        "WAPE",
        "spend_sum_7d",
        "drifted",
        "Do not retrain",
        "Countdown banner",
        "d-0046",
        "geo lift",
        "9f2c4e0d",
        "campaign_loop 0.1.0",
        "5 May 2026",
    ] {
        assert!(text.contains(word), "{word}");
    }
    assert!(!text.contains("NaN"));
}

#[test]
fn the_same_data_give_the_same_bytes() {
    assert_eq!(render(&report(4, 36)), render(&report(4, 36)));
}

#[test]
fn a_report_of_a_hundred_ads_is_small() {
    let bytes = render(&report(5, 100)).len();
    assert!(bytes < 400_000, "{bytes}");
}

#[test]
fn names_are_texts_never_markup() {
    let evil = "<script>alert('1')</script>\" onload=\"x & </style>";
    let mut data = report(2, 6);
    data.brand = evil.into();
    data.verdict = evil.into();
    data.kpi_window = evil.into();
    data.currency = evil.into();
    data.kpis[0].name = evil.into();
    data.sources[0].file = evil.into();
    data.sources[0].platform = evil.into();
    data.rejects[0].value = evil.into();
    data.series.channels[0].channel = evil.into();
    let plan = data.plan.as_mut().unwrap();
    plan.status = evil.into();
    plan.cell_noun = evil.into();
    plan.conflicts.push(evil.into());
    plan.cells[0].channel = evil.into();
    plan.cells[0].name = evil.into();
    plan.cells[0].reasons.push(evil.into());
    data.experiments[0].name = evil.into();
    data.experiments[0].arms[0].name = evil.into();
    data.experiments[0].arms[0].decision = evil.into();
    data.bandits[0].arms[0].name = evil.into();
    data.models[0].importance[0].feature = evil.into();
    data.drift.as_mut().unwrap().features[0].feature = evil.into();
    data.paused[0].name = evil.into();
    data.decisions[45].action = evil.into();
    data.log_head = Some(evil.into());
    data.skipped[0].why = evil.into();
    data.run.program = evil.into();
    let page = render(&data);
    check(&page);
    assert!(!page.contains("<script") && page.matches("</style>").count() == 1);
    assert!(page.matches("&lt;script&gt;").count() >= 20);
}

#[test]
fn nothing_at_all_still_makes_a_page() {
    let text = check(&render(&ReportData::default()));
    for note in [
        "No headline figures",
        "No source was read",
        "No charts over time",
        "No plan was made",
        "No creative was tested",
        "No live split",
        "No creative was paused",
        "No model was trained",
        "No drift check",
        "No decision was logged",
        "no days in the input",
    ] {
        assert!(text.contains(note), "{note}");
    }
}

#[test]
fn parts_that_are_empty_inside_say_so() {
    let data = ReportData {
        plan: Some(Plan::default()),
        experiments: vec![Experiment::default()],
        bandits: vec![BanditSplit::default()],
        models: vec![ModelQuality::default()],
        drift: Some(Drift::default()),
        sources: vec![Source::default()],
        kpis: vec![Kpi::default()],
        paused: vec![Paused::default()],
        decisions: vec![DecisionLine::default()],
        skipped: vec![Skipped { stage: "bandit".into(), why: "no clicks".into() }],
        ..ReportData::default()
    };
    let text = check(&render(&data));
    for note in [
        "has no cells",
        "has no creatives",
        "has no arms",
        "No metric",
        "No importances",
        "No feature was compared",
    ] {
        assert!(text.contains(note), "{note}");
    }
}

#[test]
fn a_skipped_stage_explains_the_gap() {
    let mut data = report(3, 9);
    data.series = Series::default();
    (data.first_day, data.last_day, data.drift) = (None, None, None);
    data.skipped = vec![
        Skipped { stage: "time series".into(), why: "the table has no days".into() },
        Skipped { stage: "drift".into(), why: "one period cannot be compared with itself".into() },
    ];
    let text = check(&render(&data));
    assert!(text.contains("only one. Skipped: the table has no days"), "{text}");
    assert!(text.contains("Skipped: one period cannot be compared with itself"));
}

#[test]
fn one_period_without_days_has_totals() {
    let mut data = report(2, 6);
    let whole = |channel: &str, spend, revenue| ChannelSeries {
        channel: channel.into(),
        spend: vec![spend],
        revenue: vec![revenue],
        conversions: vec![40.0],
    };
    data.series = Series {
        channels: vec![whole("Search", 2000.0, 5000.0), whole("Social", 6000.0, 9000.0)],
        ..Series::default()
    };
    let text = check(&render(&data));
    assert!(text.contains("2.50×") && text.contains("75.0%") && text.contains("€150.00"));
}

#[test]
fn an_infeasible_plan_names_its_conflicts() {
    let mut data = report(3, 9);
    let plan = data.plan.as_mut().unwrap();
    plan.status = "infeasible".into();
    plan.conflicts =
        vec!["the caps of all channels add up to 9,000, below the budget of 10,000".into()];
    let page = render(&data);
    let text = check(&page);
    let at = text.find("constraints contradict").expect("the alert");
    assert!(at < text.find("By channel").unwrap());
    assert!(text.contains("below the budget of 10,000"));
    assert!(page.contains("role=\"alert\"") && !text.contains("is expected to bring"));
}

#[test]
fn an_infeasible_plan_without_amounts_shows_only_the_current_spend() {
    let mut data = report(3, 9);
    let plan = data.plan.as_mut().unwrap();
    plan.status = "infeasible".into();
    (plan.total, plan.expected, plan.shadow_price) = (f64::NAN, None, None);
    for cell in &mut plan.cells {
        (cell.proposed, cell.expected, cell.low, cell.high) = (f64::NAN, None, None, None);
    }
    let page = render(&data);
    let text = check(&page);
    assert!(text.contains("nothing is proposed") && !text.contains("Largest moves"));
    let figures: Vec<&str> = page.split("class=\"figs\">").skip(1).collect();
    assert_eq!(figures.len(), 3);
    for row in figures {
        assert!(row.starts_with("<span>€"), "{row:.80}");
        assert!(row.split_once(" →</span>").unwrap().1.starts_with("<b>–</b></div>"), "{row:.80}");
    }
}

#[test]
fn many_tests_are_folded_and_counted() {
    let mut data = report(3, 9);
    let mut tests: Vec<Experiment> = (0..188)
        .map(|i| {
            let mut test =
                report_sample::experiment(&format!("Audience {i:03}"), "Search", 4, i as u64);
            test.decision = "inconclusive".into();
            test
        })
        .collect();
    tests[187].decision = "accept Before and after v1".into();
    for arm in &mut tests[187].arms {
        arm.trials = 10;
    }
    let split = data.bandits[0].clone();
    data.bandits = (0..188)
        .map(|i| BanditSplit { name: format!("Audience {i:03}"), ..split.clone() })
        .collect();
    data.experiments = tests;
    let page = render(&data);
    let text = check(&page);
    assert_eq!(page.matches("<ul class=\"ridge\">").count(), 40);
    assert_eq!(page.matches("class=\"wide span\"").count(), 40);
    for words in ["34 more tests", "148 more tests", "34 more splits", "148 more splits"] {
        assert!(text.contains(words), "{words}");
    }
    let folded = page.find("<details class=\"more\">").expect("a fold");
    assert_eq!(page[..folded].matches("<ul class=\"ridge\">").count(), 6);
    assert!(page.find("Audience 187").unwrap() < folded, "an accepted creative stands open");
    assert!(page.len() < 500_000, "{}", page.len());
}

#[test]
fn input_without_days_names_no_day() {
    let mut data = report(2, 6);
    (data.first_day, data.last_day, data.as_of) = (None, None, None);
    let page = render(&data);
    let text = check(&page);
    let at = |word: &str| page.find(word).expect("a section");
    let health = &page[at("<section id=\"data\"")..at("<section id=\"performance\"")];
    assert!(!health.contains("May 2026") && !health.contains("Coverage") && health.contains("EUR"));
    assert!(text.contains("no days in the input"));
}

#[test]
fn no_change_and_no_second_date() {
    let mut data = report(2, 6);
    data.kpis[0].previous = data.kpis[0].value;
    let plan = data.plan.as_mut().unwrap();
    plan.previous_total = Some(plan.total * (1.0 + 1e-6));
    plan.expected_unchanged = plan.expected;
    data.decisions = vec![DecisionLine {
        id: "2026-05-05/forecast/1".into(),
        at: "2026-05-05".into(),
        ..DecisionLine::default()
    }];
    let text = check(&render(&data));
    assert!(text.matches("unchanged").count() >= 2 && !text.contains("0% from"), "{text}");
    assert!(text.contains("as repeating last period would"));
    assert_eq!(text.matches("2026-05-05").count(), 1);
}

#[test]
fn unknown_numbers_are_dashes() {
    let mut data = report(2, 8);
    for kpi in &mut data.kpis {
        (kpi.value, kpi.previous) = (Some(f64::NAN), None);
        kpi.history = vec![Some(f64::INFINITY), None, Some(f64::NAN)];
    }
    for channel in &mut data.series.channels {
        channel.spend.fill(f64::NAN);
        channel.revenue.fill(f64::INFINITY);
        channel.conversions.clear();
    }
    let plan = data.plan.as_mut().unwrap();
    (plan.total, plan.budget, plan.expected, plan.shadow_price) =
        (f64::NAN, f64::NAN, Some(f64::NAN), None);
    for cell in &mut plan.cells {
        (cell.current, cell.proposed, cell.expected, cell.low) =
            (f64::NAN, f64::NAN, None, Some(f64::NAN));
    }
    for arm in data.experiments.iter_mut().flat_map(|e| &mut e.arms) {
        (arm.alpha, arm.mean, arm.low, arm.p_best) = (f64::NAN, f64::NAN, f64::NAN, f64::NAN);
    }
    for arm in data.bandits.iter_mut().flat_map(|b| &mut b.arms) {
        (arm.share, arm.mean) = (f64::NAN, Some(f64::NAN));
    }
    for metric in &mut data.models[0].metrics {
        (metric.value, metric.baseline) = (f64::NAN, 0.0);
    }
    data.models[0].importance[3].value = f64::NAN;
    for row in &mut data.drift.as_mut().unwrap().features {
        (row.statistic, row.p, row.effect) = (f64::NAN, None, f64::NAN);
    }
    for paused in &mut data.paused {
        (paused.expected_cpa, paused.actual_cpa, paused.spend) = (None, Some(f64::INFINITY), None);
    }
    data.run.stages[0].seconds = f64::NAN;
    let page = render(&data);
    check(&page);
    assert!(!page.contains("NaN") && !page.contains("inf<") && page.contains(">–<"));
}

#[test]
fn one_channel_or_twelve_three_cells_or_three_thousand() {
    for channels in [1, 5, 6, 12] {
        check(&render(&report(channels, 3)));
    }
    let page = render(&report(12, 3000));
    let text = check(&page);
    assert!(text.contains("2,960 more ad groups moved less; plan.json lists every ad group."));
    assert!(text.contains("3,000 ad groups"));
    // 40 cells of the plan have an "Expected revenue" cell.
    assert_eq!(page.matches("data-l=\"Expected revenue\"").count(), 40);
    assert!(page.len() < 600_000, "{}", page.len());
}

#[test]
fn long_histories_and_long_names() {
    let mut data = report(3, 12);
    data.series = report_sample::series(2000, 3);
    data.plan.as_mut().unwrap().cells[0].name = "a_very_long_name_without_a_break_".repeat(12);
    let page = render(&data);
    check(&page);
    assert!(page.len() < 400_000, "{}", page.len());
}

#[test]
fn a_channel_keeps_its_colour_everywhere() {
    let page = render(&report(4, 12));
    // Video is the third channel: every dot, line and row of it has that class.
    for (at, _) in page.match_indices("<span>Video</span>") {
        assert!(page[..at].ends_with("<span class=\"name ch2\"><span class=\"dot\"></span>"));
    }
    assert!(page.matches("<span>Video</span>").count() >= 4);
    assert!(page.contains("<path class=\"line ch2\"") && page.contains("<path class=\"area ch2\""));
}

#[test]
fn only_paused_creatives_count_as_paused() {
    let mut data = report(4, 12);
    assert!(check(&render(&data)).contains("4 creatives "));
    data.paused[1].status = "watch".into();
    assert!(check(&render(&data)).contains("3 creatives, 1 more reviewed"));
}
