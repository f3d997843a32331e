//! The report page: one self-contained HTML file, drawn from plain numbers.
//!
//! ```
//! use campaign_examples::report::{ReportData, render};
//! let data = ReportData { brand: "Acme & Sons".into(), ..ReportData::default() };
//! let page = render(&data);
//! assert!(page.contains("Acme &amp; Sons"));
//! ```

pub mod chart;
pub mod data;
pub mod format;
mod page;
pub mod series;
pub mod theme;

pub use data::ReportData;

/// The page as HTML: no script, no reference to anything outside the file.
///
/// The same data give the same bytes. Names are escaped; what is not known is a dash; a section
/// without data says so.
#[must_use]
pub fn render(data: &ReportData) -> String {
    page::document(data).into_string()
}
