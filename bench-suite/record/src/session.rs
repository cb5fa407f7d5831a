//! A session as a whole.

use crate::{Invocation, MinHeap, ReadError, RunHeader, SessionReader, Truncated};

/// All records of a session, in the order of their lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The conditions.
    pub header: RunHeader,
    /// Headers that were appended each time the session was resumed.
    pub resumed: Vec<RunHeader>,
    /// The processes that finished.
    pub invocations: Vec<Invocation>,
    /// The smallest heaps that were found.
    pub min_heaps: Vec<MinHeap>,
    /// The half line at the end of an interrupted session, which is not in the lists.
    pub truncated: Option<Truncated>,
    /// How many lines were of a kind that this version doesn't know.
    pub unknown_lines: usize,
}

impl Session {
    /// A session that has no invocation yet.
    #[must_use]
    pub fn new(header: RunHeader) -> Self {
        Self {
            header,
            resumed: Vec::new(),
            invocations: Vec::new(),
            min_heaps: Vec::new(),
            truncated: None,
            unknown_lines: 0,
        }
    }

    /// Reads a whole session.
    ///
    /// # Errors
    ///
    /// If a line other than a half one at the end is not a record of the schema.
    pub fn parse(text: &str) -> Result<Self, ReadError> {
        Self::from_lines(text.lines())
    }

    /// Reads a session from its lines.
    ///
    /// # Errors
    ///
    /// As [`Session::parse`].
    pub fn from_lines<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Self, ReadError> {
        let mut reader = SessionReader::new();
        for line in lines {
            reader.push(line)?;
        }
        reader.finish()
    }
}
