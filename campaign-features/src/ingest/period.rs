//! Weeks and months as periods of days.

use jiff::ToSpan;
use jiff::civil::Date;

use super::date::{month, parse_date};
use super::layout::Role;
use super::row::{Fault, RowReader};

/// The days of a row that names its week or month; `None` where the table has neither column.
pub(crate) fn read(reader: &RowReader<'_, '_>) -> Result<Option<(Date, Date)>, Fault> {
    let weekly = reader.positions.of(Role::Week).is_some();
    if !weekly && reader.positions.of(Role::Month).is_none() {
        return Ok(None);
    }
    let (role, expected) =
        if weekly { (Role::Week, "the first day of a week") } else { (Role::Month, "a month") };
    let missing = || reader.fault(role, expected, "no value".to_owned());
    let text = reader.text(role).ok_or_else(missing)?;
    if text.len() > 16
        && let Some(days) = super::date::period(text, reader.style.order)
    {
        return Ok(Some(days));
    }
    if !weekly && let Some(days) = month_of(text) {
        return Ok(Some(days));
    }
    let first = reader.date(role)?.ok_or_else(missing)?;
    if weekly {
        let last = first.checked_add(6.days());
        return last.map(|last| Some((first, last))).map_err(|error| {
            let reason = error.to_string();
            reader.fault(role, expected, reason)
        });
    }
    Ok(Some((first.first_of_month(), first.last_of_month())))
}

/// The days of `2024-01`, `2024/1`, `01/2024`, `202401`, `Jan 2024` or `January 2024`.
pub(crate) fn month_of(text: &str) -> Option<(Date, Date)> {
    let text = text.trim();
    let first = |year: &str, month: &str| {
        let whole = format!("{year}-{month}-1");
        parse_date(&whole).ok()?.resolve(None).ok()
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let day = if text.len() == 6 && digits(text) {
        first(text.get(..4)?, text.get(4..)?)
    } else {
        let (a, b) = text.rsplit_once([' ', '-', '/', '.'])?;
        let a = a.trim().trim_end_matches(" de").trim_end_matches(',');
        match (digits(a), digits(b)) {
            (true, true) if a.len() == 4 => first(a, b),
            (true, true) if b.len() == 4 => first(b, a),
            (false, true) if b.len() == 4 => first(b, &month(a)?.to_string()),
            _ => None,
        }
    }?;
    Some((day, day.last_of_month()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn months() {
        let february = Some((date(2024, 2, 1), date(2024, 2, 29)));
        for text in
            ["2024-02", "2024/2", "02/2024", "202402", "Feb 2024", "February 2024", "fev. de 2024"]
        {
            assert_eq!(month_of(text), february, "{text}");
        }
        for text in ["2024-02-01", "2024-13", "24-02", "2024", "", "Foo 2024", "9/1/2026", "202400"]
        {
            assert_eq!(month_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_month_of_rows() {
        let config = crate::ingest::IngestConfig::new("b");
        let mut ingest = crate::ingest::Ingest::new(config).unwrap();
        let export = "Month,Campaign,Currency code,Cost,Impr.\n2024-01,A,EUR,5.5,10\n,A,EUR,1,1\n\
                      2024-02-01,A,EUR,6,9\n";
        ingest.read_bytes("g.csv", export.as_bytes());
        let out = ingest.finish().unwrap();
        assert_eq!((out.sources[0].ok, out.sources[0].rejected), (2, 1));
        assert_eq!(&*out.rejects[0].column, "Month");
        let days: Vec<_> = out.records.iter().filter_map(|r| r.breakdown.as_deref()).collect();
        assert_eq!(days, ["period=2024-01-01/2024-01-31", "period=2024-02-01/2024-02-29"]);
    }
}
