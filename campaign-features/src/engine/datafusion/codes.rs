//! Codes of names.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::EngineError;
use crate::feature::source::NONE;

/// Codes of names in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(super) struct Codes {
    known: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
}

impl Codes {
    /// The names, by their codes.
    pub(super) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// The code of a name that has one.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.known.get(name).copied()
    }

    /// The code of a name, a new one if it has none.
    pub(super) fn code(&mut self, name: &str) -> Result<u32, EngineError> {
        if let Some(code) = self.find(name) {
            return Ok(code);
        }
        let code = u32::try_from(self.names.len()).ok().filter(|code| *code != NONE);
        let code = code.ok_or_else(|| EngineError::Memory("too many names".to_owned()))?;
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.known.insert(name, code);
        Ok(code)
    }

    /// About how many bytes they take.
    pub(super) fn bytes(&self) -> usize {
        self.names.len() * BYTES_PER_NAME
    }
}

impl<'a> FromIterator<&'a Arc<str>> for Codes {
    /// Of names that are each there once.
    fn from_iter<I: IntoIterator<Item = &'a Arc<str>>>(names: I) -> Self {
        let names: Vec<Arc<str>> = names.into_iter().cloned().collect();
        let known = names.iter().cloned().zip(0..).collect();
        Self { known, names }
    }
}

/// A short name, what counts its owners, and its places in lists and the table.
const BYTES_PER_NAME: usize = 128;
