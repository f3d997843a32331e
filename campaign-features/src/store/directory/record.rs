//! What a record of the log says.

use super::super::codec::{Put, Take};
use super::super::online::Event;

/// A change of the store, as it stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    Key { kind: u32, name: &'a str },
    Event(Event<'a>),
    Advance { day: i32 },
}

const KEY: u8 = 1;
const EVENT: u8 = 2;
const ADVANCE: u8 = 3;

impl Record<'_> {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        match self {
            Record::Key { kind, name } => {
                out.put_u8(KEY);
                out.put_u32(*kind);
                out.put_bytes(name.as_bytes());
            }
            Record::Event(event) => {
                out.put_u8(EVENT);
                out.put_u32(event.source);
                out.put_i32(event.day);
                out.put_i64(event.known_at);
                out.put_u64(event.fact);
                out.put_u8(u8::from(event.stands));
                out.put_u32(event.keys.len() as u32);
                out.put_u32(event.measures.len() as u32);
                out.put_u32(event.attributes.len() as u32);
                event.keys.iter().for_each(|key| out.put_u32(*key));
                event.measures.iter().for_each(|value| out.put_i64(*value));
                event.attributes.iter().for_each(|code| out.put_u32(*code));
            }
            Record::Advance { day } => {
                out.put_u8(ADVANCE);
                out.put_i32(*day);
            }
        }
    }
}

/// The slices of an event that was read back.
#[derive(Debug, Default)]
pub(crate) struct Slices {
    keys: Vec<u32>,
    measures: Vec<i64>,
    attributes: Vec<u32>,
}

/// Reads a record; `None` if it is none.
pub(crate) fn take<'a>(payload: &'a [u8], slices: &'a mut Slices) -> Option<Record<'a>> {
    let mut take = Take(payload);
    match take.u8()? {
        KEY => {
            let kind = take.u32()?;
            Some(Record::Key { kind, name: core::str::from_utf8(take.0).ok()? })
        }
        EVENT => {
            let (source, day) = (take.u32()?, take.i32()?);
            let (known_at, fact) = (take.i64()?, take.u64()?);
            let stands = match take.u8()? {
                0 => false,
                1 => true,
                _ => return None,
            };
            let (k, m, a) = (take.u32()? as usize, take.u32()? as usize, take.u32()? as usize);
            if k.checked_add(a)?.checked_mul(4)?.checked_add(m.checked_mul(8)?)? != take.0.len() {
                return None;
            }
            slices.keys.clear();
            slices.measures.clear();
            slices.attributes.clear();
            for _ in 0..k {
                slices.keys.push(take.u32()?);
            }
            for _ in 0..m {
                slices.measures.push(take.i64()?);
            }
            for _ in 0..a {
                slices.attributes.push(take.u32()?);
            }
            let Slices { keys, measures, attributes } = slices;
            Some(Record::Event(Event {
                source,
                keys,
                day,
                known_at,
                fact,
                stands,
                measures,
                attributes,
            }))
        }
        ADVANCE => {
            let day = take.i32()?;
            take.0.is_empty().then_some(Record::Advance { day })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_and_no_prefix_is_one() {
        let event = Event {
            source: 3,
            keys: &[1, Event::NO_KEY],
            day: -7,
            known_at: i64::MIN,
            fact: u64::MAX,
            stands: false,
            measures: &[5, i64::MIN, -1],
            attributes: &[u32::MAX],
        };
        for record in [
            Record::Key { kind: 2, name: "Käse 🧀" },
            Record::Event(event),
            Record::Advance { day: 20_000 },
        ] {
            let mut bytes = Vec::new();
            record.put(&mut bytes);
            assert_eq!(take(&bytes, &mut Slices::default()), Some(record));
            let shortest = if matches!(record, Record::Key { .. }) { 5 } else { bytes.len() };
            for cut in 0..shortest {
                assert_eq!(take(&bytes[..cut], &mut Slices::default()), None, "{record:?} {cut}");
            }
        }
        assert_eq!(take(&[9], &mut Slices::default()), None);
        assert_eq!(take(&[KEY, 0, 0, 0, 0, 0xff], &mut Slices::default()), None);
    }
}
