//! Names of the columns that every table has, and what a column is for.

use std::collections::HashMap;

use arrow::datatypes::{DataType, Field, TimeUnit};

use crate::engine::EngineError;
use crate::feature::source::Unit;

/// The day it happened; of a request the day of decision.
pub const DAY: &str = "day";
/// When a version became known.
pub const KNOWN_AT: &str = "known_at";
/// Which fact a version is of.
pub const FACT: &str = "fact";
/// Whether the version stands; all do without this column.
pub const STANDS: &str = "stands";
/// The identity of a request.
pub const REQUEST: &str = "request";
/// What was known at or before this is seen.
pub const CUTOFF: &str = "cutoff";
/// The day a request describes, if it is not the day of decision.
pub const TARGET_DAY: &str = "target_day";

/// The key of the metadata of a field that says what it is for.
const ROLE: &str = "campaign.role";
/// The key of the metadata of a measure that says what its integers mean.
const UNIT: &str = "campaign.unit";

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Key,
    Measure(Unit),
    Attribute,
    Personal,
    Other,
}

impl Role {
    /// What the metadata of a field says.
    pub(crate) fn of(table: &str, field: &Field) -> Result<Self, EngineError> {
        match field.metadata().get(ROLE).map(String::as_str) {
            Some("key") => Ok(Self::Key),
            Some("attribute") => Ok(Self::Attribute),
            Some("personal") => Ok(Self::Personal),
            Some("measure") => match field.metadata().get(UNIT).map(String::as_str) {
                Some("count") => Ok(Self::Measure(Unit::Count)),
                Some("millionth") => Ok(Self::Measure(Unit::Millionth)),
                unit => Err(EngineError::Type {
                    table: table.to_owned(),
                    column: field.name().clone(),
                    got: format!("a measure with the unit {unit:?}"),
                    expected: "\"count\" or \"millionth\" under campaign.unit",
                }),
            },
            _ => Ok(Self::Other),
        }
    }

    pub(crate) fn field(self, name: &str) -> Field {
        let (role, unit, kind) = match self {
            Self::Key => ("key", None, DataType::Utf8),
            Self::Attribute => ("attribute", None, DataType::Utf8),
            Self::Personal => ("personal", None, DataType::Utf8),
            Self::Measure(Unit::Count) => ("measure", Some("count"), DataType::Int64),
            Self::Measure(Unit::Millionth) => ("measure", Some("millionth"), DataType::Int64),
            Self::Other => ("other", None, DataType::Utf8),
        };
        let mut metadata = HashMap::from([(ROLE.to_owned(), role.to_owned())]);
        if let Some(unit) = unit {
            metadata.insert(UNIT.to_owned(), unit.to_owned());
        }
        Field::new(name, kind, true).with_metadata(metadata)
    }
}

/// Microseconds since 1970, UTC.
pub(crate) fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}
