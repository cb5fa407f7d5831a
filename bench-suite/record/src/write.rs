//! Records to text: one line each, fields in the order of their declaration, no newline inside.

use serde::Serialize;

use crate::{Invocation, MinHeap, Pause, RunHeader, Session};

/// A record with the word that says which kind of line it is.
#[derive(Serialize)]
#[serde(tag = "line", rename_all = "kebab-case")]
enum Line<'a> {
    Header(&'a RunHeader),
    Invocation(&'a Invocation),
    MinHeap(&'a MinHeap),
}

impl RunHeader {
    /// The record as one line of a session, without the newline.
    #[must_use]
    pub fn to_line(&self) -> String {
        json(&Line::Header(self))
    }
}

impl Invocation {
    /// The record as one line of a session, without the newline.
    #[must_use]
    pub fn to_line(&self) -> String {
        json(&Line::Invocation(self))
    }
}

impl MinHeap {
    /// The record as one line of a session, without the newline.
    #[must_use]
    pub fn to_line(&self) -> String {
        json(&Line::MinHeap(self))
    }
}

impl Pause {
    /// The record as one line of a log of pauses, without the newline.
    #[must_use]
    pub fn to_line(&self) -> String {
        json(self)
    }
}

impl Session {
    /// The session as text: headers first, then invocations, then smallest heaps, each line with its newline.
    #[must_use]
    pub fn to_ndjson(&self) -> String {
        let mut text = String::new();
        let lines = std::iter::once(self.header.to_line())
            .chain(self.resumed.iter().map(RunHeader::to_line))
            .chain(self.invocations.iter().map(Invocation::to_line))
            .chain(self.min_heaps.iter().map(MinHeap::to_line));
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
        text
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("records are maps with text keys, which JSON can always hold")
}
