//! Scores a file with a saved model.

use std::io::Write as _;
use std::path::Path;

use campaign_models::Gbdt;

use super::data::scoring;
use super::table::Table;
use crate::program::{self, Failure, OrFail as _, Whole};

/// Reads a model.
///
/// # Errors
/// For a file that is none, or damaged.
pub fn load(path: &Path) -> Result<Gbdt, Failure> {
    Gbdt::from_json(&program::read_text(path)?).map_err(|error| Failure::at(path, error))
}

/// The prediction for each row of a table.
///
/// # Errors
/// For a table without the model's columns, or a cell that is not what the model knows.
pub fn predict(model: &Gbdt, table: &Table) -> Result<Vec<f64>, Failure> {
    let data = scoring(table, model.columns())?;
    let data = model.align(&data).map_err(|error| Failure::at(table.path(), error))?;
    model.predict_dataset(&data).map_err(|error| Failure::at(table.path(), error))
}

/// Writes predictions, whole or not at all.
///
/// # Errors
/// With the file's name.
pub fn write(predictions: &[f64], path: &Path) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(Whole::create(path)?);
    let mut lines = || {
        writeln!(out, "row,prediction")?;
        predictions
            .iter()
            .zip(1..)
            .try_for_each(|(value, row): (_, u64)| writeln!(out, "{row},{value}"))
    };
    lines().map_err(|error| Failure::at(path, error))?;
    out.into_inner().or_fail("writing")?.keep()
}
