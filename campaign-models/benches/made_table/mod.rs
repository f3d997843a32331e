//! The table that `tests/reference/made_set.py` writes, and a clock that other work does not move.

use std::ops::Range;
use std::path::Path;

use campaign_core::ndarray::{Array2, s};
use campaign_core::{Column, Dataset};

pub(crate) type Failure = Box<dyn std::error::Error>;

pub(crate) const COLUMNS: usize = 40;

/// User and system time of this process, in seconds.
pub(crate) fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

fn numbers(path: &Path) -> Result<Vec<f64>, Failure> {
    let bytes = std::fs::read(path)?;
    let words = bytes.chunks_exact(4).filter_map(|word| word.try_into().ok());
    Ok(words.map(|word| f64::from(f32::from_le_bytes(word))).collect())
}

/// Rows to judge on stand behind these.
const TRAINING: usize = 400_000;

/// So many of the first rows to train on, and the last to judge on; `None` if `CAMPAIGN_MADE_SET`
/// names no folder.
pub(crate) fn made_table(rows: usize) -> Result<Option<[Dataset; 2]>, Failure> {
    let Ok(dir) = std::env::var("CAMPAIGN_MADE_SET") else {
        println!("CAMPAIGN_MADE_SET names no folder: nothing measured");
        return Ok(None);
    };
    let x = numbers(&Path::new(&dir).join("x.f32"))?;
    let x = Array2::from_shape_vec((x.len() / COLUMNS, COLUMNS), x)?;
    let y = numbers(&Path::new(&dir).join("y.f32"))?;
    let columns: Vec<Column> = (0..COLUMNS).map(|c| Column::numeric(format!("x{c:02}"))).collect();
    let part = |rows: Range<usize>| {
        Dataset::new(columns.clone(), x.slice(s![rows.clone(), ..]).to_owned())?
            .with_target(y[rows].to_vec())
    };
    Ok(Some([part(0..rows)?, part(TRAINING..y.len())?]))
}
