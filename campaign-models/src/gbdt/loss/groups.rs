//! Which rows belong together.

/// Rows by group, the rows of each in ascending order.
///
/// # Examples
/// ```
/// use campaign_models::gbdt::Groups;
/// let groups = Groups::new(&[7, 3, 7]);
/// assert_eq!(groups.iter().collect::<Vec<_>>(), [&[1][..], &[0, 2]]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    rows: Vec<u32>,
    ends: Vec<usize>,
}

impl Groups {
    /// From the group of each row; at most `u32::MAX` rows. Groups come in ascending order.
    #[must_use]
    pub fn new(group_of: &[u32]) -> Self {
        let mut rows: Vec<u32> = (0..group_of.len()).map(|row| row as u32).collect();
        rows.sort_by_key(|row| group_of[*row as usize]);
        let same = |a: &u32, b: &u32| group_of[*a as usize] == group_of[*b as usize];
        let mut end = 0;
        let ends = rows.chunk_by(same).map(|group| {
            end += group.len();
            end
        });
        let ends = ends.collect();
        Self { rows, ends }
    }

    /// The rows of each group.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.rows[start..*end])
    }
}
