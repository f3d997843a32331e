//! From campaigns to marketing channels, by rules.

use campaign_core::ids::IdError;
use campaign_core::{ChannelId, Record};
use serde::Deserialize;
use thiserror::Error;

/// Why channel rules cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// The channel's name.
    #[error("channel rule {index}: {error}")]
    Channel {
        /// The rule, counted from 0.
        index: usize,
        /// What is wrong.
        error: IdError,
    },
}

/// One rule: every pattern that it states must match. `*` stands for any characters, `?` for one;
/// upper and lower case are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ChannelRule {
    /// The channel of what matches.
    pub channel: String,
    /// Pattern of the source (`google_ads`).
    pub source: Option<String>,
    /// Pattern of the account.
    pub account: Option<String>,
    /// Pattern of the campaign's id or name.
    pub campaign: Option<String>,
    /// Pattern of the ad group's id or name.
    pub ad_group: Option<String>,
    /// Pattern of the country.
    pub country: Option<String>,
}

impl ChannelRule {
    /// A rule that matches everything.
    #[must_use]
    pub fn new(channel: impl Into<String>) -> Self {
        Self { channel: channel.into(), ..Self::default() }
    }

    /// Restricts it to a source.
    #[must_use]
    pub fn with_source(mut self, pattern: impl Into<String>) -> Self {
        self.source = Some(pattern.into());
        self
    }

    /// Restricts it to campaigns.
    #[must_use]
    pub fn with_campaign(mut self, pattern: impl Into<String>) -> Self {
        self.campaign = Some(pattern.into());
        self
    }

    fn matches(&self, record: &Record) -> bool {
        let one = |pattern: &Option<String>, values: [Option<&str>; 2]| match pattern {
            None => true,
            Some(pattern) => values.iter().flatten().any(|value| glob(pattern, value)),
        };
        let account = record.account.as_ref().map(|a| a.as_str());
        let campaign = record.campaign.as_ref().map(|c| c.as_str());
        let ad_group = record.ad_group.as_ref().map(|g| g.as_str());
        one(&self.source, [Some(record.source.as_str()), None])
            && one(&self.account, [account, None])
            && one(&self.campaign, [campaign, record.campaign_name.as_deref()])
            && one(&self.ad_group, [ad_group, record.ad_group_name.as_deref()])
            && one(&self.country, [record.country.as_deref(), None])
    }
}

/// Rules in order: the first that matches gives the channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct ChannelRules {
    /// The rules.
    pub rules: Vec<ChannelRule>,
}

impl ChannelRules {
    /// Rules in order.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = ChannelRule>) -> Self {
        Self { rules: rules.into_iter().collect() }
    }

    pub(crate) fn check(&self) -> Result<(), ChannelError> {
        for (index, rule) in self.rules.iter().enumerate() {
            ChannelId::new(&rule.channel)
                .map_err(|error| ChannelError::Channel { index, error })?;
        }
        Ok(())
    }

    /// The channel of a record; `None` if no rule matches.
    #[must_use]
    pub fn channel(&self, record: &Record) -> Option<ChannelId> {
        let rule = self.rules.iter().find(|rule| rule.matches(record))?;
        ChannelId::new(&rule.channel).ok()
    }
}

/// Whether a text has the form of a pattern, in time proportional to the product of their lengths.
fn glob(pattern: &str, text: &str) -> bool {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    let pattern: Vec<char> = pattern.chars().map(lower).collect();
    let text: Vec<char> = text.chars().map(lower).collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(q) if *q == '?' || q == c => {
                p += 1;
                t += 1;
            }
            // Give the last star one more character.
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    (p, t) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns() {
        for (pattern, text, matches) in [
            ("*brand*", "US_Brand_2026", true),
            ("brand", "Brand 2", false),
            ("br?nd", "BRAND", true),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("a*b*c", "aXbXbc", true),
            ("a*b*c", "aXbXb", false),
            ("*ü*", "GRÜN", true),
        ] {
            assert_eq!(glob(pattern, text), matches, "{pattern} {text}");
        }
    }

    /// The definition, by recursion.
    fn slow(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|k| slow(rest, &text[k..])),
            Some(('?', rest)) => !text.is_empty() && slow(rest, &text[1..]),
            Some((c, rest)) => text.first() == Some(c) && slow(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn equals_the_definition(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            let p: Vec<char> = pattern.chars().collect();
            let t: Vec<char> = text.chars().collect();
            prop_assert_eq!(glob(&pattern, &text), slow(&p, &t));
        }
    }
}
