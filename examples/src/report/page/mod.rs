//! The page's sections, in reading order.

mod decisions;
mod drift;
mod header;
mod health;
mod model;
mod parts;
mod paused;
mod performance;
mod plan;
mod tests;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::data::ReportData;
use super::format::Format;
use super::theme::{self, Palette};

/// What every section needs.
struct Page<'a> {
    data: &'a ReportData,
    format: Format,
    palette: Palette<'a>,
}

/// The whole document.
pub(super) fn document(data: &ReportData) -> Markup {
    let format = Format::new(&data.currency);
    let page = Page { data, format, palette: Palette::new(data) };
    let brand = if data.brand.is_empty() { "Campaign" } else { &data.brand };
    let sections = [
        ("data", "Data", health::section(&page)),
        ("performance", "Performance", performance::section(&page)),
        ("plan", "Plan", plan::section(&page)),
        ("tests", "Tests", tests::section(&page)),
        ("paused", "Paused", paused::section(&page)),
        ("model", "Model", model::section(&page)),
        ("drift", "Drift", drift::section(&page)),
        ("decisions", "Decisions", decisions::section(&page)),
    ];
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (brand) " – campaign report" }
                style { (PreEscaped(theme::css())) }
            }
            body {
                header class="top" {
                    (header::title(&page, brand))
                    nav aria-label="Sections" {
                        @for (id, name, _) in &sections { a href={ "#" (id) } { (name) } }
                    }
                }
                main {
                    (header::summary(&page))
                    @for (id, _, body) in &sections {
                        section id=(id) { (body) }
                    }
                }
                (decisions::footer(&page))
            }
        }
    }
}
