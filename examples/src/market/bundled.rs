//! The bundled market: a skin-care shop that sells in Germany and the United States, in euros.
//!
//! Its numbers were chosen before any optimiser was run against it, inside the ranges that ad
//! benchmarks usually report, and are not fitted to any account: CPM 3 to 20, click rate 0.5 to 4 %,
//! conversion rate 0.5 to 6 %, order value 30 to 120, return on ad spend 0.5 to 6.

use jiff::civil::date;

use super::config::{
    AudienceConfig, CampaignConfig, Change, ChannelConfig, Format, IncumbentConfig, MarketConfig,
    NoiseConfig, OrganicConfig, Platform, RateConfig, Theme,
};
use super::delay::DelayLaw;
use super::fatigue::Fatigue;
use super::season::{Holiday, Rule};

impl Default for MarketConfig {
    fn default() -> Self {
        Self {
            brand: "Halden Skin".into(),
            start: date(2026, 7, 5),
            currency: "EUR".into(),
            launch_days: 80,
            launched_at_start: 0.4,
            known_lag_hours: 6.0,
            lost_click_ids: 0.06,
            unseen_sessions: 0.12,
            crm_zone: "Europe/Berlin".into(),
            analytics_zone: "Europe/Berlin".into(),
            delay: DelayLaw::Weibull { shape: 0.55, scale: 1.2, days: 28 },
            fatigue: Fatigue::default(),
            noise: NoiseConfig::default(),
            organic: OrganicConfig::default(),
            incumbent: IncumbentConfig::default(),
            price_exponent: 0.5,
            rates: vec![RateConfig {
                currency: "USD".into(),
                level: 0.86,
                swing: 0.015,
                period_days: 97.0,
                noise: 0.003,
            }],
            changes: changes(),
            holidays: holidays(),
            formats: formats(),
            themes: themes(),
            channels: vec![meta(), search(), display(), tiktok()],
        }
    }
}

/// TikTok's buyers thin out in October; a claim loses its pull everywhere from mid-September.
fn changes() -> Vec<Change> {
    vec![
        Change {
            date: date(2026, 10, 5),
            channel: Some("paid_social_tiktok".into()),
            theme: None,
            cvr: 0.6,
        },
        Change {
            date: date(2026, 9, 14),
            channel: None,
            theme: Some("Summer Glow".into()),
            cvr: 0.65,
        },
    ]
}

fn holidays() -> Vec<Holiday> {
    let fixed = |name: &str, month, day, factor, spread| Holiday {
        name: name.into(),
        on: Rule::Fixed { month, day },
        factor,
        spread,
    };
    let november = |name: &str, days, factor, spread| Holiday {
        name: name.into(),
        on: Rule::AfterThanksgiving { days },
        factor,
        spread,
    };
    vec![
        fixed("New Year", 1, 1, 0.7, 0),
        fixed("Valentine's Day", 2, 14, 1.3, 6),
        fixed("Mother's Day", 5, 10, 1.35, 6),
        fixed("Summer sale", 7, 15, 1.35, 5),
        fixed("Labor Day", 9, 7, 1.15, 2),
        fixed("German Unity Day", 10, 3, 0.85, 0),
        fixed("Singles' Day", 11, 11, 1.25, 1),
        november("Black Friday", 1, 1.9, 3),
        november("Cyber Monday", 4, 1.5, 1),
        fixed("Christmas shopping", 12, 13, 1.4, 9),
        fixed("Christmas Day", 12, 25, 0.55, 1),
    ]
}

fn formats() -> Vec<Format> {
    let format = |name: &str, video, ctr, cvr| Format { name: name.into(), video, ctr, cvr };
    vec![
        format("Image", false, 1.0, 1.0),
        format("Video", true, 1.15, 0.95),
        format("Carousel", false, 0.9, 1.15),
        format("Text", false, 1.0, 1.0),
    ]
}

fn themes() -> Vec<Theme> {
    let theme = |name: &str, ctr, cvr, headlines: &[&str], body: &str| Theme {
        name: name.into(),
        headlines: headlines.iter().map(|&h| h.to_owned()).collect(),
        body: body.into(),
        ctr,
        cvr,
    };
    vec![
        theme(
            "Clinical",
            0.95,
            1.2,
            &["Tested by dermatologists", "Results in 28 days", "92 % saw calmer skin"],
            "Fragrance-free serum with ceramides.",
        ),
        theme(
            "Offer",
            1.2,
            1.1,
            &["20 % off your first order", "Two for one this week", "Free shipping today"],
            "Refill now and save.",
        ),
        theme(
            "Reviews",
            1.05,
            1.15,
            &[
                "4.8 stars, 3,100 reviews",
                "Why nurses switch to Halden",
                "\"My skin is calm again\"",
            ],
            "Read what others say.",
        ),
        theme(
            "Summer Glow",
            1.15,
            1.05,
            &["Glow without glitter", "Light care for hot days", "SPF 30 that sinks in"],
            "A day cream for the sun.",
        ),
        theme(
            "Founder",
            0.9,
            0.9,
            &["Made in a small lab", "From our family to yours", "Why I started Halden"],
            "The story behind the serum.",
        ),
        theme(
            "Routine",
            1.0,
            0.95,
            &["Three steps, two minutes", "Morning and night, done", "Your whole routine"],
            "Cleanser, serum, cream.",
        ),
    ]
}

