//! Record batches in files.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::names::REQUEST;
use crate::engine::{Cause, EngineError};

/// Writes batches to a Parquet file, a row group at a time, and returns how many rows there were.
///
/// The file appears under its name when all of it is written.
///
/// # Errors
/// Those of the batches, or [`EngineError::File`], also without any batch: then the columns are not
/// known.
pub fn write_parquet(
    path: &Path,
    batches: impl IntoIterator<Item = Result<RecordBatch, EngineError>>,
) -> Result<u64, EngineError> {
    let mut file = ParquetFile::create(path);
    for batch in batches {
        file.write(&batch?)?;
    }
    file.finish()
}

/// A file being written, which has its name only once it is whole.
pub(crate) struct ParquetFile<'a> {
    path: &'a Path,
    partial: PathBuf,
    writer: Option<ArrowWriter<File>>,
    rows: u64,
}

impl<'a> ParquetFile<'a> {
    pub(crate) fn create(path: &'a Path) -> Self {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        Self { path, partial: partial.into(), writer: None, rows: 0 }
    }

    fn error(&self, source: impl Into<Cause>) -> EngineError {
        EngineError::File { path: self.path.to_path_buf(), source: source.into() }
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        if self.writer.is_none() {
            let file = File::create(&self.partial).map_err(|e| self.error(e))?;
            // Each is there once.
            let once = ColumnPath::from(REQUEST);
            let properties = WriterProperties::builder().set_column_dictionary_enabled(once, false);
            let writer = ArrowWriter::try_new(file, batch.schema(), Some(properties.build()));
            self.writer = Some(writer.map_err(|e| self.error(e))?);
        }
        let written = self.writer.as_mut().map_or(Ok(()), |writer| writer.write(batch));
        written.map_err(|e| self.error(e))?;
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<u64, EngineError> {
        let Some(writer) = self.writer.take() else {
            return Err(self.error("no batch was written, so that its columns are not known"));
        };
        writer.close().map_err(|e| self.error(e))?;
        std::fs::rename(&self.partial, self.path).map_err(|e| self.error(e))?;
        Ok(self.rows)
    }
}

impl Drop for ParquetFile<'_> {
    fn drop(&mut self) {
        // After `finish` there is none; before it, half a file is of no use to anyone.
        let _ = std::fs::remove_file(&self.partial);
    }
}

/// Reads a Parquet file, so many rows at a time.
///
/// # Errors
/// [`EngineError::File`], here and from each batch.
pub fn read_parquet(
    path: &Path,
    rows: usize,
) -> Result<impl Iterator<Item = Result<RecordBatch, EngineError>> + use<>, EngineError> {
    let file = File::open(path);
    let path = path.to_path_buf();
    let wrong = move |source: Cause| EngineError::File { path: path.clone(), source };
    let file = file.map_err(|e| wrong(e.into()))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| wrong(e.into()))?;
    let reader = reader.with_batch_size(rows.max(1)).build().map_err(|e| wrong(e.into()))?;
    Ok(reader.map(move |batch| batch.map_err(|e| wrong(e.into()))))
}
