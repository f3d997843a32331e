//! Rows of text, and how numbers are written.

use campaign_core::Micros;

use super::ExportFile;
use crate::market::error::MarketError;

/// A table before it becomes a file.
pub(super) struct Table {
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    pub(super) rejected: usize,
    pub(super) duplicates: usize,
}

impl Table {
    pub(super) fn new(header: &[&str]) -> Self {
        let header = header.iter().map(|&name| name.to_owned()).collect();
        Self { header, rows: Vec::new(), rejected: 0, duplicates: 0 }
    }

    /// A file: what comes before the header, the table, and rows that follow it.
    pub(super) fn file(
        self,
        name: &str,
        before: &str,
        after: &[Vec<String>],
    ) -> Result<ExportFile, MarketError> {
        let failed = |message: String| MarketError::Export { file: name.to_owned(), message };
        let mut writer =
            csv::WriterBuilder::new().flexible(true).from_writer(before.as_bytes().to_vec());
        for row in core::iter::once(&self.header).chain(&self.rows).chain(after) {
            writer.write_record(row).map_err(|error| failed(error.to_string()))?;
        }
        let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
        let (rows, rejected, duplicates) = (self.rows.len(), self.rejected, self.duplicates);
        Ok(ExportFile { name: name.to_owned(), bytes, rows, rejected, duplicates })
    }
}

/// An amount with two decimals; exports never carry more.
pub(super) fn money(amount: Micros) -> String {
    let cents = amount.0.unsigned_abs().saturating_add(5_000) / 10_000;
    let sign = if amount.0 < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// A number with a comma after every third digit.
pub(super) fn thousands(number: &str) -> String {
    let (whole, rest) = number.split_once('.').map_or((number, None), |(w, r)| (w, Some(r)));
    let mut out = String::with_capacity(number.len() + 4);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if let Some(rest) = rest {
        out.push('.');
        out.push_str(rest);
    }
    out
}

/// `a / b` with some decimals, or the text that stands for nothing.
pub(super) fn ratio(a: f64, b: f64, decimals: usize, nothing: &str) -> String {
    if b > 0.0 { format!("{:.decimals$}", a / b) } else { nothing.to_owned() }
}

/// A number without superfluous decimals.
pub(super) fn plain(x: f64) -> String {
    format!("{x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(money(Micros(12_340_000)), "12.34");
        assert_eq!(money(Micros(50_000)), "0.05");
        assert_eq!(money(Micros(-1_200_000)), "-1.20");
        let cases = [("1", "1"), ("999", "999"), ("1000", "1,000"), ("1234567.89", "1,234,567.89")];
        for (given, wanted) in cases {
            assert_eq!(thousands(given), wanted);
        }
        assert_eq!(
            (ratio(1.0, 3.0, 2, "-"), ratio(1.0, 0.0, 2, " --")),
            ("0.33".into(), " --".into())
        );
    }
}
