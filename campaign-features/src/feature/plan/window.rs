//! Over which days an aggregate runs.

use core::fmt;
use core::str::FromStr;

/// Which days of a frame count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Days {
    /// Those on which a fact reports the measure.
    #[default]
    Reporting,
    /// Every day; one without a report counts 0.
    All,
}

/// Which days before the day of decision count, written `7d` (the last seven), `lag1` (yesterday
/// alone), `8to14d` (the week before last) or `ever`.
///
/// # Examples
/// ```
/// use campaign_features::feature::plan::Window;
/// assert_eq!("8to14d".parse(), Ok(Window::between(8, 14)));
/// assert_eq!(Window::lag(1).to_string(), "lag1");
/// assert!("0d".parse::<Window>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Window {
    nearest: u16,
    /// `None` for the beginning.
    furthest: Option<u16>,
}

/// Text that is no window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no window: expected 7d, lag1, 8to14d (nearest day first, from 1 on) or ever")]
pub struct WindowError(String);

impl Window {
    /// All days before the day of decision.
    pub const EVER: Self = Self { nearest: 1, furthest: None };

    /// The last `days` days.
    #[must_use]
    pub const fn trailing(days: u16) -> Self {
        Self { nearest: 1, furthest: Some(days) }
    }

    /// The one day that lies `days` days back.
    #[must_use]
    pub const fn lag(days: u16) -> Self {
        Self { nearest: days, furthest: Some(days) }
    }

    /// The days from `furthest` to `nearest` days back.
    #[must_use]
    pub const fn between(nearest: u16, furthest: u16) -> Self {
        Self { nearest, furthest: Some(furthest) }
    }

    /// Days back to its last day.
    #[must_use]
    pub const fn nearest(self) -> u16 {
        self.nearest
    }

    /// Days back to its first day; `None` for the beginning.
    #[must_use]
    pub const fn furthest(self) -> Option<u16> {
        self.furthest
    }

    /// Whether it holds a day, and none at or after the day of decision.
    pub(crate) const fn is_valid(self) -> bool {
        match self.furthest() {
            None => true,
            Some(furthest) => 1 <= self.nearest && self.nearest <= furthest,
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.nearest, self.furthest()) {
            (_, None) => f.write_str("ever"),
            (near, Some(far)) if near == far => write!(f, "lag{far}"),
            (1, Some(far)) => write!(f, "{far}d"),
            (near, Some(far)) => write!(f, "{near}to{far}d"),
        }
    }
}

impl FromStr for Window {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, WindowError> {
        let wrong = || WindowError(text.to_owned());
        let number = |text: &str| text.parse::<u16>().map_err(|_| wrong());
        if text == "ever" {
            return Ok(Self::EVER);
        }
        let window = if let Some(days) = text.strip_prefix("lag") {
            Self::lag(number(days)?)
        } else {
            let days = text.strip_suffix('d').ok_or_else(wrong)?;
            match days.split_once("to") {
                Some((near, far)) => Self::between(number(near)?, number(far)?),
                None => Self::trailing(number(days)?),
            }
        };
        if window.is_valid() && window.furthest().is_some() { Ok(window) } else { Err(wrong()) }
    }
}

impl TryFrom<String> for Window {
    type Error = WindowError;

    fn try_from(text: String) -> Result<Self, WindowError> {
        text.parse()
    }
}

impl From<Window> for String {
    fn from(window: Window) -> Self {
        window.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_both_ways() {
        for text in ["1d", "7d", "lag2", "8to14d", "ever", "365d"] {
            let window: Window = text.parse().unwrap();
            assert_eq!(window.to_string(), if text == "1d" { "lag1" } else { text });
            assert!(window.is_valid());
        }
        for text in ["", "d", "0d", "lag0", "9to8d", "0to7d", "7", "-1d", "70000d", "ever1", "1tod"]
        {
            assert!(text.parse::<Window>().is_err(), "{text}");
        }
        assert!(!Window::trailing(0).is_valid() && !Window::between(1, 0).is_valid());
    }
}
