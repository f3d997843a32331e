//! LightGBM's text file: the header.

use std::collections::HashMap;
use std::sync::Arc;

use campaign_core::Column;

use super::super::loss::{FittedLoss, Link};
use super::super::model::Gbdt;
use super::super::tree::{Test, Tree};
use super::columns::{FileColumn, FileKind, MOST_LEVELS, resolve};
use super::error::{ImportError, Place, beginning};
use super::lightgbm_tree;

/// Lines `key=value` of the header or of one tree.
pub(super) struct Section<'a> {
    pub(super) place: Place,
    lines: HashMap<&'a str, &'a str>,
}

impl<'a> Section<'a> {
    /// The value of a key, if it is there.
    pub(super) fn find(&self, key: &str) -> Option<&'a str> {
        self.lines.get(key).copied()
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &'static str) -> Result<&'a str, ImportError> {
        self.find(key).ok_or(ImportError::Missing { place: self.place, key })
    }

    /// A value as a number.
    pub(super) fn number<T: std::str::FromStr>(&self, key: &'static str) -> Result<T, ImportError> {
        let text = self.get(key)?;
        text.parse().map_err(|_| self.wrong(key, text, "a number"))
    }

    pub(super) fn wrong(
        &self,
        key: &'static str,
        got: &str,
        expected: &'static str,
    ) -> ImportError {
        ImportError::Value { place: self.place, key, got: beginning(got), expected }
    }
}

impl Gbdt {
    /// Reads a model that LightGBM wrote as text (`save_model`, `model_to_string`; versions 3 and 4).
    ///
    /// Predictions are LightGBM's: shrinkage, the average of random forests, links, the direction of
    /// missing values, sets of levels. What differs: a level that is no whole number is missing here
    /// and cut off there.
    ///
    /// A level is LightGBM's code. Its name is pandas' category where the file has as many lists of
    /// categories as categorical columns, else the code. `columns` may say what the file does not: names
    /// where the file has only `Column_0`, `Column_1`, ..., and levels where it has only codes; what the
    /// file has must agree. A node's cover is its sum of hessians (LightGBM's own contributions count
    /// rows instead, which is the same for squared loss without weights).
    ///
    /// # Errors
    /// [`ImportError`] for what is not such a file or damaged, for several classes, linear trees and
    /// losses whose link is not in [`Link`], and for columns given that are not the file's.
    ///
    /// # Examples
    /// ```
    /// use campaign_models::Gbdt;
    /// let text = "tree
    /// version=v4
    /// num_class=1
    /// num_tree_per_iteration=1
    /// max_feature_idx=0
    /// objective=binary sigmoid:1
    /// feature_names=ctr_7d
    /// feature_infos=[0:1]
    ///
    /// Tree=0
    /// num_leaves=2
    /// num_cat=0
    /// split_feature=0
    /// split_gain=3.5
    /// threshold=0.02
    /// decision_type=8
    /// left_child=-1
    /// right_child=-2
    /// leaf_value=-1.5 0.5
    /// leaf_weight=6 2
    /// leaf_count=24 8
    /// shrinkage=1
    ///
    /// end of trees
    /// ";
    /// let model = Gbdt::from_lightgbm(text, None)?;
    /// assert_eq!(model.score_row(&[0.01])?, -1.5);
    /// // Missing values are told apart (8), and go right by default (2 would be left).
    /// assert_eq!(model.score_row(&[f64::NAN])?, 0.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_lightgbm(text: &str, columns: Option<&[Column]>) -> Result<Self, ImportError> {
        let (header, sections, pandas) = sections(text)?;
        check_header(&header)?;
        let (name, link, scale) = objective(&header)?;
        let mut file = file_columns(&header)?;
        let mut trees = sections
            .iter()
            .map(|section| lightgbm_tree::read(section, &mut file))
            .collect::<Result<Vec<_>, _>>()?;
        name_levels(&mut file, pandas)?;
        let columns = resolve(file, "Column_", columns)?;
        let averaged = header.find("average_output").is_some();
        let factor = if averaged { scale / trees.len().max(1) as f64 } else { scale };
        if factor != 1.0 {
            for leaf in trees.iter_mut().flat_map(|tree: &mut Tree| &mut tree.leaves) {
                leaf.value *= factor;
            }
        }
        let loss = FittedLoss::imported(&format!("lightgbm {name}"), link);
        Ok(Self::from_parts(loss, 0.0, columns, trees))
    }
}

type Sections<'a> = (Section<'a>, Vec<Section<'a>>, Option<&'a str>);

/// The header, the trees, and pandas' categories.
fn sections(text: &str) -> Result<Sections<'_>, ImportError> {
    let mut lines = text.lines().map(str::trim_end).skip_while(|line| line.is_empty());
    let first = lines.next().unwrap_or_default();
    let mut header = Section { place: Place::Header, lines: HashMap::new() };
    if first != "tree" {
        return Err(header.wrong("first line", first, "tree"));
    }
    let mut trees: Vec<Section<'_>> = Vec::new();
    let mut ended = false;
    for line in lines.by_ref() {
        if line == "end of trees" {
            ended = true;
            break;
        }
        // Without a value: that it is there says it.
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        if key == "Tree" {
            let place = Place::Tree(trees.len());
            let section = Section { place, lines: HashMap::new() };
            if value != trees.len().to_string() {
                return Err(section.wrong("Tree", value, "trees numbered from 0"));
            }
            trees.push(section);
        } else if !key.is_empty() {
            let section = trees.last_mut().unwrap_or(&mut header);
            if section.lines.insert(key, value).is_some() {
                return Err(section.wrong("line", line, "each key once"));
            }
        }
    }
    if !ended {
        return Err(ImportError::Missing { place: Place::Header, key: "end of trees" });
    }
    let pandas = lines.find_map(|line| line.strip_prefix("pandas_categorical:"));
    Ok((header, trees, pandas))
}

