//! A made-up but plausible run, for the report page's tests.

use campaign_examples::report::data::*;
use jiff::ToSpan;
use jiff::civil::date;

/// Names of up to twelve channels.
pub(crate) const CHANNELS: [&str; 12] = [
    "Paid social",
    "Paid search",
    "Video",
    "Shopping",
    "Affiliate",
    "Display",
    "Retargeting",
    "Podcasts",
    "Connected TV",
    "Email",
    "Influencers",
    "Out of home",
];

/// A number in [0, 1) that looks random and is the same everywhere.
pub(crate) fn noise(i: usize, salt: u64) -> f64 {
    let mut x = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ salt.wrapping_mul(0xD1B5_4A32_D192_ED03);
    x = (x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x ^= x >> 32;
    (x >> 11) as f64 / (1u64 << 53) as f64
}

fn level(channel: usize) -> (f64, f64) {
    [(2900.0, 3.1), (2200.0, 4.4), (1300.0, 1.9), (900.0, 3.6)]
        .get(channel)
        .copied()
        .unwrap_or((300.0 + 60.0 * channel as f64, 1.2 + 0.25 * channel as f64))
}

/// Daily figures.
pub(crate) fn series(days: usize, channels: usize) -> Series {
    let first = date(2026, 1, 5);
    let channel = |c: usize| {
        let (spend, roas) = level(c);
        let of = |i: usize| {
            let week = 1.0 + 0.22 * (core::f64::consts::TAU * i as f64 / 7.0).sin();
            let trend =
                1.0 + 0.5 * (i as f64 / 120.0 - 0.4) * if c.is_multiple_of(2) { 1.0 } else { -0.5 };
            spend * week * trend * (0.85 + 0.3 * noise(i, c as u64))
        };
        let back = |i: usize| {
            let change = if c == 2 && i > 70 { 0.72 } else { 1.0 };
            of(i) * roas * change * (0.7 + 0.6 * noise(i, 50 + c as u64))
        };
        ChannelSeries {
            channel: CHANNELS[c % 12].to_owned(),
            spend: (0..days).map(of).collect(),
            revenue: (0..days).map(back).collect(),
            conversions: (0..days).map(|i| (back(i) / 62.0).round()).collect(),
        }
    };
    Series {
        days: (0..days).map(|i| first.saturating_add((i as i64).days())).collect(),
        channels: (0..channels).map(channel).collect(),
        immature_from: (days > 10).then(|| first.saturating_add((days as i64 - 7).days())),
    }
}

/// A plan over cells: the best get 30% more, the worst 30% less, and the total stays.
pub(crate) fn plan(cells: usize, channels: usize) -> Plan {
    let cell = |i: usize| {
        let c = i % channels;
        let audience =
            ["Prospecting", "Lookalike 3%", "Retargeting 14d", "Brand terms", "Generic terms"]
                [i % 5];
        PlanCell {
            channel: CHANNELS[c % 12].to_owned(),
            campaign: Some(format!(
                "{} {}",
                ["Spring sale", "Always on", "Launch"][i % 3],
                ["DE", "UK", "US"][i % 3]
            )),
            name: format!("{audience} {}", i + 1),
            current: level(c).0 * 7.0 * channels as f64 / cells as f64 * (0.4 + 1.2 * noise(i, 3)),
            ..PlanCell::default()
        }
    };
    let mut cells: Vec<PlanCell> = (0..cells).map(cell).collect();
    let roas = |i: usize| level(i % channels).1 * (0.75 + 0.5 * noise(i, 4));
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by(|a, b| roas(*b).total_cmp(&roas(*a)));
    let mut left: f64 = cells.iter().map(|c| 0.3 * c.current).sum();
    let mut price = 0.0;
    for i in order {
        let cell = &mut cells[i];
        let more = left.min(0.6 * cell.current);
        left -= more;
        if more > 0.0 {
            price = roas(i);
        }
        cell.proposed = 0.7 * cell.current + more;
        let expected = cell.proposed * roas(i);
        (cell.expected, cell.low, cell.high) =
            (Some(expected), Some(expected * 0.86), Some(expected * 1.15));
    }
    for (i, cell) in cells.iter_mut().enumerate() {
        let (side, bound) = match cell.proposed / cell.current {
            r if r > 1.299 => ("is above the shadow price", "; held at the upper bound of 30%"),
            r if r < 0.701 => ("is below the shadow price", "; held at the lower bound of 30%"),
            _ => ("sets the shadow price", "; takes what is left"),
        };
        cell.reasons.push(format!("predicted ROAS {:.2} {side} {price:.2}{bound}", roas(i)));
    }
    let sum = |f: &dyn Fn(usize, &PlanCell) -> f64| {
        cells.iter().enumerate().map(|(i, c)| f(i, c)).sum::<f64>()
    };
    let (total, expected) = (sum(&|_, c| c.proposed), sum(&|i, c| c.proposed * roas(i)));
    Plan {
        status: "optimal".into(),
        objective: "revenue at predicted ROAS, each ad group within 30% of last week".into(),
        period: "5 to 11 May 2026, against the 7 days before".into(),
        cell_noun: "ad group".into(),
        expected_unit: Unit::Money,
        budget: total,
        total,
        previous_total: Some(sum(&|_, c| c.current)),
        expected: Some(expected),
        expected_low: Some(expected * 0.93),
        expected_high: Some(expected * 1.08),
        expected_unchanged: Some(sum(&|i, c| c.current * roas(i))),
        shadow_price: Some(price),
        conflicts: vec![],
        cells,
    }
}

/// A creative test.
pub(crate) fn experiment(name: &str, channel: &str, arms: usize, salt: u64) -> Experiment {
    let arm = |i: usize| {
        let trials = if i == 3 { 5400 } else { 900 + (5200.0 * noise(i, salt)) as u64 };
        let rate = if i == 3 { 0.041 } else { 0.021 + 0.012 * noise(i, salt + 1) };
        let successes = (trials as f64 * rate) as u64;
        let (alpha, beta) = (1.0 + successes as f64, 1.0 + (trials - successes) as f64);
        let mean = alpha / (alpha + beta);
        let sd = (mean * (1.0 - mean) / (alpha + beta + 1.0)).sqrt();
        let p_best = if i == 3 { 0.972 } else { 0.028 * noise(i, salt + 2) };
        let decision = match () {
            () if i == 3 => "accept",
            () if mean < 0.0225 => "reject",
            () => "continue",
        };
        PosteriorArm {
            name: [
                "UGC unboxing",
                "Founder story",
                "Static price tag",
                "Before and after",
                "Carousel, five looks",
                "Testimonial, Ana",
            ][i % 6]
                .to_owned()
                + &format!(" v{}", i / 6 + 1),
            alpha,
            beta,
            trials,
            successes,
            mean,
            low: mean - 1.96 * sd,
            high: mean + 1.96 * sd,
            p_best,
            expected_loss: Some(0.0004),
            decision: decision.into(),
        }
    };
    Experiment {
        name: name.into(),
        channel: Some(channel.into()),
        metric: "conversions per click".into(),
        rule: "accept at P(best) > 0.95, looked at weekly, 4 looks".into(),
        false_accept_rate: Some(0.031),
        decision: "accept Before and after v1".into(),
        arms: (0..arms).map(arm).collect(),
    }
}

/// A whole report of `channels` channels and `cells` plan cells.
pub(crate) fn report(channels: usize, cells: usize) -> ReportData {
    let series = series(120, channels);
    let daily = |pick: fn(&ChannelSeries) -> &Vec<f64>| -> Vec<Option<f64>> {
        (0..120).map(|i| Some(series.channels.iter().map(|c| pick(c)[i]).sum())).collect()
    };
    let (spend, revenue, conversions) =
        (daily(|c| &c.spend), daily(|c| &c.revenue), daily(|c| &c.conversions));
    let weekly = |top: &[Option<f64>], bottom: &[Option<f64>]| -> Vec<Option<f64>> {
        let sum = |v: &[Option<f64>]| v.iter().flatten().sum::<f64>();
        (6..120).map(|i| Some(sum(&top[i - 6..=i]) / sum(&bottom[i - 6..=i]))).collect()
    };
    let ones = vec![Some(1.0 / 7.0); 120];
    let kpi = |name: &str, unit, better, history: Vec<Option<f64>>, previous: f64, scale: f64| {
        let value = history.last().copied().flatten().map(|v| v * scale);
        Kpi {
            name: name.into(),
            unit,
            better,
            previous: value.map(|v| v * previous),
            value,
            history,
        }
    };
    let kpis = vec![
        kpi("Spend", Unit::Money, Better::Neither, weekly(&spend, &ones), 0.97, 4.0),
        kpi("Revenue", Unit::Money, Better::Higher, weekly(&revenue, &ones), 0.93, 4.0),
        kpi("ROAS", Unit::Ratio, Better::Higher, weekly(&revenue, &spend), 0.961, 1.0),
        kpi("CPA", Unit::Money, Better::Lower, weekly(&spend, &conversions), 0.982, 1.0),
        kpi("Conversions", Unit::Count, Better::Higher, weekly(&conversions, &ones), 0.95, 4.0),
    ];
    let source = |file: &str,
                  platform: &str,
                  rows: u64,
                  bad: u64,
                  twice: u64,
                  skipped,
                  currency: Option<&str>,
                  zone: Option<&str>| Source {
        file: file.into(),
        platform: platform.into(),
        rows_in: rows,
        ok: rows - bad - twice,
        rejected: bad,
        duplicate: twice,
        skipped,
        first_day: Some(date(2026, 1, 5)),
        last_day: Some(date(2026, 5, 4)),
        coverage: Some(if bad > 3 { 0.983 } else { 1.0 }),
        currency: currency.map(Into::into),
        zone: zone.map(Into::into),
    };
    let sources = vec![
        source(
            "meta_ads_manager.csv",
            "Meta Ads",
            4320,
            3,
            12,
            1,
            Some("EUR"),
            Some("Europe/Berlin"),
        ),
        source(
            "google_ads_report.csv",
            "Google Ads",
            3600,
            5,
            0,
            4,
            Some("EUR"),
            Some("Europe/Berlin"),
        ),
        source(
            "tiktok_ads.csv",
            "TikTok Ads",
            2400,
            1,
            0,
            2,
            Some("USD"),
            Some("America/Los_Angeles"),
        ),
        source("ga4_sessions.csv", "GA4", 1440, 0, 0, 9, None, Some("Europe/Berlin")),
        source("crm_conversions.csv", "CRM", 18_211, 2, 4, 1, Some("EUR"), None),
    ];
    let reject = |file: &str, row, column: &str, value: &str, reason: &str| Reject {
        file: file.into(),
        row,
        column: column.into(),
        value: value.into(),
        reason: reason.into(),
    };
    let rejects = vec![
        reject(
            "meta_ads_manager.csv",
            812,
            "Amount spent (EUR)",
            "12,3,4",
            "not an amount: two decimal separators",
        ),
        reject("google_ads_report.csv", 97, "Day", "2026-02-30", "no such day"),
        reject("tiktok_ads.csv", 1033, "Clicks", "-4", "a count cannot be negative"),
        reject("crm_conversions.csv", 5, "Currency", "", "no currency"),
    ];
    let feature = |i: usize| {
        [
            "spend_sum_7d",
            "roas_28d",
            "cvr_28d",
            "ctr_7d",
            "ad_age_days",
            "spend_lag_1",
            "dow",
            "cpm_7d",
            "is_holiday",
            "clicks_sum_28d",
            "creative_has_person",
            "creative_text_length",
            "month",
            "conversions_lag_7",
            "channel",
            "video_views_7d",
            "days_to_holiday",
            "spend_share_7d",
        ][i % 18]
    };
    let metric = |name: &str, unit, better, value, baseline, base: &str| ModelMetric {
        name: name.into(),
        unit,
        better,
        value,
        baseline,
        baseline_name: base.into(),
    };
    let models = vec![ModelQuality {
        name: "Conversions per ad and day".into(),
        target: "conversions of the next 7 days".into(),
        train_rows: 8640,
        valid_rows: 1920,
        split: "trained to 12 April, scored 13 to 26 April, last 7 days left out as immature"
            .into(),
        metrics: vec![
            metric("WAPE", Unit::Percent, Better::Lower, 0.214, 0.288, "28-day mean"),
            metric("RMSE", Unit::Number, Better::Lower, 4.12, 5.47, "28-day mean"),
            metric(
                "AUC, any conversion",
                Unit::Number,
                Better::Higher,
                0.812,
                0.741,
                "historic rate",
            ),
            metric("Log-loss", Unit::Number, Better::Lower, 0.391, 0.388, "historic rate"),
        ],
        importance_kind: "total gain".into(),
        importance: (0..18)
            .map(|i| Importance {
                feature: feature(i).into(),
                value: 4200.0 * 0.78f64.powi(i as i32),
            })
            .collect(),
    }];
    let drift_row = |i: usize| {
        let drifted = i == 1 || i == 7;
        let p = if drifted { 1e-5 } else { 0.02 + 0.9 * noise(i, 9) };
        DriftRow {
            feature: feature(i).into(),
            statistic: if drifted { 0.27 } else { 0.04 + 0.06 * noise(i, 8) },
            p: Some(p),
            p_adjusted: Some((p * 3.0).min(1.0)),
            effect: if drifted { 0.27 } else { 0.04 + 0.06 * noise(i, 8) },
            drifted,
        }
    };
    let paused = |i: usize| Paused {
        creative_id: format!("{:08x}", 0x5be1_77aa + 991 * i),
        name: ["Static price tag v2", "Countdown banner", "Stock photo, office", "Slogan on blue"]
            [i % 4]
            .into(),
        channel: Some(CHANNELS[i % channels.min(4)].into()),
        spend: Some(1840.0 + 210.0 * i as f64),
        conversions: Some(if i == 2 { 0.0 } else { 21.0 - i as f64 }),
        expected_cpa: Some(31.5),
        actual_cpa: (i != 2).then_some(78.0 + 9.0 * i as f64),
        status: "paused".into(),
        reasons: vec![
            format!(
                "cost per acquisition {:.2} is above 2.0 times the expected 31.50 with probability 0.99",
                78.0 + 9.0 * i as f64
            ),
            "spent more than the 500.00 that a verdict needs".into(),
        ],
    };
    let decision = |i: usize| DecisionLine {
        id: format!("d-{:04}", i + 1),
        at: "5 May 2026, 06:00".into(),
        actor: ["budget-planner", "creative-test", "pause-rule", "retrain-policy"][i % 4].into(),
        subject: [
            "Lookalike 3%, Launch US",
            "Before and after v1",
            "Countdown banner",
            "conversion model",
        ][i % 4]
            .into(),
        action: ["set budget to €4,410.20 for", "accept", "pause", "keep"][i % 4].into(),
        reasons: vec![
            [
                "predicted ROAS 3.31 is above the shadow price 2.41",
                "P(best) 0.972 is above 0.95 at look 3 of 4",
                "CPA 87.00 is above 2.0 times the expected 31.50",
                "2 of 18 features drifted, fewer than the 3 that call for a new model",
            ][i % 4]
                .into(),
        ],
    };
    let bandit_arm = |i: usize| BanditArm {
        name: [
            "Before and after v1",
            "UGC unboxing v1",
            "Founder story v1",
            "Carousel, five looks v1",
            "Testimonial, Ana v1",
            "Static price tag v1",
        ][i % 6]
            .into(),
        share: [0.61, 0.16, 0.11, 0.07, 0.04, 0.01][i % 6],
        mean: Some([0.041, 0.036, 0.035, 0.033, 0.030, 0.024][i % 6]),
        pulls: Some([5210, 4101, 3920, 2800, 2210, 1900][i % 6]),
    };
    ReportData {
        brand: "Fjord & Field".into(),
        first_day: Some(date(2026, 1, 5)),
        last_day: Some(date(2026, 5, 4)),
        as_of: Some(date(2026, 5, 5)),
        currency: "EUR".into(),
        verdict: "Move 12% of next week’s budget from video to paid search: 6.4% more revenue is expected for the same spend, and four creatives are paused.".into(),
        kpis,
        kpi_window: "28 settled days to 4 May 2026, against the 28 before".into(),
        sources,
        rejects,
        plan: Some(plan(cells, channels)),
        experiments: vec![
            experiment("Spring creatives, prospecting", CHANNELS[0], 12, 21),
            experiment("Search ad headlines", CHANNELS[1 % channels], 4, 37),
        ],
        bandits: vec![BanditSplit {
            name: "Spring creatives, prospecting".into(),
            policy: "Beta Thompson sampling, exact selection probabilities".into(),
            channel: Some(CHANNELS[0].into()),
            arms: (0..6).map(bandit_arm).collect(),
        }],
        models,
        drift: Some(Drift {
            test: "two-sample KS, Benjamini-Hochberg at 5%, effect at least 0.10".into(),
            windows: "Last 14 settled days against the 60 days before".into(),
            features: (0..18).map(drift_row).collect(),
            retrain: Some(false),
            why: vec![
                "2 of 18 features drifted, fewer than the 3 that call for a new model".into(),
                "the last training was 9 days ago; the cool-down is 14 days".into(),
            ],
        }),
        paused: (0..4).map(paused).collect(),
        decisions: (0..46).map(decision).collect(),
        log_head: Some("9f2c4e0d6b1a7c3358ee90b2a44d17f0c6e3b5a8d2917f4e60c1ab37d5e8f902".into()),
        skipped: vec![Skipped { stage: "geo lift".into(), why: "the exports have no region column".into() }],
        run: RunFacts {
            seed: 42,
            program: "campaign_loop 0.1.0".into(),
            stages: [("ingest", 0.81), ("features", 1.42), ("model", 3.9), ("tests", 0.33), ("plan", 0.004), ("drift", 0.12)]
                .into_iter()
                .map(|(stage, seconds)| StageTime { stage: stage.into(), seconds })
                .collect(),
        },
        series,
    }
}