fn campaign(name: &str, audiences: &[(&str, u32, f64, f64, f64, f64)]) -> CampaignConfig {
    let audiences = audiences
        .iter()
        .map(|&(name, ads, size, price, ctr, cvr)| AudienceConfig {
            name: name.into(),
            ads,
            size,
            price,
            ctr,
            cvr,
        })
        .collect();
    CampaignConfig { name: name.into(), audiences }
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|&name| name.to_owned()).collect()
}

fn meta() -> ChannelConfig {
    ChannelConfig {
        name: "paid_social_meta".into(),
        platform: Platform::Meta,
        account: "1702480033156801".into(),
        currency: "EUR".into(),
        zone: "Europe/Berlin".into(),
        cpm: 7.5,
        ctr: 0.013,
        cvr: 0.021,
        order_value: 62.0,
        ad_half_spend: 45.0,
        shape: 1.0,
        daily_pool: 70.0,
        daily_budget_per_ad: 17.0,
        window_days: 7,
        view_through: 0.25,
        view_through_credit: 1.0,
        weekly: [0.95, 0.92, 0.94, 0.98, 1.00, 1.08, 1.13],
        formats: names(&["Image", "Video", "Carousel"]),
        campaigns: vec![
            campaign(
                "Total Care",
                &[
                    ("Women 25-44", 9, 1.2, 1.0, 1.0, 1.0),
                    ("Lookalike buyers 2%", 7, 1.0, 1.1, 1.1, 1.2),
                ],
            ),
            campaign(
                "Serum Launch",
                &[
                    ("Skincare interest", 7, 1.1, 1.0, 1.05, 0.95),
                    ("Broad DE", 7, 1.6, 0.85, 0.85, 0.75),
                ],
            ),
            campaign("Come Back", &[("Site visitors 30d", 8, 0.45, 1.5, 1.5, 2.0)]),
        ],
    }
}

fn search() -> ChannelConfig {
    ChannelConfig {
        name: "paid_search".into(),
        platform: Platform::Google,
        account: "4471290365".into(),
        currency: "USD".into(),
        zone: "America/New_York".into(),
        cpm: 11.0,
        ctr: 0.034,
        cvr: 0.034,
        order_value: 68.0,
        ad_half_spend: 38.0,
        shape: 1.0,
        daily_pool: 26.0,
        daily_budget_per_ad: 14.0,
        window_days: 30,
        view_through: 0.0,
        view_through_credit: 0.0,
        weekly: [1.08, 1.07, 1.04, 1.02, 0.96, 0.88, 0.95],
        formats: names(&["Text"]),
        campaigns: vec![
            campaign("Search Brand", &[("Halden exact", 6, 0.6, 0.75, 1.15, 1.6)]),
            campaign(
                "Search Generic",
                &[
                    ("Sensitive skin serum", 6, 1.0, 1.05, 0.95, 0.9),
                    ("Ceramide cream", 5, 0.9, 1.0, 0.9, 0.85),
                ],
            ),
        ],
    }
}

fn display() -> ChannelConfig {
    ChannelConfig {
        name: "display".into(),
        platform: Platform::Google,
        account: "4471290365".into(),
        currency: "USD".into(),
        zone: "America/New_York".into(),
        cpm: 3.4,
        ctr: 0.0062,
        cvr: 0.0095,
        order_value: 60.0,
        ad_half_spend: 40.0,
        shape: 1.0,
        daily_pool: 20.0,
        daily_budget_per_ad: 10.0,
        window_days: 30,
        view_through: 0.4,
        view_through_credit: 0.5,
        weekly: [0.98, 0.97, 0.98, 1.0, 1.0, 1.03, 1.04],
        formats: names(&["Image", "Carousel"]),
        campaigns: vec![
            campaign("Display Remarketing", &[("Cart leavers", 6, 0.5, 1.4, 1.4, 1.9)]),
            campaign("Total Care Display", &[("Beauty mavens", 8, 1.3, 0.95, 0.95, 0.9)]),
        ],
    }
}

fn tiktok() -> ChannelConfig {
    ChannelConfig {
        name: "paid_social_tiktok".into(),
        platform: Platform::Tiktok,
        account: "7093318823041024001".into(),
        currency: "USD".into(),
        zone: "America/New_York".into(),
        cpm: 5.0,
        ctr: 0.0095,
        cvr: 0.015,
        order_value: 46.0,
        ad_half_spend: 50.0,
        shape: 1.0,
        daily_pool: 45.0,
        daily_budget_per_ad: 13.0,
        window_days: 7,
        view_through: 0.35,
        view_through_credit: 1.0,
        weekly: [0.93, 0.93, 0.95, 0.98, 1.04, 1.11, 1.06],
        formats: names(&["Video"]),
        campaigns: vec![
            campaign(
                "Spark Routine",
                &[
                    ("18-24 skincare", 10, 1.2, 0.95, 1.1, 0.85),
                    ("25-34 skincare", 9, 1.0, 1.05, 1.0, 1.15),
                ],
            ),
            campaign("Creator Clips", &[("Broad US", 12, 1.6, 0.85, 0.9, 0.9)]),
        ],
    }
}
