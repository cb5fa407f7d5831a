//! The directory of a session: what is written at once, so that nothing that finished is lost.
//!
//! ```text
//! DIR/plan.json        what the session runs; written before it starts
//! DIR/session.ndjson   the records: a header, then a line for each finished process
//! DIR/workloads/       the programs that run
//! DIR/index.html ...   the report
//! ```

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use tenure_record::{Invocation, MinHeap, RunHeader, Session};

use crate::plan::{Job, Plan};

/// The records of a session.
pub const SESSION: &str = "session.ndjson";

/// A session that is being written.
#[derive(Debug)]
pub struct Store {
    file: File,
}

impl Store {
    /// Begins a session in a directory that has none.
    ///
    /// # Errors
    ///
    /// If the directory has a session, or if a file can't be written.
    pub fn create(directory: &Path, header: &RunHeader, plan: &Plan) -> anyhow::Result<Self> {
        let path = directory.join(SESSION);
        anyhow::ensure!(
            !path.exists(),
            "{} exists: expected a directory without a session (or --resume to continue it)",
            path.display()
        );
        fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
        let text = serde_json::to_string_pretty(plan)?;
        fs::write(directory.join("plan.json"), text + "\n")?;
        let file =
            File::options().create_new(true).append(true).open(&path).with_context(|| path.display().to_string())?;
        let mut store = Self { file };
        store.line(&header.to_line())?;
        Ok(store)
    }

    /// Continues a session: half a line at its end is cut off, and another header follows.
    ///
    /// Gives what it was to run and what is there.
    ///
    /// # Errors
    ///
    /// If there is no session, or if it can't be read or written.
    pub fn resume(directory: &Path, header: &RunHeader) -> anyhow::Result<(Self, Plan, Session)> {
        let path = directory.join(SESSION);
        let plan_path = directory.join("plan.json");
        let text =
            fs::read_to_string(&plan_path).with_context(|| format!("no session to resume: {}", plan_path.display()))?;
        let plan: Plan = serde_json::from_str(&text).with_context(|| plan_path.display().to_string())?;
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let session = Session::parse(&text).with_context(|| path.display().to_string())?;
        let kept = match &session.truncated {
            Some(_) => text.trim_end().rfind('\n').map_or(0, |newline| newline + 1),
            None => text.len(),
        };
        let file = File::options().append(true).open(&path).with_context(|| path.display().to_string())?;
        file.set_len(kept as u64)?;
        let mut store = Self { file };
        if !text[..kept].ends_with('\n') {
            store.file.write_all(b"\n")?;
        }
        store.line(&header.to_line())?;
        Ok((store, plan, session))
    }

    /// Adds the record of a finished process; it is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    pub fn append(&mut self, record: &Invocation) -> io::Result<()> {
        self.line(&record.to_line())
    }

    /// Adds a smallest heap that was found.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    pub fn append_min_heap(&mut self, record: &MinHeap) -> io::Result<()> {
        self.line(&record.to_line())
    }

    /// All in one write: what is cut off by a kill is at most the end of one line.
    fn line(&mut self, line: &str) -> io::Result<()> {
        self.file.write_all(format!("{line}\n").as_bytes())?;
        self.file.sync_data()
    }
}

/// The jobs of a plan that a session has no record of.
#[must_use]
pub fn left(plan: &Plan, session: &Session) -> Vec<Job> {
    let done: std::collections::BTreeSet<u64> = session.invocations.iter().map(|record| record.order).collect();
    plan.jobs().into_iter().filter(|job| !done.contains(&job.order)).collect()
}

/// Reads a session from its file, or from the directory that has it.
///
/// # Errors
///
/// If it can't be read.
pub fn read(path: &Path) -> anyhow::Result<Session> {
    let file = if path.is_dir() { path.join(SESSION) } else { path.to_owned() };
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    Session::parse(&text).with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Configuration, Scaled};
    use std::collections::BTreeMap;

    fn plan() -> Plan {
        Plan {
            workloads: vec![Scaled { name: "a".to_owned(), scale: 1 }],
            configurations: vec![Configuration {
                collector: "mark-sweep".to_owned(),
                heap: BTreeMap::new(),
                variables: BTreeMap::new(),
                heap_factor: None,
                eval_mode: None,
            }],
            invocations: 3,
            seed: 1,
            timeout_ms: 1,
            smallest: BTreeMap::new(),
        }
    }

    fn record(order: u64) -> Invocation {
        Invocation { workload: "a".to_owned(), collector: "mark-sweep".to_owned(), order, ..Invocation::default() }
    }

    #[test]
    fn an_interrupted_session_goes_on_where_it_stopped() {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let header = RunHeader::new("tenure", "0", 1);
        let mut store = Store::create(directory.path(), &header, &plan()).expect("a new session");
        store.append(&record(0)).expect("written");
        // What a kill may leave behind: the beginning of a line.
        store.file.write_all(b"{\"line\":\"invocation\",\"workl").expect("written");
        drop(store);
        let (mut store, plan, session) = Store::resume(directory.path(), &header).expect("resumes");
        assert_eq!(session.invocations.len(), 1);
        let left = left(&plan, &session);
        assert_eq!(left.iter().map(|job| job.order).collect::<Vec<_>>(), [1, 2]);
        store.append(&record(1)).expect("written");
        let session = read(directory.path()).expect("whole again");
        assert_eq!((session.invocations.len(), session.resumed.len(), session.truncated), (2, 1, None));
    }

    #[test]
    fn a_session_is_not_overwritten() {
        let directory = tempfile::tempdir().expect("a directory for the test");
        let header = RunHeader::new("tenure", "0", 1);
        drop(Store::create(directory.path(), &header, &plan()).expect("a new session"));
        let error = Store::create(directory.path(), &header, &plan()).expect_err("there is one").to_string();
        assert!(error.contains("--resume"), "{error}");
        assert!(Store::resume(&directory.path().join("elsewhere"), &header).is_err());
    }
}
