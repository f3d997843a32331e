//! What kind of ad it is, from its name or its platform's word for it.

/// The kind of an ad.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Format {
    /// One picture.
    Image,
    /// Moving pictures.
    Video,
    /// Several cards to swipe.
    Carousel,
    /// A set of products below a picture or a video.
    Collection,
    /// Words only, as in search results.
    Text,
    /// Sound only.
    Audio,
}

impl Format {
    /// Every format, in the order of its code.
    pub const ALL: [Self; 6] =
        [Self::Image, Self::Video, Self::Carousel, Self::Collection, Self::Text, Self::Audio];

    /// The name of the level.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Carousel => "carousel",
            Self::Collection => "collection",
            Self::Text => "text",
            Self::Audio => "audio",
        }
    }

    /// The format that a name, a media file's name or a platform's ad type speaks of.
    ///
    /// Words are runs of letters; a small letter before a capital one ends a word, too. A carousel or a
    /// collection may be made of videos and images, so these words count first, then those of video and
    /// image, then those of audio and text. `None` without any such word, or with words of two formats
    /// of the same rank.
    ///
    /// # Examples
    /// ```
    /// use campaign_features::feature::transform::creative::Format;
    /// assert_eq!(Format::guess("DE_Summer_Video15s_v2"), Some(Format::Video));
    /// assert_eq!(Format::guess("carousel 3 images"), Some(Format::Carousel));
    /// assert_eq!(Format::guess("EXPANDED_TEXT_AD"), Some(Format::Text));
    /// assert_eq!(Format::guess("Summer sale"), None);
    /// ```
    #[must_use]
    pub fn guess(name: &str) -> Option<Self> {
        let mut found = [false; Self::ALL.len()];
        let mut word = String::new();
        let mut before = ' ';
        for c in name.chars().chain([' ']) {
            if !c.is_alphabetic() || c.is_uppercase() && before.is_lowercase() {
                if let Some(format) = Self::of_word(&word)
                    && let Some(slot) = found.get_mut(format as usize)
                {
                    *slot = true;
                }
                word.clear();
            }
            if c.is_alphabetic() {
                word.extend(c.to_lowercase());
            }
            before = c;
        }
        let has = |format: Self| found.get(format as usize).copied().unwrap_or(false);
        for (a, b) in [
            (Self::Carousel, Self::Collection),
            (Self::Video, Self::Image),
            (Self::Audio, Self::Text),
        ] {
            match (has(a), has(b)) {
                (true, false) => return Some(a),
                (false, true) => return Some(b),
                (true, true) => return None,
                (false, false) => {}
            }
        }
        None
    }

    fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "image" | "images" | "img" | "static" | "photo" | "photos" | "picture" | "banner"
            | "jpg" | "jpeg" | "png" | "webp" | "gif" | "bild" | "foto" | "imagen" | "statisch" => {
                Self::Image
            }
            "video" | "videos" | "vid" | "mp" | "mov" | "webm" | "reel" | "reels" | "vídeo"
            | "vidéo" | "trueview" | "bumper" | "ugcvideo" => Self::Video,
            "carousel" | "carousels" | "karussell" | "carrusel" | "carrousel" | "carrossel"
            | "carosello" | "slider" => Self::Carousel,
            "collection" | "collections" | "kollektion" | "colección" | "instantexperience" => {
                Self::Collection
            }
            "text" | "search" | "rsa" | "eta" | "texto" | "texte" | "suche" => Self::Text,
            "audio" | "podcast" => Self::Audio,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, expected) in [
            ("VIDEO", Some(Format::Video)),
            ("SummerVideoDE", Some(Format::Video)),
            ("hero.mp4", Some(Format::Video)),
            ("hero_1080x1080.JPG", Some(Format::Image)),
            ("Karussell_v3_video", Some(Format::Carousel)),
            ("RESPONSIVE_SEARCH_AD", Some(Format::Text)),
            ("text overlay image", Some(Format::Image)),
            ("video + image", None),
            ("collection carousel", None),
            ("videography course", None),
            ("RESPONSIVE_DISPLAY_AD", None),
            ("", None),
            ("日本語", None),
        ] {
            assert_eq!(Format::guess(name), expected, "{name}");
        }
    }

    #[test]
    fn codes_are_places() {
        for (code, format) in Format::ALL.into_iter().enumerate() {
            assert_eq!(format as usize, code);
        }
    }
}
