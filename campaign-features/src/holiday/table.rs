//! The table: inflated once, a region's days put together at their first use.

use std::collections::HashMap;
use std::io::Read;
use std::sync::OnceLock;

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Made by tests/reference/make_holidays.py, which says how it is laid out.
const BYTES: &[u8] = include_bytes!("table.bin");

/// More than the table has when inflated; a limit for damaged bytes.
const MOST_BYTES: u64 = 1 << 24;

/// Days of one region, ascending, and their names.
#[derive(Debug, Default)]
pub(super) struct RegionDays {
    pub(super) days: Vec<Date>,
    /// Where the names of each day begin, and one more for the end.
    pub(super) starts: Vec<u32>,
    pub(super) names: Vec<&'static str>,
}

#[derive(Debug)]
pub(super) struct RegionEntry {
    pub(super) code: Box<str>,
    /// The country's position among the regions, and in [`Table::countries`].
    pub(super) parent: u16,
    country: u16,
    /// Which bit of the country's masks is this region's.
    bit: usize,
    days: OnceLock<RegionDays>,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    name: usize,
    mask: usize,
    pattern: usize,
}

#[derive(Debug)]
struct Country {
    first: i16,
    last: i16,
    masks: Vec<Box<[u8]>>,
    groups: Vec<Group>,
}

/// Days of a moving feast, for the years it is known.
#[derive(Debug)]
pub(super) struct Moving {
    pub(super) first: i16,
    pub(super) last: i16,
    pattern: usize,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    names: Vec<Box<str>>,
    patterns: Vec<Box<[Date]>>,
    countries: Vec<Country>,
    pub(super) regions: Vec<RegionEntry>,
    lookup: HashMap<Box<str>, u16>,
    moving: HashMap<Box<str>, Moving>,
}

/// The table of this crate. Were its bytes damaged, it would know no region.
pub(super) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| decode(BYTES).unwrap_or_default())
}

impl Table {
    /// The position of a region by its code or an alias, whatever the case of its letters.
    pub(super) fn position(&self, code: &str) -> Option<u16> {
        self.lookup.get(&*code.trim().to_lowercase()).copied()
    }

    pub(super) fn years(&self, region: &RegionEntry) -> (i16, i16) {
        let country = self.countries.get(usize::from(region.country));
        // An interval without any year.
        country.map_or((1, 0), |country| (country.first, country.last))
    }

    pub(super) fn moving(&self, key: &str) -> Option<(&Moving, &[Date])> {
        let moving = self.moving.get(key)?;
        Some((moving, self.patterns.get(moving.pattern)?))
    }

