//! Numbers of levels that no row has taught about itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use campaign_core::ColumnKind;
use campaign_core::digest::Digest;

use super::super::super::error::FeatureError;
use super::super::super::transform::TransformError;
use super::super::super::transform::encoding::{Encoding, EncodingKind, EncodingTable, NO_LEVEL};
use super::super::learned::{EncodedLevels, LevelSmoothing, TrainingView};
use super::levels::Levels;
use super::{LevelEncoding, Step, Values};

/// A row that teaches.
#[derive(Debug, Clone, Copy)]
struct Lesson {
    row: usize,
    level: u32,
    label: f64,
    weight: f64,
}

/// What tables learn with.
struct Learner {
    encoding: Encoding,
    fits_prior: bool,
}

impl Learner {
    fn new(encoding: &LevelEncoding) -> Result<Self, TransformError> {
        let kind = encoding.statistic;
        let (fits_prior, encoding) = match encoding.smoothing {
            LevelSmoothing::Fitted => (kind == EncodingKind::Target, Encoding::new(kind)),
            LevelSmoothing::Fixed { strength, prior } => {
                (false, Encoding { kind, strength, prior })
            }
        };
        encoding.check()?;
        Ok(Self { encoding, fits_prior })
    }

    fn table<'l>(
        &self,
        lessons: impl Iterator<Item = &'l Lesson>,
    ) -> Result<EncodingTable, TransformError> {
        let mut table = EncodingTable::new(self.encoding)?;
        for lesson in lessons {
            table.add(lesson.level, lesson.label, lesson.weight)?;
        }
        self.settle(&mut table)?;
        Ok(table)
    }

    fn settle(&self, table: &mut EncodingTable) -> Result<(), TransformError> {
        if self.fits_prior { table.fit_prior() } else { Ok(()) }
    }
}

impl Step<'_> {
    /// Learns an encoding; a training row's number is of rows that the encoding lets it see.
    pub(super) fn encode(&self, encoding: &mut LevelEncoding) -> Result<Values, FeatureError> {
        let failed = |source| FeatureError::Transform { feature: Arc::clone(self.feature), source };
        let Levels { column: of, names, codes } = self.levels(&encoding.of)?;
        let learner = Learner::new(encoding).map_err(failed)?;
        let lessons = self.lessons(encoding, &codes).map_err(failed)?;
        let whole = learner.table(lessons.iter()).map_err(failed)?;
        let unseen = whole.encode(NO_LEVEL - 1);
        if !unseen.is_finite() {
            return self.refuse("no row with a level has a label");
        }
        let values = match &encoding.training {
            TrainingView::Folds { .. } if encoding.statistic != EncodingKind::Target => {
                codes.iter().map(|&code| whole.encode(code)).collect()
            }
            TrainingView::Folds { entity, count } => {
                let folds = self.folds(entity, *count)?;
                out_of_fold(&learner, &lessons, &codes, &folds).map_err(failed)?
            }
            TrainingView::Time => {
                let known = self.known(encoding.statistic)?;
                let cutoffs = &self.table.requests().cutoff;
                in_time(&learner, &lessons, &codes, cutoffs, known.as_deref()).map_err(failed)?
            }
        };
        let seen = (0..).zip(names).filter(|(code, _)| whole.level(*code).is_some());
        encoding.fitted = Some(EncodedLevels {
            values: seen.map(|(code, name)| (Arc::clone(name), whole.encode(code))).collect(),
            unseen,
        });
        Ok((self.resting_on(ColumnKind::Numeric, &[of]), values))
    }

    /// The rows that teach, in an order that is not that of the table: sums of labels round.
    fn lessons(
        &self,
        encoding: &LevelEncoding,
        codes: &[u32],
    ) -> Result<Vec<Lesson>, TransformError> {
        let labelled = encoding.statistic == EncodingKind::Target;
        let mut lessons = Vec::with_capacity(codes.len());
        for (row, (&level, &label)) in codes.iter().zip(self.outcomes.labels).enumerate() {
            let weights = self.outcomes.weights;
            let weight = weights.and_then(|weights| weights.get(row)).copied().unwrap_or(1.0);
            if label.is_infinite() || !weight.is_finite() {
                let (what, value) =
                    if label.is_infinite() { ("labels", label) } else { ("weights", weight) };
                return Err(TransformError::NonFinite { what, row, value });
            }
            if level == NO_LEVEL || labelled && label.is_nan() {
                continue;
            }
            let label = if labelled { label } else { 0.0 };
            let rate = (0.0..=1.0).contains(&label);
            if labelled && encoding.smoothing == LevelSmoothing::Fitted && !rate {
                let expected = "0 to 1 for a prior to be fitted";
                return Err(TransformError::Range { what: "labels", row, value: label, expected });
            }
            if weight < 0.0 {
                let expected = "0 or more";
                return Err(TransformError::Range {
                    what: "weights",
                    row,
                    value: weight,
                    expected,
                });
            }
            lessons.push(Lesson { row, level, label, weight });
        }
        lessons.sort_by(|a, b| {
            let level = a.level.cmp(&b.level);
            level.then(a.label.total_cmp(&b.label)).then(a.weight.total_cmp(&b.weight))
        });
        Ok(lessons)
    }

    /// The fold of each row.
    fn folds(&self, entity: &Arc<str>, count: u32) -> Result<Vec<u32>, FeatureError> {
        let Some(kind) = self.table.kinds().iter().position(|kind| kind == entity) else {
            return Err(FeatureError::Unknown {
                feature: Arc::clone(self.feature),
                what: "entity kind",
                name: Arc::clone(entity),
                known: self.table.kinds().join(", "),
            });
        };
        if count < 2 {
            return self.refuse("at least 2 folds are needed");
        }
        let mut known: BTreeMap<Option<&Arc<str>>, u32> = BTreeMap::new();
        let fold = |row| {
            let name = self.table.key(kind, row);
            *known.entry(name).or_insert_with(|| fold_of(name.map_or("", |name| name), count))
        };
        Ok((0..self.table.n_rows()).map(fold).collect())
    }

    /// When labels were known; counts need none.
    fn known(&self, statistic: EncodingKind) -> Result<Option<Vec<i64>>, FeatureError> {
        match self.outcomes.known_at {
            _ if statistic != EncodingKind::Target => Ok(None),
            Some(known) => Ok(Some(known.to_vec())),
            None => self.refuse("in time it has to be said when labels were known"),
        }
    }
}

