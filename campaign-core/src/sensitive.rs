//! Values that must not leak into a log by accident.

use core::fmt;

/// A personal attribute (age band, gender, a user's id) that prints as `[sensitive]`.
///
/// It has no `Display` and no serde: what is to leave the program must be taken out by
/// [`expose`](Self::expose), which can be searched for in a review.
///
/// # Examples
/// ```
/// use campaign_core::Sensitive;
/// let age = Sensitive::new("30-34");
/// assert_eq!(format!("{age:?}"), "[sensitive]");
/// assert_eq!(*age.expose(), "30-34");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// Marks a value as sensitive.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Every call is a place where it may leave the program.
    #[must_use]
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Another sensitive value made from this one.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Sensitive<U> {
        Sensitive(f(self.0))
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sensitive]")
    }
}
