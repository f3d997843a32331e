//! The report page: one self-contained HTML file, drawn from plain numbers.

pub mod data;

pub use data::ReportData;
