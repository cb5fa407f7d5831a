//! From a workload to a page: the binary runs sessions of tiny workloads, and their records and pages are read.

use std::path::Path;
use std::process::{Command, Output};

use tenure_record::{Outcome, Session};

/// Writes a workload of one form.
fn workload(directory: &Path, name: &str, body: &str, expected: &str) {
    let text = format!(
        ";;; {name}.el --- Tiny  -*- lexical-binding: t -*-\n\n;; Title: A tiny one\n;; Stresses: nothing\n\
         ;; Default-scale: 4\n;; Live-size: none\n;; Allocation-rate: none\n\n\
         (defun tenure-{name}-entry (scale)\n  {body})\n(defconst tenure-{name}-expected '((1 . {expected})))\n"
    );
    std::fs::write(directory.join(format!("{name}.el")), text).expect("written");
}

/// Conses that die at once, enough for some collections.
const CHURN: &str =
    "(let ((i 0) (l nil)) (while (< i (* 100000 scale)) (setq l (list i i i)) (setq i (1+ i))) (car l))";

struct Lab {
    directory: tempfile::TempDir,
}

impl Lab {
    fn new(workloads: &[(&str, &str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("a directory for the test");
        std::fs::create_dir(directory.path().join("programs")).expect("made");
        for (name, body, expected) in workloads {
            workload(&directory.path().join("programs"), name, body, expected);
        }
        Self { directory }
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).to_string_lossy().into_owned()
    }

    fn tenure(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_tenure")).args(words).output().expect("the binary runs")
    }

    /// Runs `tenure bench` over the workloads into the directory `session`.
    fn bench(&self, words: &[&str]) -> Session {
        let mut all = vec!["bench"];
        let (programs, out) = (self.path("programs"), self.path("session"));
        all.extend(["--workloads", &programs, "--out", &out]);
        all.extend(words);
        let output = self.tenure(&all);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self.session()
    }

    fn session(&self) -> Session {
        let text = std::fs::read_to_string(self.path("session/session.ndjson")).expect("a session");
        Session::parse(&text).expect("well formed")
    }
}

#[test]
fn a_session_becomes_a_page() {
    let lab = Lab::new(&[("churn", CHURN, "99999")]);
    let session = lab.bench(&["--invocations", "2", "--scale", "1", "--seed", "7"]);
    assert_eq!(session.invocations.len(), 2 * tenure_gc::PLANS.len());
    assert_eq!(session.header.seed, 7);
    assert!(session.header.host.cores.is_some() && session.header.rustc.is_some());
    for (order, run) in session.invocations.iter().enumerate() {
        assert_eq!(run.outcome, Outcome::Ok, "{run:?}");
        assert_eq!((run.order, run.result.as_str(), run.scale.as_str()), (order as u64, "99999", "1"));
        assert!(run.wall_ns.is_some_and(|wall| wall > 0));
        assert!(run.allocated_bytes.is_some_and(|bytes| bytes >= 3 * 16 * 100_000), "{run:?}");
        let collects = tenure_gc::PLANS.iter().any(|plan| plan.name == run.collector && plan.collects);
        assert_eq!(run.gc_count.is_some_and(|count| count > 0), collects, "{run:?}");
        if collects {
            let pauses = run.pauses.as_ref().expect("a log of pauses");
            let end = run.start_ns + run.wall_ns.unwrap_or_default();
            let within = pauses.iter().filter(|pause| (run.start_ns..end).contains(&pause.start_ns)).count();
            assert_eq!(Some(within as u64), run.gc_count, "the log and gcs-done differ");
        }
        assert_eq!(run.options["gc-cons-threshold"], "800000");
    }
    let page = std::fs::read(lab.path("session/index.html")).expect("a page");
    let again = lab.tenure(&["report", &lab.path("session"), "-o", &lab.path("again")]);
    assert!(again.status.success());
    assert!(
        page == std::fs::read(lab.path("again/index.html")).expect("a page"),
        "the same records give the same page"
    );
}

#[test]
fn an_interrupted_session_is_resumed() {
    let lab = Lab::new(&[("churn", CHURN, "99999")]);
    let whole = lab.bench(&["--invocations", "2", "--scale", "1", "--collector", "mark-sweep,no-gc"]);
    // What a kill in the middle of a write would have left.
    let path = lab.path("session/session.ndjson");
    let text = std::fs::read_to_string(&path).expect("a session");
    let lines: Vec<&str> = text.lines().collect();
    let cut = format!("{}\n{}\n{}", lines[0], lines[1], &lines[2][..lines[2].len() / 2]);
    std::fs::write(&path, cut).expect("written");
    let output = lab.tenure(&["bench", "--resume", &lab.path("session")]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let session = lab.session();
    let order = |session: &Session| {
        let key = |run: &tenure_record::Invocation| (run.order, run.collector.clone(), run.invocation);
        session.invocations.iter().map(key).collect::<Vec<_>>()
    };
    assert_eq!(order(&session), order(&whole));
    assert_eq!(session.resumed.len(), 1);
    assert_eq!(session.truncated, None);
}

#[test]
fn failures_are_records() {
    let lab = Lab::new(&[
        ("wrong", "(list scale)", "(2)"),
        ("broken", "(car scale)", "1"),
        ("endless", "(while t)", "1"),
        ("hungry", "(let ((l nil)) (while t (setq l (cons (make-string 1000 ?x) l))))", "1"),
    ]);
    let session = lab.bench(&[
        "--invocations",
        "1",
        "--scale",
        "1",
        "--collector",
        "mark-sweep",
        "--timeout",
        "10s",
        "--heap-limit",
        "64M",
    ]);
    let outcome = |name: &str| {
        let run = session.invocations.iter().find(|run| run.workload == name).expect("a record");
        run.outcome.clone()
    };
    assert_eq!(outcome("wrong"), Outcome::WrongResult { expected: "(2)".to_owned() });
    assert!(matches!(outcome("broken"), Outcome::Error { message } if message.contains("wrong-type-argument")));
    assert_eq!(outcome("endless"), Outcome::Timeout);
    assert_eq!(outcome("hungry"), Outcome::OutOfMemory);
    let page = std::fs::read_to_string(lab.path("session/index.html")).expect("a page");
    assert!(page.contains("out of memory"), "the page shows what failed");
}

#[test]
fn scales_and_invocations_fit_the_budget() {
    let lab = Lab::new(&[("churn", CHURN, "99999")]);
    let session = lab.bench(&["--collector", "mark-sweep", "--time-budget", "2s"]);
    let runs = session.invocations.len();
    assert!((3..=10).contains(&runs), "{runs} invocations");
    assert!(session.invocations.iter().all(|run| run.outcome.is_ok()));
}