/// The fold of a name: the first bytes of its digest.
fn fold_of(name: &str, count: u32) -> u32 {
    let digest = Digest::of(name.as_bytes());
    let first = digest.as_bytes().iter().take(8).fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    (first % u64::from(count)) as u32
}

fn out_of_fold(
    learner: &Learner,
    lessons: &[Lesson],
    codes: &[u32],
    folds: &[u32],
) -> Result<Vec<f64>, TransformError> {
    let mut values = vec![f64::NAN; codes.len()];
    let mut present = folds.to_vec();
    present.sort_unstable();
    present.dedup();
    for fold in present {
        let others = lessons.iter().filter(|lesson| folds[lesson.row] != fold);
        let table = learner.table(others)?;
        let rows = values.iter_mut().zip(codes).zip(folds);
        for ((value, &code), _) in rows.filter(|(_, of)| **of == fold) {
            *value = table.encode(code);
        }
    }
    Ok(values)
}

/// A row sees lessons with an earlier cut-off whose labels were known at its own.
fn in_time(
    learner: &Learner,
    lessons: &[Lesson],
    codes: &[u32],
    cutoffs: &[i64],
    known: Option<&[i64]>,
) -> Result<Vec<f64>, TransformError> {
    // At the end of time nothing is earlier, and what is known then is never known.
    let from = |lesson: &Lesson| {
        let after = cutoffs[lesson.row].checked_add(1)?;
        let from = known.map_or(after, |known| known[lesson.row].max(after));
        (from < i64::MAX).then_some(from)
    };
    let learn = lessons.iter().filter_map(|lesson| Some((from(lesson)?, lesson)));
    let mut learn: Vec<(i64, &Lesson)> = learn.collect();
    // Stable, so that lessons of one instant keep an order that is not that of the table.
    learn.sort_by_key(|(from, _)| *from);
    let mut ask: Vec<usize> = (0..codes.len()).collect();
    ask.sort_by_key(|&row| cutoffs[row]);
    let mut values = vec![f64::NAN; codes.len()];
    let mut table = EncodingTable::new(learner.encoding)?;
    let mut learn = learn.into_iter().peekable();
    let mut settled = false;
    for row in ask {
        while let Some((_, lesson)) = learn.next_if(|(from, _)| *from <= cutoffs[row]) {
            table.add(lesson.level, lesson.label, lesson.weight)?;
            settled = false;
        }
        if !settled {
            learner.settle(&mut table)?;
            settled = true;
        }
        values[row] = table.encode(codes[row]);
    }
    Ok(values)
}
