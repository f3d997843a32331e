//! Colours and the style sheet.

use super::data::ReportData;

/// How many channel colours there are; further channels start over.
pub const COLOURS: usize = 12;

// Each hue has 3:1 against its card or better, the bound for graphics in WCAG 2.2 (1.4.11).
const LIGHT: [&str; COLOURS] = [
    "#2f5fd0", "#d1660a", "#0b8a78", "#9b3fb5", "#c22f5d", "#7a7f10", "#0f86b8", "#8a5a3c",
    "#4f7d2c", "#6a5acd", "#a87900", "#5d6b7a",
];
const DARK: [&str; COLOURS] = [
    "#7fa4ff", "#ff9f55", "#45cdb8", "#d48cf0", "#ff7fa3", "#c9cd4c", "#5cc4f2", "#cf9f7f",
    "#95cc69", "#a99cff", "#e8bd4a", "#a3b2c2",
];

const LIGHT_BASE: &str = "--bg:#f6f5f1;--card:#fff;--ink:#17181a;--mute:#5c6066;--line:#e3e1da;\
    --soft:#f1efe9;--good:#18774a;--bad:#b3261e;--warn:#855300;--grey:#8d9197;--plain:#4a525c;\
    --goodbg:#e2f2e9;--badbg:#fbe6e4;--warnbg:#f9edd6;";
const DARK_BASE: &str = "--bg:#0f1113;--card:#171a1d;--ink:#eceef0;--mute:#a0a8b1;--line:#2b3036;\
    --soft:#21262b;--good:#62cf98;--bad:#ff8f86;--warn:#f0b95c;--grey:#7b838c;--plain:#a9b2bc;\
    --goodbg:#163326;--badbg:#3f1d1b;--warnbg:#3a2b10;";

/// Which colour each channel has on the whole page.
#[derive(Debug, Clone)]
pub struct Palette<'a> {
    channels: Vec<&'a str>,
}

impl<'a> Palette<'a> {
    /// Channels in the order of their first appearance: time series, plan, tests, bandits, pauses.
    #[must_use]
    pub fn new(data: &'a ReportData) -> Self {
        let mut channels: Vec<&str> = Vec::new();
        let named = data.series.channels.iter().map(|c| &c.channel);
        let planned = data.plan.iter().flat_map(|p| &p.cells).map(|c| &c.channel);
        let tested = data.experiments.iter().filter_map(|e| e.channel.as_ref());
        let split = data.bandits.iter().filter_map(|b| b.channel.as_ref());
        let paused = data.paused.iter().filter_map(|p| p.channel.as_ref());
        for channel in named.chain(planned).chain(tested).chain(split).chain(paused) {
            if !channels.contains(&channel.as_str()) {
                channels.push(channel);
            }
        }
        Self { channels }
    }

    /// The CSS class that sets `--ch` to a channel's colour.
    #[must_use]
    pub fn class(&self, channel: &str) -> String {
        let index = self.channels.iter().position(|c| *c == channel);
        index.map_or_else(|| "chx".to_owned(), |index| format!("ch{}", index % COLOURS))
    }

    /// The class of a channel that may be absent.
    #[must_use]
    pub fn class_of(&self, channel: Option<&str>) -> String {
        self.class(channel.unwrap_or(""))
    }
}

/// The whole style sheet.
///
/// The dark colours serve `prefers-color-scheme` on screens; `data-theme="dark"` or `"light"` on the
/// root element overrides it. Paper is always light.
#[must_use]
pub fn css() -> String {
    let variables = |base: &str, colours: &[&str]| {
        let mut text = base.to_owned();
        for (index, colour) in colours.iter().enumerate() {
            text.push_str(&format!("--c{index}:{colour};"));
        }
        text
    };
    let (light, dark) = (variables(LIGHT_BASE, &LIGHT), variables(DARK_BASE, &DARK));
    let mut css = format!(
        ":root{{color-scheme:light;{light}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}\n\
         @media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}\n"
    );
    for index in 0..COLOURS {
        css.push_str(&format!(".ch{index}{{--ch:var(--c{index})}}"));
    }
    css.push_str(".chx{--ch:var(--plain)}\n");
    css.push_str(include_str!("theme.css"));
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast of two colours (WCAG 2.2, "contrast ratio" and "relative luminance").
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |hex: &str| {
            let hex = hex.trim_start_matches('#');
            let doubled: String = hex.chars().flat_map(|c| [c, c]).collect();
            let hex = if hex.len() == 3 { &doubled } else { hex };
            let part = |i: usize| {
                let c = f64::from(u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()) / 255.0;
                if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * part(0) + 0.7152 * part(1) + 0.0722 * part(2)
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn texts_and_marks_stand_out() {
        for (base, colours) in [(LIGHT_BASE, LIGHT), (DARK_BASE, DARK)] {
            let variable = |name: &str| {
                let (_, rest) = base.split_once(&format!("--{name}:")).unwrap();
                rest.split_once(';').unwrap().0
            };
            for ground in ["bg", "card", "soft"] {
                for text in ["ink", "mute", "good", "bad", "warn"] {
                    let ratio = contrast(variable(text), variable(ground));
                    assert!(ratio >= 4.5, "{text} on {ground}: {ratio}");
                }
            }
            for tone in ["good", "bad", "warn"] {
                let ratio = contrast(variable(tone), variable(&format!("{tone}bg")));
                assert!(ratio >= 4.5, "{tone} badge: {ratio}");
            }
            for colour in colours {
                let ratio = contrast(colour, variable("card"));
                assert!(ratio >= 3.0, "{colour}: {ratio}");
            }
        }
        assert!((contrast("#000", "#ffffff") - 21.0).abs() < 1e-9);
    }

    #[test]
    fn colours_follow_the_order_of_channels() {
        let channel = |name: &str| crate::report::data::ChannelSeries {
            channel: name.into(),
            ..Default::default()
        };
        let mut data = ReportData::default();
        data.series.channels = (0..14).map(|i| channel(&format!("c{i}"))).collect();
        let palette = Palette::new(&data);
        assert_eq!((palette.class("c3"), palette.class("c13")), ("ch3".into(), "ch1".into()));
        assert_eq!(palette.class_of(None), "chx");
    }
}
