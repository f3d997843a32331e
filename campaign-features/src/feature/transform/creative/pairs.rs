//! Values written into names.

/// The value after `key=` or `key:` in a text of such pairs, set off by white space, `|`, `;`, `,`,
/// `&` or `/`; the key in any case.
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::creative::value_of;
/// assert_eq!(value_of("DE | Format: video | v2", "format"), Some("video"));
/// assert_eq!(value_of("device=mobile;format=carousel", "format"), Some("carousel"));
/// assert_eq!(value_of("information=1", "format"), None);
/// ```
#[must_use]
pub fn value_of<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '|' | ';' | ',' | '&' | '/');
    let mut before = None;
    text.char_indices().find_map(|(at, c)| {
        if before.replace(c).is_some_and(|c| !ends(c)) {
            return None;
        }
        let rest = text.get(at..)?;
        let head = rest.get(..key.len()).filter(|head| head.eq_ignore_ascii_case(key))?;
        let value = rest.get(head.len()..)?.trim_start();
        let value = value.strip_prefix(['=', ':'])?.trim_start();
        value.split(ends).next().filter(|value| !value.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_by_key() {
        for (text, value) in [
            ("format=video", Some("video")),
            ("FORMAT = video", Some("video")),
            ("a/format:x/b", Some("x")),
            ("format=", None),
            ("format", None),
            ("", None),
            ("éformat=x", None),
            ("é format=é", Some("é")),
        ] {
            assert_eq!(value_of(text, "format"), value, "{text:?}");
        }
    }
}
