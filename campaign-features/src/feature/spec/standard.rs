//! The usual columns of ads.

use super::super::calendar::CalendarField;
use super::super::creative::TextField;
use super::super::holiday::Holidays;
use super::super::plan::Window;
use super::super::source::RECORDS;
use super::{Aggregate, Definition, Feature, FeatureSpec, Statistic};

const AD: &str = "ad";
const CHANNEL: &str = "channel";
const CREATIVE: &str = "creative";
const MEASURES: [&str; 5] = ["spend", "impressions", "clicks", "conversions", "revenue"];

/// Name, numerator, denominator.
const RATES: [(&str, &str, &str); 5] = [
    ("ctr", "clicks", "impressions"),
    ("cvr", "conversions", "clicks"),
    ("cpc", "spend", "clicks"),
    ("cpa", "spend", "conversions"),
    ("roas", "revenue", "spend"),
];

impl FeatureSpec {
    /// What is usually asked about an ad of the source `records`: per trailing window five totals
    /// (`spend_7d`), five rates (`ctr_7d`), days with data (`known_days_7d`) and its share of the channel's
    /// spend (`channel_share_7d`); the totals of single days (`spend_lag1`); `ad_age`, `creative_age`;
    /// calendar and holidays of the described day; the ad's name in numbers (`text_words`); the channel
    /// (`ad_channel`) and the format that its name states (`ad_format`).
    ///
    /// Requests name an ad, and the channel and creative that it is known to have; see
    /// [`Requests::resolve`](crate::feature::source::Requests::resolve).
    ///
    /// # Examples
    /// ```
    /// use campaign_features::feature::Holidays;
    /// use campaign_features::feature::source::RecordSources;
    /// use campaign_features::feature::spec::FeatureSpec;
    /// let sources = RecordSources::new()?.finish()?;
    /// let spec = FeatureSpec::of_ads(&[7, 28], &[1, 7], Holidays::new(["DE".parse()?]));
    /// assert_eq!(spec.compile(&sources.schema())?.columns().len(), 56);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_ads(windows: &[u16], lags: &[u16], holidays: Holidays) -> Self {
        let mut features: Vec<Feature> = Vec::new();
        for &days in windows {
            let window = Window::trailing(days);
            features.extend(MEASURES.map(|measure| sum_of_ads(measure, window)));
            features.extend(RATES.map(|(name, numerator, denominator)| {
                let (numerator, denominator) = (numerator.into(), denominator.into());
                let rate = Definition::Rate {
                    entity: AD.into(),
                    source: RECORDS.into(),
                    numerator,
                    denominator,
                    window,
                    prior: 0.0,
                    strength: 0.0,
                };
                Feature::named(format!("{name}_{window}"), rate)
            }));
            let known = Aggregate::facts(AD, RECORDS, window);
            let known = Aggregate { statistic: Statistic::ActiveDays, ..known };
            features.push(Feature::named(format!("known_days_{window}"), known));
            let share = Definition::Share {
                entity: AD.into(),
                of: CHANNEL.into(),
                source: RECORDS.into(),
                measure: "spend".into(),
                window,
            };
            features.push(Feature::named(format!("channel_share_{window}"), share));
        }
        for &days in lags {
            features.extend(MEASURES.map(|measure| sum_of_ads(measure, Window::lag(days))));
        }
        features.extend([AD, CREATIVE].map(|entity| {
            let (source, measure) = (RECORDS.into(), "impressions".into());
            let age = Definition::Age { entity: entity.into(), source, measure };
            Feature::named(format!("{entity}_age"), age)
        }));
        let calendar = |field| Definition::Calendar { field }.into();
        features.extend(CalendarField::STANDARD.map(calendar));
        let holiday = |&region| Definition::Holiday { region }.into();
        features.extend(holidays.regions().iter().map(holiday));
        features.extend(
            [
                Definition::AdDay,
                Definition::UserDay,
                Definition::DaysToHoliday,
                Definition::DaysSinceHoliday,
            ]
            .map(Feature::from),
        );
        features.extend(TextField::STANDARD.map(|field| {
            let (entity, source) = (AD.into(), RECORDS.into());
            let text = Definition::Text { entity, source, attribute: "ad_name".into(), field };
            Feature::named(field.name(), text)
        }));
        let channel = Definition::Latest {
            entity: AD.into(),
            source: RECORDS.into(),
            attribute: CHANNEL.into(),
            window: Window::EVER,
        };
        let format = Definition::Tag {
            entity: AD.into(),
            source: RECORDS.into(),
            attribute: "ad_name".into(),
            key: "format".into(),
        };
        features.push(Feature::named("ad_channel", channel));
        features.push(Feature::named("ad_format", format));
        Self::new(features).with_holidays(holidays)
    }
}

/// The total of a measure of an ad's records, such as `clicks_56d`.
fn sum_of_ads(measure: &str, window: Window) -> Feature {
    let sum = Aggregate::new(AD, RECORDS, Statistic::Sum, measure, window);
    Feature::named(format!("{measure}_{window}"), sum)
}