    /// The days of a region.
    pub(super) fn days<'t>(&'static self, region: &'t RegionEntry) -> &'t RegionDays {
        region.days.get_or_init(|| {
            let Some(country) = self.countries.get(usize::from(region.country)) else {
                return RegionDays::default();
            };
            let kept = |mask: &[u8]| {
                mask.get(region.bit / 8).is_some_and(|byte| byte >> (region.bit % 8) & 1 == 1)
            };
            let mut named: Vec<(Date, &'static str)> = Vec::new();
            for group in &country.groups {
                if !country.masks.get(group.mask).is_some_and(|mask| kept(mask)) {
                    continue;
                }
                let (Some(name), Some(days)) =
                    (self.names.get(group.name), self.patterns.get(group.pattern))
                else {
                    continue;
                };
                named.extend(days.iter().map(|day| (*day, &**name)));
            }
            named.sort_unstable();
            let mut out = RegionDays::default();
            for (day, name) in named {
                if out.days.last() != Some(&day) {
                    out.days.push(day);
                    out.starts.push(out.names.len() as u32);
                }
                out.names.push(name);
            }
            out.starts.push(out.names.len() as u32);
            out
        })
    }
}

/// Reads the columns one after the other; `None` for bytes that are not a table.
fn decode(bytes: &[u8]) -> Option<Table> {
    let mut plain = Vec::new();
    flate2::read::ZlibDecoder::new(bytes).take(MOST_BYTES).read_to_end(&mut plain).ok()?;
    let mut bytes = Bytes(plain.strip_prefix(b"HOLI\x01")?);
    let mut out = Table::default();
    let first = bytes.year()?;
    let _last = bytes.year()?;
    out.names = bytes.text()?.lines().map(Into::into).collect();
    let days_of_year: Vec<(i8, i8)> = leap_year();
    let lengths = bytes.list(Bytes::number)?;
    for length in lengths {
        let mut at = 0_i64;
        let mut days = Vec::with_capacity(length.min(1 << 10));
        for _ in 0..length {
            at = at.checked_add(bytes.difference()?)?;
            let year = i16::try_from(at.div_euclid(366)).ok()?.checked_add(first)?;
            let (month, day) = *days_of_year.get(usize::try_from(at.rem_euclid(366)).ok()?)?;
            days.push(Date::new(year, month, day).ok()?);
        }
        out.patterns.push(days.into());
    }
    for index in 0..bytes.number()? {
        country(&mut bytes, &mut out, u16::try_from(index).ok()?)?;
    }
    for _ in 0..bytes.number()? {
        let key = bytes.text()?.into();
        let moving = Moving { first: bytes.year()?, last: bytes.year()?, pattern: bytes.number()? };
        out.moving.insert(key, moving);
    }
    bytes.0.is_empty().then_some(out)
}

fn country(bytes: &mut Bytes<'_>, out: &mut Table, index: u16) -> Option<()> {
    let code = bytes.text()?.to_owned();
    let (first, last) = (bytes.year()?, bytes.year()?);
    let parent = u16::try_from(out.regions.len()).ok()?;
    out.add(&code, parent, index, 0)?;
    // Every name of the country goes before every name of the subdivision: `USA-CA`, `US-California`.
    let mut prefixes = vec![code.to_lowercase()];
    prefixes.extend(bytes.list(Bytes::text)?.iter().map(|alias| alias.to_lowercase()));
    for prefix in &prefixes {
        out.lookup.insert(prefix.as_str().into(), parent);
    }
    let subdivisions = bytes.number()?;
    for bit in 1..=subdivisions {
        let own = bytes.text()?;
        let at = out.add(&format!("{code}-{own}"), parent, index, bit)?;
        let aliases = bytes.list(Bytes::text)?;
        for name in core::iter::once(own).chain(aliases) {
            for prefix in &prefixes {
                out.lookup.insert(format!("{prefix}-{}", name.to_lowercase()).into(), at);
            }
        }
    }
    let width = (subdivisions + 1).div_ceil(8);
    let masks = bytes.list(|bytes| Some(bytes.take(width)?.into()))?;
    let groups = bytes.list(|bytes| {
        Some(Group { name: bytes.number()?, mask: bytes.number()?, pattern: bytes.number()? })
    })?;
    out.countries.push(Country { first, last, masks, groups });
    Some(())
}

impl Table {
    fn add(&mut self, code: &str, parent: u16, country: u16, bit: usize) -> Option<u16> {
        let at = u16::try_from(self.regions.len()).ok()?;
        self.lookup.insert(code.to_lowercase().into(), at);
        let days = OnceLock::new();
        self.regions.push(RegionEntry { code: code.into(), parent, country, bit, days });
        Some(at)
    }
}

/// Month and day of each day of a leap year.
fn leap_year() -> Vec<(i8, i8)> {
    let days = date(2000, 1, 1).series(1.day()).take(366);
    days.map(|day| (day.month(), day.day())).collect()
}

/// What is left to read.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// Unsigned LEB128, below 2⁶³.
    fn number(&mut self) -> Option<usize> {
        let mut out = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = *self.take(1)?.first()?;
            out |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return usize::try_from(out).ok();
            }
        }
        None
    }

    /// Zigzag LEB128.
    fn difference(&mut self) -> Option<i64> {
        let code = i64::try_from(self.number()?).ok()?;
        Some(if code % 2 == 0 { code / 2 } else { -(code / 2) - 1 })
    }

    fn year(&mut self) -> Option<i16> {
        i16::try_from(self.number()?).ok()
    }

    fn text(&mut self) -> Option<&'b str> {
        let length = self.number()?;
        core::str::from_utf8(self.take(length)?).ok()
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.number()?;
        // Every entry takes at least a byte.
        (count <= self.0.len()).then_some(())?;
        (0..count).map(|_| one(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let table = decode(BYTES).unwrap();
        assert_eq!((table.countries.len(), table.regions.len()), (250, 901));
        assert!(table.regions.is_sorted_by(|a, b| a.code < b.code));
        assert!(table.names.len() > 2500 && table.moving.len() == 5);
        assert!(BYTES.len() < 100_000, "{}", BYTES.len());
    }

    #[test]
    fn damaged_bytes_are_no_table() {
        assert!(decode(&[]).is_none());
        for end in (0..BYTES.len()).step_by(997) {
            assert!(decode(&BYTES[..end]).is_none(), "{end}");
        }
        let mut plain = Vec::new();
        flate2::read::ZlibDecoder::new(BYTES).read_to_end(&mut plain).unwrap();
        let pack = |plain: &[u8]| {
            let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut out, plain).unwrap();
            out.finish().unwrap()
        };
        assert!(decode(&pack(&plain)).is_some());
        for end in (0..plain.len()).step_by(9973) {
            assert!(decode(&pack(&plain[..end])).is_none(), "{end}");
        }
        // A flipped bit may give another table; it must not panic, nor must reading it.
        for at in (0..plain.len()).step_by(1999) {
            let mut other = plain.clone();
            other[at] ^= 0x90;
            if let Some(table) = decode(&pack(&other)) {
                let table: &'static Table = Box::leak(Box::new(table));
                for region in table.regions.iter().take(3) {
                    let days = table.days(region);
                    assert_eq!(days.days.len() + 1, days.starts.len());
                }
            }
        }
    }
}
