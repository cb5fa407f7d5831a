//! Text to records, line by line, with an error that names the line, what was expected there, and what was found.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{Invocation, MinHeap, Pause, Request, RunHeader, SCHEMA_VERSION, Session};

/// Why a text is not a session, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct ReadError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: ReadErrorKind,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadErrorKind {
    /// It is no JSON object.
    #[error("expected {expected} as one JSON object, found {found:?}: {reason}")]
    NotJson {
        /// The kind of record that should be here.
        expected: &'static str,
        /// The beginning of the line.
        found: String,
        /// What the JSON parser says.
        reason: String,
    },
    /// It is JSON, but a field is missing or of another type.
    #[error("expected {expected}: {reason}; found {found:?}")]
    WrongShape {
        /// The kind of record that should be here.
        expected: &'static str,
        /// The beginning of the line.
        found: String,
        /// Which field, and what it should hold.
        reason: String,
    },
    /// The first line says something else than the conditions.
    #[error("expected the header of a session (\"line\":\"header\"), found a line of kind {found:?}")]
    NoHeader {
        /// What the line says it is.
        found: String,
    },
    /// There is no line at all.
    #[error("expected the header of a session (\"line\":\"header\"), found the end of the text")]
    Empty,
    /// A newer program wrote it.
    #[error("expected schema version {SCHEMA_VERSION} or older, found {found}: a newer tenure wrote this session")]
    NewerSchema {
        /// The version that the header names.
        found: u32,
    },
}

/// Half a line at the end of a text, left by a process that was interrupted while it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truncated {
    /// Number of the line, from 1.
    pub line: usize,
    /// How many bytes of it there are; to resume, cut so many (and a newline, if one follows) from the end of the file.
    pub bytes: usize,
}

/// Reads a session while it arrives, for example while it is still being written.
#[derive(Debug, Default)]
pub struct SessionReader {
    line: usize,
    session: Option<Session>,
    /// A line that ends too early; fatal as soon as another one follows.
    pending: Option<(Truncated, ReadError)>,
}

impl SessionReader {
    /// A reader that expects the header.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next line, with or without its newline.
    ///
    /// # Errors
    ///
    /// If the line, or a half line before it, is not a record of the schema.
    pub fn push(&mut self, line: &str) -> Result<(), ReadError> {
        self.line += 1;
        let text = line.trim();
        if text.is_empty() {
            return Ok(());
        }
        if let Some((_, error)) = self.pending.take() {
            return Err(error);
        }
        match self.record(text) {
            Ok(()) => Ok(()),
            Err(Failure::Wrong(kind)) => Err(ReadError { line: self.line, kind }),
            Err(Failure::EndsEarly(kind)) => {
                let truncated = Truncated { line: self.line, bytes: line.len() };
                self.pending = Some((truncated, ReadError { line: self.line, kind }));
                Ok(())
            }
        }
    }

    /// The session so far; `None` until the header was read.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// Ends the text.
    ///
    /// # Errors
    ///
    /// If there was no whole header.
    pub fn finish(self) -> Result<Session, ReadError> {
        match (self.session, self.pending) {
            (Some(mut session), pending) => {
                session.truncated = pending.map(|(truncated, _)| truncated);
                Ok(session)
            }
            (None, Some((_, error))) => Err(error),
            (None, None) => Err(ReadError { line: self.line + 1, kind: ReadErrorKind::Empty }),
        }
    }

