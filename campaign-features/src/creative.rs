//! The identity of a creative: its content.

use campaign_core::CreativeId;
use sha2::{Digest, Sha256};

/// What people see of an ad.
///
/// # Examples
/// ```
/// use campaign_features::creative::Creative;
/// let meta = Creative { title: Some("Run  further".into()), ..Creative::default() };
/// let tiktok = Creative { title: Some(" run further ".into()), ..Creative::default() };
/// assert_eq!(meta.id(), tiktok.id());
/// assert_eq!(Creative::default().id(), None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Creative {
    /// Headline.
    pub title: Option<String>,
    /// Text.
    pub body: Option<String>,
    /// Picture or video: a hash, an id or a name.
    pub media: Option<String>,
    /// Call to action.
    pub action: Option<String>,
    /// Landing page. Not part of the identity: it carries tags that differ by platform.
    pub link: Option<String>,
}

impl Creative {
    /// The identity: SHA-256 over title, body, media and call to action, each without superfluous
    /// white space and in lower case (`_` counts as a space in the call to action), of which the first
    /// 128 bits are kept, as hexadecimal digits.
    ///
    /// `None` where there is neither title, body nor media: a call to action alone is no creative.
    #[must_use]
    pub fn id(&self) -> Option<CreativeId> {
        let action = self.action.as_deref().map(|action| action.replace('_', " "));
        let parts =
            [self.title.as_deref(), self.body.as_deref(), self.media.as_deref(), action.as_deref()];
        let normal = parts.map(|part| part.map(normal).filter(|part| !part.is_empty()));
        if normal.iter().take(3).all(Option::is_none) {
            return None;
        }
        let mut hash = Sha256::new();
        for part in normal {
            // The length keeps ("ab", "c") apart from ("a", "bc").
            let part = part.unwrap_or_default();
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let digits: String = hash.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect();
        CreativeId::new(digits).ok()
    }
}

fn normal(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn creative(title: &str, body: &str, action: &str) -> Creative {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Creative {
            title: some(title),
            body: some(body),
            action: some(action),
            ..Creative::default()
        }
    }

    #[test]
    fn content_decides() {
        let a = creative("ab", "c", "SIGN_UP").id();
        assert_eq!(a, creative("AB ", "c", "Sign up").id());
        assert_ne!(a, creative("a", "bc", "SIGN_UP").id());
        assert_ne!(a, creative("ab", "c", "").id());
        assert_eq!(creative("", "", "SIGN_UP").id(), None);
        let mut linked = creative("ab", "c", "SIGN_UP");
        linked.link = Some("https://example.com/?utm_source=x".into());
        assert_eq!(a, linked.id());
        // SHA-256 over the four length-prefixed parts, computed with Python's hashlib.
        assert_eq!(a.unwrap().as_str(), "ef8688a24637e8b862cdfc2327deec4e");
    }
}
