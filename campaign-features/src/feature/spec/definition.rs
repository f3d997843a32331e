//! What a column may hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use campaign_core::Purpose;

use super::super::calendar::CalendarField;
use super::super::creative::{Format, Language, TextField};
use super::super::holiday::Region;
use super::super::plan::Window;
use super::aggregate::Aggregate;
use super::learned::{LevelBound, LevelEncoding};

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum Definition {
    /// A statistic of day totals over a window.
    Aggregate(Aggregate),
    /// `(numerator + prior * strength) / (denominator + strength)`, both totals over one window; NaN
    /// where that is not finite or a total is NaN.
    Rate {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The measure that is divided.
        numerator: Arc<str>,
        /// The measure it is divided by.
        denominator: Arc<str>,
        /// Over which days.
        window: Window,
        /// The rate that is expected before anything is known.
        #[cfg_attr(feature = "serde", serde(default))]
        prior: f64,
        /// How much of the denominator the prior weighs; 0 smooths nothing.
        #[cfg_attr(feature = "serde", serde(default))]
        strength: f64,
    },
    /// An entity's total as a share of that of another kind of entity of the same request; NaN where
    /// that is not finite. [`Requests::resolve`](crate::feature::source::Requests::resolve) makes the
    /// other entity the one the first was last known to belong to.
    Share {
        /// Whose.
        entity: Arc<str>,
        /// As a share of whose.
        of: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The measure.
        measure: Arc<str>,
        /// Over which days.
        window: Window,
    },
    /// What an attribute is known to be: that of the latest day, then the latest known. Categorical.
    Latest {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The attribute.
        attribute: Arc<str>,
        /// How old it may be.
        #[cfg_attr(feature = "serde", serde(default = "ever"))]
        window: Window,
    },
    /// A field of the latest known text under an attribute.
    Text {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The attribute.
        attribute: Arc<str>,
        /// The field.
        field: TextField,
    },
    /// What the latest known text under an attribute is written in, or the name under it says of its
    /// format, as far as that can be guessed. Categorical.
    Guessed {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The attribute.
        attribute: Arc<str>,
        /// What is guessed.
        guess: Guess,
    },
    /// The value under a key (`format=video`, see
    /// [`value_of`](crate::feature::transform::creative::value_of)) in the latest known text of an
    /// attribute, in lower case. Categorical.
    Tag {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The attribute.
        attribute: Arc<str>,
        /// The key.
        key: Arc<str>,
    },
    /// A number per value of the latest known attribute, such as an encoding fitted elsewhere.
    Encoded {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The attribute.
        attribute: Arc<str>,
        /// What each value stands for.
        values: BTreeMap<Arc<str>, f64>,
        /// What any other value, or none, stands for; missing without it.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        other: Option<f64>,
    },
    /// The place of a personal attribute's latest known value in a stated order, from 0; NaN for any
    /// other value and for none. Its column is marked sensitive, and so is every column made of it.
    Demographic {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The attribute, which the source has to declare as personal.
        attribute: Arc<str>,
        /// The values in their order, such as age bands from young to old.
        levels: Vec<Arc<str>>,
        /// What for.
        purpose: Purpose,
    },
    /// A number per level of an earlier categorical feature, learned from labels.
    Encoding(LevelEncoding),
    /// Days since the first day on which a measure is known to have grown; NaN before. With a time to
    /// live of the spec, days since the first day within it whose total is above 0.
    Age {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The measure.
        measure: Arc<str>,
    },
    /// How many values of an attribute occur among the facts of a window.
    Distinct {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The attribute.
        attribute: Arc<str>,
        /// Over which days.
        window: Window,
        /// How many values one entity may have ever; more are an error, not a wrong number.
        most: u16,
    },
    /// The share of the people reached who saw more than `cap` impressions, from impressions per
    /// person and a gamma mix of Poisson frequencies; NaN where that is not above 1.
    FrequencyCap {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The measure of impressions.
        impressions: Arc<str>,
        /// The measure of people reached.
        people: Arc<str>,
        /// Over which days; people reached do not add up over days, so that one day is meant.
        window: Window,
        /// The cap.
        cap: u32,
        /// The shape of the gamma mix: the smaller, the more uneven.
        shape: f64,
    },
    /// Where the described day stands in the calendar.
    Calendar {
        /// The field.
        field: CalendarField,
    },
    /// 1 on a holiday of a region.
    Holiday {
        /// The region.
        region: Region,
    },
    /// 1 on a day on which shops advertise.
    AdDay,
    /// 1 on a day given by the caller.
    UserDay,
    /// Days to the next special day, 0 on one, at most 28.
    DaysToHoliday,
    /// Days since the last special day, 0 on one, at most 28.
    DaysSinceHoliday,
    /// The sine or cosine of the day's phase in a season: `sin(2 pi order t / period)` with `t` in
    /// days since 1970-01-01.
    Fourier {
        /// Days of the season.
        period: f64,
        /// Which harmonic, from 1 on.
        order: u16,
        /// Cosine instead of sine.
        #[cfg_attr(feature = "serde", serde(default))]
        cosine: bool,
    },
    /// Two other numeric features combined; NaN where that is not finite.
    Cross {
        /// How.
        operation: Arithmetic,
        /// The first feature's name.
        left: Arc<str>,
        /// The second feature's name.
        right: Arc<str>,
    },
    /// Other categorical features combined into one whose levels are the pairs, `a|b`.
    CrossLevels {
        /// The first feature's name.
        left: Arc<str>,
        /// The second feature's name.
        right: Arc<str>,
        /// Only the frequent pairs, and one level for all others.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        bound: Option<LevelBound>,
    },
}

/// What can be guessed of a creative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Guess {
    /// The language of a text, by its code in ISO 639-1.
    Language,
    /// The format in a name.
    Format,
}

impl Guess {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Language => "language",
            Self::Format => "format",
        }
    }

    /// Everything it may find.
    pub(crate) fn levels(self) -> Vec<Arc<str>> {
        match self {
            Self::Language => Language::ALL.iter().map(|l| l.code().into()).collect(),
            Self::Format => Format::ALL.iter().map(|f| f.name().into()).collect(),
        }
    }

    /// The place among [`levels`](Self::levels); NaN where the text does not tell.
    pub(crate) fn of(self, text: &str) -> f64 {
        let place = match self {
            Self::Language => {
                let found = Language::guess(text);
                found.and_then(|found| Language::ALL.iter().position(|l| *l == found))
            }
            Self::Format => {
                let found = Format::guess(text);
                found.and_then(|found| Format::ALL.iter().position(|f| *f == found))
            }
        };
        place.map_or(f64::NAN, |place| place as f64)
    }
}

/// How two numbers make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Arithmetic {
    /// `left * right`.
    Product,
    /// `left / right`.
    Ratio,
    /// `left - right`.
    Difference,
    /// `left + right`.
    Sum,
}

impl Arithmetic {
    /// The number.
    pub(crate) fn of(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Product => left * right,
            Self::Ratio => left / right,
            Self::Difference => left - right,
            Self::Sum => left + right,
        }
    }
}

#[cfg(feature = "serde")]
fn ever() -> Window {
    Window::EVER
}
