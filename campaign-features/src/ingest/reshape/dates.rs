//! Dates whose year, month and day stand in three columns.

use crate::ingest::header::normal;

/// The columns of a year, a month and a day, and what the date is called.
#[derive(Debug, Clone)]
pub(super) struct Triple {
    columns: [usize; 3],
    pub(super) name: String,
}

/// The triples of a header whose cells in the first row are numbers of a year, a month and a day: a
/// column `Day` of whole dates beside `Month` and `Year` is none.
pub(super) fn triples<T: AsRef<str>>(header: &[String], first: &[T]) -> Vec<Triple> {
    let names: Vec<String> = header.iter().map(|name| spaced(name)).collect();
    let fits = |index: usize, digits: [usize; 2], most: u32| {
        let text = first.get(index).map(|cell| cell.as_ref().trim()).unwrap_or_default();
        let number = text.parse().ok().filter(|n: &u32| (1..=most).contains(n));
        number.is_some() && (digits[0]..=digits[1]).contains(&text.len())
    };
    let mut out: Vec<Triple> = Vec::new();
    for (year, name) in names.iter().enumerate() {
        let Some(of) = name.strip_suffix("year") else { continue };
        let other = |part: &str| names.iter().position(|name| *name == format!("{of}{part}"));
        let (Some(month), Some(day)) = (other("month"), other("day")) else { continue };
        if fits(year, [4, 4], 2999) && fits(month, [1, 2], 12) && fits(day, [1, 2], 31) {
            let has = |words: &[&str]| of.split(' ').any(|word| words.contains(&word));
            let name = match () {
                () if has(&["start", "since", "from"]) => "start date",
                () if has(&["end", "until", "stop", "to"]) => "end date",
                () => "date",
            };
            out.push(Triple { columns: [year, month, day], name: name.to_owned() });
        }
    }
    out
}

/// `dateRange.start.year` and `date_range_start_year` as the same words.
fn spaced(name: &str) -> String {
    normal(&name.replace(['.', '-'], " "))
}

impl Triple {
    /// The date of a row, as far as its cells are numbers.
    pub(super) fn written<T: AsRef<str>>(&self, cells: &[T]) -> String {
        let part = |index: &usize| cells.get(*index).map_or("", |cell| cell.as_ref().trim());
        let parts: Vec<&str> = self.columns.iter().map(part).collect();
        match parts.iter().all(|part| part.is_empty()) {
            true => String::new(),
            false => parts.join("-"),
        }
    }

    /// Puts the date in the place of its year.
    pub(super) fn replace<T: Clone>(&self, cells: &mut [T], date: &T) {
        if let Some(cell) = cells.get_mut(self.columns[0]) {
            cell.clone_from(date);
        }
    }
}

/// Takes the columns of months and days out.
pub(super) fn remove<T>(dates: &[Triple], cells: &mut Vec<T>) {
    if dates.is_empty() {
        return;
    }
    let mut index = 0;
    cells.retain(|_| {
        index += 1;
        !dates.iter().any(|date| date.columns[1..].contains(&(index - 1)))
    });
}
