//! To whom an entity was last known to belong.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::error::FeatureError;
use super::{NONE, Requests, Source, Sources};

impl Requests {
    /// Fills in the keys of one kind by those that a source last stated beside the keys of another: the
    /// channel an ad was last known to run in.
    ///
    /// Of the rows that a request sees the latest day counts, then the latest known; of these the greatest
    /// name. [`NONE`] where nothing is known.
    ///
    /// # Errors
    /// [`FeatureError::Unknown`] for a source, or a kind that it does not name.
    ///
    /// # Complexity
    /// O(n log n + r log r) for n rows and r requests.
    ///
    /// # Examples
    /// ```
    /// use campaign_features::feature::source::{Row, SourcesBuilder};
    /// let mut builder = SourcesBuilder::new(["ad", "channel"])?;
    /// let ads = builder.source("ads", &["ad", "channel"], &[], &[])?;
    /// for (day, channel) in [(1, "social"), (5, "video")] {
    ///     let keys = &[Some("42"), Some(channel)];
    ///     let known_at = i64::from(day);
    ///     ads.push(&Row { keys, day, known_at, fact: None, measures: &[], attributes: &[] })?;
    /// }
    /// let sources = builder.finish()?;
    /// let mut requests = sources.requests();
    /// for day in [1, 5, 6] {
    ///     requests.push(&[sources.key(0, "42"), u32::MAX], day, 9)?;
    /// }
    /// requests.resolve(&sources, "ads", "ad", "channel")?;
    /// assert_eq!(requests.keys[1], [u32::MAX, sources.key(1, "social"), sources.key(1, "video")]);
    /// # Ok::<(), campaign_features::feature::FeatureError>(())
    /// ```
    pub fn resolve(
        &mut self,
        sources: &Sources,
        source: &str,
        from: &str,
        to: &str,
    ) -> Result<(), FeatureError> {
        self.check()?;
        let unknown = |what: &'static str, name: &str, known: &[Arc<str>]| FeatureError::Unknown {
            feature: "".into(),
            what,
            name: name.into(),
            known: known.join(", "),
        };
        let found = sources.sources.iter().find(|s| *s.name == *source).ok_or_else(|| {
            let known: Vec<_> = sources.sources.iter().map(|s| Arc::clone(&s.name)).collect();
            unknown("source", source, &known)
        })?;
        let kind = |name: &str| {
            let kind = sources.kind(name).filter(|&kind| !found.keys[kind].is_empty());
            kind.ok_or_else(|| unknown("entity kind of the source", name, &sources.kinds))
        };
        let (from, to) = (kind(from)?, kind(to)?);
        let belongs = belonging(self, found, from, to);
        self.keys[to] = belongs;
        Ok(())
    }
}

/// The other key of each request.
fn belonging(requests: &Requests, source: &Source, from: usize, to: usize) -> Vec<u32> {
    let (of, other) = (&source.keys[from], &source.keys[to]);
    let states = |row: &usize| {
        let stands = source.stands.is_empty() || source.stands[*row];
        stands && of[*row] != NONE && other[*row] != NONE
    };
    let mut rows: Vec<usize> = (0..source.len()).filter(states).collect();
    rows.sort_by_key(|&row| (of[row], source.known_at[row]));
    let mut out = vec![NONE; requests.len()];
    let asking = requests.keys[from].as_slice();
    let mut asks: Vec<usize> = (0..asking.len()).collect();
    asks.sort_by_key(|&ask| (asking[ask], requests.cutoff[ask]));
    let mut rows = rows.into_iter().peekable();
    // What is known of the entity at hand so far: per day the last statement.
    let mut days: BTreeMap<i32, (i64, u32)> = BTreeMap::new();
    let mut entity = None;
    for ask in asks {
        let key = asking[ask];
        if entity != Some(key) {
            days.clear();
            entity = Some(key);
        }
        while let Some(row) = rows.next_if(|&row| {
            of[row] < key || of[row] == key && source.known_at[row] <= requests.cutoff[ask]
        }) {
            if of[row] == key {
                let stated = (source.known_at[row], other[row]);
                let last = days.entry(source.day[row]).or_insert(stated);
                *last = stated.max(*last);
            }
        }
        if let Some((_, &(_, belongs))) = days.range(..requests.day[ask]).next_back() {
            out[ask] = belongs;
        }
    }
    out
}
