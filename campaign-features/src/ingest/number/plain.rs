//! Plain digits, without a look at anything else.

use campaign_core::Micros;

use super::{DecimalMark, Unit};

/// Plain digits with at most one mark, by far the most frequent form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plain {
    pub(crate) mantissa: u64,
    /// Digits behind the mark.
    pub(crate) scale: u32,
    /// Whether there is a mark.
    pub(crate) marked: bool,
    /// Whether the mark could be one of groups.
    pub(crate) could_be_either: bool,
}

impl Plain {
    #[inline]
    pub(crate) fn read(text: &str, mark: DecimalMark) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.is_empty() || bytes.len() > 18 {
            return None;
        }
        let decimal = if mark == DecimalMark::Dot { b'.' } else { b',' };
        let (mut mantissa, mut point) = (0_u64, None);
        for (index, byte) in bytes.iter().enumerate() {
            match byte {
                b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(byte - b'0'),
                byte if *byte == decimal && point.is_none() && index > 0 => point = Some(index),
                _ => return None,
            }
        }
        let scale = point.map_or(0, |p| bytes.len() - p - 1);
        let whole = bytes.len() - scale - 1;
        let could_be_either = point.is_some()
            && scale == 3
            && whole <= 3
            && !(whole == 1 && bytes.first() == Some(&b'0'));
        Some(Self { mantissa, scale: scale as u32, marked: point.is_some(), could_be_either })
    }

    /// Micros, where nothing has to be rounded and nothing is too large.
    #[inline]
    pub(crate) const fn micros(self, unit: Unit) -> Option<Micros> {
        let shift = unit.shift();
        if self.scale > shift {
            return None;
        }
        let factor = 10_u64.pow(shift - self.scale);
        let Some(micros) = self.mantissa.checked_mul(factor) else { return None };
        // Sums over days have to fit as well.
        if micros > 10_u64.pow(18) { None } else { Some(Micros(micros.cast_signed())) }
    }

    /// The nearest `f64`: a division of two exact numbers rounds once.
    #[inline]
    pub(crate) fn to_f64(self) -> Option<f64> {
        let power = POWERS.get(self.scale as usize)?;
        (self.mantissa < 1 << 53).then(|| self.mantissa as f64 / power)
    }
}

/// The powers of ten up to the longest scale of plain digits.
const POWERS: [f64; 18] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17,
];