fn check_header(header: &Section<'_>) -> Result<(), ImportError> {
    let unsupported = |what, got: &str, expected| {
        Err(ImportError::Unsupported { what, got: beginning(got), expected })
    };
    match header.get("version")? {
        "v3" | "v4" => {}
        other => return unsupported("the version", other, "v3 or v4"),
    }
    for (key, what) in
        [("num_class", "the number of classes"), ("num_tree_per_iteration", "trees per iteration")]
    {
        match header.get(key)? {
            "1" => {}
            other => return unsupported(what, other, "1"),
        }
    }
    Ok(())
}

/// The loss's name, its link, and what scores are multiplied by before it.
fn objective(header: &Section<'_>) -> Result<(String, Link, f64), ImportError> {
    // A loss of one's own is not named.
    let text = header.find("objective").unwrap_or("custom");
    let unsupported = |expected| ImportError::Unsupported {
        what: "the objective",
        got: beginning(text),
        expected,
    };
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or("custom");
    let mut scale = 1.0;
    let link = match name {
        "regression" | "regression_l2" | "regression_l1" | "huber" | "fair" | "quantile"
        | "mape" | "lambdarank" | "rank_xendcg" | "custom" => Link::Identity,
        "poisson" | "gamma" | "tweedie" => Link::Log,
        "binary" | "cross_entropy" => Link::Logit,
        _ => return Err(unsupported("one with an identity, logit or log link")),
    };
    for word in words {
        if word == "sqrt" {
            return Err(unsupported("no square root of the target"));
        }
        // LambdaRank has a sigmoid too, for training only.
        if let Some(sigmoid) = word.strip_prefix("sigmoid:")
            && link == Link::Logit
        {
            scale = sigmoid.parse().unwrap_or(f64::NAN);
            if !(scale.is_finite() && scale > 0.0) {
                return Err(header.wrong("objective", text, "a sigmoid above 0"));
            }
        }
    }
    Ok((name.to_owned(), link, scale))
}

/// Names and kinds, levels by number.
fn file_columns(header: &Section<'_>) -> Result<Vec<FileColumn>, ImportError> {
    let last: usize = header.number("max_feature_idx")?;
    let names: Vec<&str> = header.get("feature_names")?.split_whitespace().collect();
    let infos: Vec<&str> = header.get("feature_infos")?.split_whitespace().collect();
    for (key, got) in [("feature_names", names.len()), ("feature_infos", infos.len())] {
        if Some(got) != last.checked_add(1) {
            let expected = last.saturating_add(1);
            return Err(ImportError::Length { place: Place::Header, key, got, expected });
        }
    }
    let mut columns = Vec::with_capacity(names.len());
    for (i, (name, info)) in names.into_iter().zip(infos).enumerate() {
        let kind = if info == "none" || info.starts_with('[') {
            FileKind::Numeric
        } else {
            let mut n = 0;
            for code in info.split(':') {
                let code: i64 = code.parse().map_err(|_| {
                    header.wrong("feature_infos", info, "none, [low:high] or codes")
                })?;
                // -1 stands for missing.
                match u32::try_from(code) {
                    Ok(code) if code < MOST_LEVELS => n = n.max(code + 1),
                    Ok(_) => {
                        return Err(header.wrong("feature_infos", info, "codes below 1048576"));
                    }
                    Err(_) => {}
                }
            }
            FileKind::Numbered(n)
        };
        let own = name != format!("Column_{i}");
        columns.push(FileColumn { name: own.then(|| Arc::from(name)), kind });
    }
    Ok(columns)
}

/// Names levels by pandas' categories, where there is a list for each categorical column.
fn name_levels(file: &mut [FileColumn], pandas: Option<&str>) -> Result<(), ImportError> {
    let lists: Option<Vec<Vec<serde_json::Value>>> = match pandas {
        Some(text) => serde_json::from_str(text)?,
        None => None,
    };
    let lists = lists.unwrap_or_default();
    let coded = |column: &&mut FileColumn| matches!(column.kind, FileKind::Numbered(_));
    if file.iter_mut().filter(coded).count() != lists.len() {
        return Ok(());
    }
    for (column, list) in file.iter_mut().filter(coded).zip(lists) {
        if let FileKind::Numbered(n) = column.kind
            && list.len() < n as usize
        {
            let (place, key) = (Place::Header, "pandas_categorical");
            return Err(ImportError::Length { place, key, got: list.len(), expected: n as usize });
        }
        let name = |value: serde_json::Value| match value {
            serde_json::Value::String(name) => Arc::from(name),
            other => Arc::from(other.to_string()),
        };
        column.kind = FileKind::Levels(list.into_iter().map(name).collect());
    }
    Ok(())
}

/// Makes room for the levels that a test names.
pub(super) fn fit_levels(column: &mut FileColumn, test: &Test) -> Result<(), &'static str> {
    match (&mut column.kind, test) {
        (FileKind::Numbered(n), Test::Levels(levels)) => {
            *n = levels.last().map_or(*n, |last| (*n).max(last + 1));
            Ok(())
        }
        (FileKind::Numeric, Test::Threshold(_) | Test::NonZero(_)) => Ok(()),
        _ => Err("a test does not fit its column's kind"),
    }
}
