//! From texts to a data set.

use std::collections::BTreeMap;

use campaign_core::ndarray::Array2;
use campaign_core::{Column, Dataset};
use serde::Serialize;

use super::column::{Reading, days};
use super::table::Table;
use super::target::{Target, Task};
use crate::program::{Failure, OrFail as _};

/// Which columns are what.
#[derive(Debug, Clone)]
pub struct Roles {
    /// The column to predict.
    pub target: String,
    /// What is predicted.
    pub task: Task,
    /// The column of days.
    pub time: Option<String>,
    /// The column of groups.
    pub group: Option<String>,
    /// Columns to leave out.
    pub drop: Vec<String>,
    /// Columns whose numbers are names.
    pub categorical: Vec<String>,
}

/// A column that is not used, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Dropped {
    /// Its name.
    pub name: String,
    /// Why.
    pub why: String,
}

/// A table as a data set.
#[derive(Debug)]
pub struct Prepared {
    /// Features, target, days and groups.
    pub data: Dataset,
    /// The task; never [`Task::Auto`].
    pub task: Task,
    /// Of a binary task, the negative and the positive value.
    pub classes: Option<[String; 2]>,
    /// Columns that no model can learn from.
    pub dropped: Vec<Dropped>,
}

/// A table to learn from: the kind of each column is found in its texts.
///
/// # Errors
/// For a column that is not there, a cell that is not what it should be, or no column to learn from.
pub fn training(table: &Table, roles: &Roles) -> Result<Prepared, Failure> {
    let target = table.position(&roles.target)?;
    let named = |names: &[String]| {
        names.iter().map(|name| table.position(name)).collect::<Result<Vec<_>, _>>()
    };
    let (drop, categorical) = (named(&roles.drop)?, named(&roles.categorical)?);
    let time = roles.time.as_deref().map(|name| table.position(name)).transpose()?;
    let group = roles.group.as_deref().map(|name| table.position(name)).transpose()?;
    let (mut used, mut dropped) = (Vec::new(), Vec::new());
    for (at, name) in table.names().iter().enumerate() {
        if at == target || drop.contains(&at) || time == Some(at) || group == Some(at) {
            continue;
        }
        let reading = if categorical.contains(&at) {
            Reading::levels(table, at)
        } else {
            Reading::detect(table, at)
        };
        match reading.useless(table, at) {
            Some(why) => dropped.push(Dropped { name: name.clone(), why }),
            None => used.push((at, reading)),
        }
    }
    if used.is_empty() {
        return Err(Failure::at(table.path(), "no column to learn from"));
    }
    let target = Target::read(table, target, roles.task, None)?;
    let mut data = features(table, &used)?.with_target(target.values).or_fail("target")?;
    if let Some(column) = time {
        data = data.with_days(days(table, column)?).or_fail("--time")?;
    }
    if let Some(column) = group {
        data = data.with_groups(groups(table, column)).or_fail("--group")?;
    }
    Ok(Prepared { data, task: target.task, classes: target.classes, dropped })
}

/// A table to judge a model on: columns are read as the model knows them.
///
/// # Errors
/// As [`training`].
pub fn testing(table: &Table, like: &Prepared, target: &str) -> Result<Dataset, Failure> {
    let column = table.position(target)?;
    let target = Target::read(table, column, like.task, like.classes.as_ref())?;
    scoring(table, like.data.columns())?.with_target(target.values).or_fail("target")
}

/// A table to score.
///
/// # Errors
/// For a column that is missing, or a cell that is not what the model knows.
pub fn scoring(table: &Table, columns: &[Column]) -> Result<Dataset, Failure> {
    let find = |known: &Column| {
        let at = table.position(&known.name)?;
        Ok((at, Reading::of(known, table, at)))
    };
    let used = columns.iter().map(find).collect::<Result<Vec<_>, Failure>>()?;
    features(table, &used)
}

fn features(table: &Table, used: &[(usize, Reading)]) -> Result<Dataset, Failure> {
    let mut x = Array2::zeros((table.n_rows(), used.len()));
    for ((column, reading), mut to) in used.iter().zip(x.columns_mut()) {
        to.iter_mut().zip(reading.numbers(table, *column)?).for_each(|(to, from)| *to = from);
    }
    let declare = |(column, reading): &(usize, Reading)| reading.declare(&table.names()[*column]);
    Dataset::new(used.iter().map(declare).collect(), x).or_fail("columns")
}

/// A number for each text; unknown texts are a group as well.
fn groups(table: &Table, column: usize) -> Vec<u32> {
    let mut numbers = BTreeMap::new();
    let number = |cell| {
        let next = numbers.len() as u32;
        *numbers.entry(cell).or_insert(next)
    };
    table.cells(column).map(number).collect()
}
