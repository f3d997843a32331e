//! Where a row of a small CSV begins.

/// The line a row begins on, counted from 1; the reader itself counts from before any blank lines.
pub(crate) fn line_of(text: &str, row: &csv::StringRecord) -> u64 {
    let Some(position) = row.position() else { return 0 };
    let rest = usize::try_from(position.byte()).ok().and_then(|at| text.as_bytes().get(at..));
    let blank = rest.unwrap_or_default().iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + blank.filter(|byte| **byte == b'\n').count() as u64
}