    fn record(&mut self, text: &str) -> Result<(), Failure> {
        #[derive(Deserialize)]
        struct Tag {
            line: String,
        }
        let Tag { line } = parse(text, "a record with a \"line\" field")?;
        match (line.as_str(), &mut self.session) {
            ("header", session) => {
                check_schema(text)?;
                let header: RunHeader = parse(text, "a header")?;
                match session {
                    None => *session = Some(Session::new(header)),
                    Some(session) => session.resumed.push(header),
                }
            }
            (_, None) => return Err(Failure::Wrong(ReadErrorKind::NoHeader { found: line })),
            ("invocation", Some(session)) => {
                let invocation: Invocation = parse(text, "an invocation")?;
                session.invocations.push(invocation);
            }
            ("min-heap", Some(session)) => {
                let min_heap: MinHeap = parse(text, "a smallest heap")?;
                session.min_heaps.push(min_heap);
            }
            (_, Some(session)) => session.unknown_lines += 1,
        }
        Ok(())
    }
}

/// What a runtime's `--gc-log` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GcLog {
    /// Stops of the mutator, in order of time.
    pub pauses: Vec<Pause>,
    /// Requests, in order of their start.
    pub requests: Vec<Request>,
    /// Events that the runtime's buffer had no room for; `None` where the log has no last line.
    pub dropped_events: Option<u64>,
}

/// Reads a log of events, without header:
///
/// ```text
/// {"start_ns":1000,"pause_ns":20,"kind":"major",...}       a pause
/// {"request":{"start_ns":900,"end_ns":1100}}               a request
/// {"totals":{"dropped":0,...}}                             the last line, with the number of events that are not in the log
/// ```
///
/// A half line at the end is left out, since a process that was killed may leave one; any other wrong line is an error.
///
/// # Errors
///
/// If a line is none of these.
pub fn parse_gc_log(text: &str) -> Result<GcLog, ReadError> {
    let mut log = GcLog::default();
    let mut pending = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if let Some(error) = pending.take() {
            return Err(error);
        }
        let at = |kind| ReadError { line: index + 1, kind };
        match log.event(line) {
            Ok(()) => {}
            Err(Failure::Wrong(kind)) => return Err(at(kind)),
            Err(Failure::EndsEarly(kind)) => pending = Some(at(kind)),
        }
    }
    // The line of a request is written when it ends, so a nested one comes first.
    log.requests.sort_by_key(|request| (request.start_ns, std::cmp::Reverse(request.end_ns)));
    Ok(log)
}

impl GcLog {
    fn event(&mut self, line: &str) -> Result<(), Failure> {
        #[derive(Deserialize)]
        struct Other {
            request: Option<Request>,
            totals: Option<Totals>,
        }
        #[derive(Deserialize)]
        struct Totals {
            dropped: u64,
        }
        match parse(line, "a pause, a request or totals")? {
            Other { request: Some(request), .. } => self.requests.push(request),
            Other { totals: Some(totals), .. } => self.dropped_events = Some(totals.dropped),
            Other { .. } => self.pauses.push(parse(line, "a pause")?),
        }
        Ok(())
    }
}

/// A line that can't be read, apart by whether more text might have made it right.
enum Failure {
    Wrong(ReadErrorKind),
    EndsEarly(ReadErrorKind),
}

/// The version is asked before the rest, since a newer header may have another shape.
fn check_schema(text: &str) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Version {
        schema: u32,
    }
    let Version { schema } = parse(text, "a header with its schema version")?;
    if schema > SCHEMA_VERSION {
        return Err(Failure::Wrong(ReadErrorKind::NewerSchema { found: schema }));
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(text: &str, expected: &'static str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        let reason = reason(&error);
        let found = excerpt(text);
        match error.classify() {
            serde_json::error::Category::Eof => Failure::EndsEarly(ReadErrorKind::NotJson { expected, found, reason }),
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
                Failure::Wrong(ReadErrorKind::NotJson { expected, found, reason })
            }
            serde_json::error::Category::Data => Failure::Wrong(ReadErrorKind::WrongShape { expected, found, reason }),
        }
    })
}

/// The parser's message; its line number would always be 1, so only the column is kept.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((message, _)) => format!("{message} at column {}", error.column()),
        None => text,
    }
}

fn excerpt(text: &str) -> String {
    const LENGTH: usize = 60;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
