//! Names of things, each kind a type of its own.

use core::fmt;
use std::collections::HashMap;
use std::sync::Arc;

use thiserror::Error;

/// Why a text cannot be an id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdError {
    /// It is empty or blank.
    #[error("{kind} is blank")]
    Blank {
        /// The kind of id.
        kind: &'static str,
    },
    /// It holds a control character, such as a line break.
    #[error("{kind} {text:?} holds the control character {found:?}")]
    Control {
        /// The kind of id.
        kind: &'static str,
        /// The text.
        text: String,
        /// The first offending character.
        found: char,
    },
    /// There are more names than a `u32` can count.
    #[error("more than {} names", u32::MAX)]
    TooMany,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $kind:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// Cheap to clone; serialises as its text.
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes a text without its surrounding white space.
            ///
            /// # Errors
            /// [`IdError`] if nothing is left or a control character is inside.
            pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
                checked($kind, text.as_ref()).map(|text| Self(text.into()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), &*self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }
    )*};
}

ids! {
    /// A brand: whose money it is.
    BrandId, "brand id";
    /// Where rows come from: `meta_ads`, `google_ads`, `ga4`.
    SourceId, "source id";
    /// An ad account, as its platform numbers it.
    AccountId, "account id";
    /// A marketing channel, such as paid search.
    ChannelId, "channel id";
    /// A campaign, as its platform numbers it.
    CampaignId, "campaign id";
    /// An ad group (Meta: ad set), as its platform numbers it.
    AdGroupId, "ad group id";
    /// An ad, as its platform numbers it.
    AdId, "ad id";
    /// A creative, by the hash of its content: the same picture and text on two platforms is one
    /// creative.
    CreativeId, "creative id";
    /// An audience.
    AudienceId, "audience id";
}

fn checked<'t>(kind: &'static str, text: &'t str) -> Result<&'t str, IdError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(IdError::Blank { kind });
    }
    match text.chars().find(|c| c.is_control()) {
        None => Ok(text),
        Some(found) => Err(IdError::Control { kind, text: text.to_owned(), found }),
    }
}

/// A table between names and the dense `u32` indices that kernels work with.
///
/// Indices are given in the order of first appearance.
///
/// # Examples
/// ```
/// use campaign_core::{ChannelId, Names};
/// let mut channels = Names::new();
/// let search = channels.index_of(&ChannelId::new("search")?)?;
/// let social = channels.index_of(&ChannelId::new("social")?)?;
/// assert_eq!((search, social, channels.len()), (0, 1, 2));
/// assert_eq!(channels.name(social).map(ChannelId::as_str), Some("social"));
/// # Ok::<(), campaign_core::ids::IdError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Names<T> {
    names: Vec<T>,
    indices: HashMap<T, u32>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { names: Vec::new(), indices: HashMap::new() }
    }
}

impl<T: Clone + Eq + core::hash::Hash> Names<T> {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The index of a name, which is added if it is new.
    ///
    /// # Errors
    /// [`IdError::TooMany`] beyond 2³² − 1 names.
    pub fn index_of(&mut self, name: &T) -> Result<u32, IdError> {
        if let Some(&index) = self.indices.get(name) {
            return Ok(index);
        }
        let index = u32::try_from(self.names.len()).map_err(|_| IdError::TooMany)?;
        self.names.push(name.clone());
        self.indices.insert(name.clone(), index);
        Ok(index)
    }

    /// The index of a name, if it is in the table.
    #[must_use]
    pub fn get(&self, name: &T) -> Option<u32> {
        self.indices.get(name).copied()
    }

    /// The name at an index.
    #[must_use]
    pub fn name(&self, index: u32) -> Option<&T> {
        self.names.get(index as usize)
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names in the order of their indices.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &T> {
        self.names.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_checked() {
        assert_eq!(AdId::new(" 42 ").unwrap().as_str(), "42");
        assert_eq!(AdId::new(" \t").unwrap_err(), IdError::Blank { kind: "ad id" });
        assert!(matches!(AdId::new("a\nb"), Err(IdError::Control { found: '\n', .. })));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn serde_goes_by_name_and_checks() {
        let id: ChannelId = serde_json::from_str("\"search\"").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"search\"");
        assert!(serde_json::from_str::<ChannelId>("\"\"").is_err());
    }
}
