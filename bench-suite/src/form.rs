//! The Lisp form that a child runs: it runs a workload between two readings of the clock and prints one line about it.
//!
//! The form uses what every Emacs has, so that the same text runs here and in GNU Emacs.
//! A collection comes first, which leaves out the garbage of loading and marks the beginning in the log of pauses, and one comes last, which tells what is live at the end; both are outside of the measured region.
//! GNU Emacs keeps no log of pauses, so for it a function on `post-gc-hook` notes the time and `gc-elapsed`; the hook runs before Emacs adds its own collection, so the differences are shifted by one ([`Report::pauses`]).

use std::time::Duration;

/// What a child's line begins with.
const MARK: &str = "tenure-run\t";

/// The form for a workload at a scale; `log_pauses` where the runtime has no log of its own.
#[must_use]
pub fn form(workload: &str, scale: u64, log_pauses: bool) -> String {
    let hook = if log_pauses {
        "(add-hook 'post-gc-hook (lambda () (setq tenure-run-pauses (cons (cons (float-time) gc-elapsed) tenure-run-pauses))))"
    } else {
        ""
    };
    format!(
        r#"(progn
  (defvar tenure-run-pauses nil)
  (let* ((rows (garbage-collect))
         (begin (progn {hook} (memory-use-counts)))
         (gcs gcs-done)
         (elapsed gc-elapsed)
         (start (float-time))
         (result (condition-case nil (list (tenure-{workload}-entry {scale})) (memory-full nil)))
         (end (float-time))
         (counts (memory-use-counts))
         (gcs-end gcs-done)
         (elapsed-end gc-elapsed)
         (pauses tenure-run-pauses)
         (expected (assq {scale} tenure-{workload}-expected))
         (names '(conses floats vector-slots symbols string-bytes intervals strings))
         (allocated 0)
         (live 0)
         (row nil))
    (while (and names allocated)
      (setq row (assq (car names) rows))
      (setq allocated (and row (+ allocated (* (nth 1 row) (- (car counts) (car begin))))))
      (setq names (cdr names) counts (cdr counts) begin (cdr begin)))
    (setq rows (garbage-collect))
    (while rows
      (setq live (+ live (* (nth 1 (car rows)) (nth 2 (car rows)))))
      (setq rows (cdr rows)))
    (princ "{MARK}")
    (let ((fields (list (cond ((null result) 'memory-full)
                              ((null expected) 'unchecked)
                              ((equal (car result) (cdr expected)) 'right)
                              (t 'wrong))
                        start (- end start) (- gcs-end gcs)
                        allocated (and (> gcs-done gcs-end) live)
                        elapsed elapsed-end pauses (cdr expected) (car result)))
          (print-escape-newlines t))
      (while fields
        (prin1 (car fields))
        (princ (if (cdr fields) "\t" "\n"))
        (setq fields (cdr fields))))))"#
    )
}

/// How the workload's result compares with the one it must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The one.
    Right,
    /// Another one.
    Wrong,
    /// The workload doesn't know the result at this scale.
    Unchecked,
    /// The heap was full before there was one.
    MemoryFull,
}

/// What a child's line says.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// About the result.
    pub verdict: Verdict,
    /// When the measured region began, since the epoch.
    pub start: Duration,
    /// How long it lasted.
    pub wall: Duration,
    /// Collections within it.
    pub gc_count: u64,
    /// Time in collections of the process before it began, and when it ended.
    pub gc_elapsed: [Duration; 2],
    /// Bytes allocated within it, by `memory-use-counts`.
    pub allocated: Option<u64>,
    /// Bytes live after a last collection, by `garbage-collect`.
    pub live: Option<u64>,
    /// Start (since the epoch) and length of each collection that `post-gc-hook` saw, in order.
    pub pauses: Vec<(Duration, Duration)>,
    /// The result it must have, printed.
    pub expected: String,
    /// The result, printed; it comes last, since it may hold a tab.
    pub result: String,
}

impl Report {
    /// Finds and reads the line in what a child printed.
    ///
    /// # Errors
    ///
    /// If there is none, or if it isn't of the form that [`form`] prints; the text says what was expected and found.
    pub fn parse(output: &str) -> Result<Self, String> {
        let line = output
            .lines()
            .find_map(|line| line.strip_prefix(MARK))
            .ok_or_else(|| format!("expected a line that begins with {MARK:?}, found none"))?;
        let fields: Vec<&str> = line.splitn(11, '\t').collect();
        let [verdict, start, wall, count, allocated, live, before, after, pauses, expected, result] = fields[..] else {
            return Err(format!("expected 11 fields in the line of a run, found {}", fields.len()));
        };
        let verdict = match verdict {
            "right" => Verdict::Right,
            "wrong" => Verdict::Wrong,
            "unchecked" => Verdict::Unchecked,
            "memory-full" => Verdict::MemoryFull,
            other => return Err(format!("expected right, wrong, unchecked or memory-full, found {other:?}")),
        };
        let gc_elapsed = [seconds(before)?, seconds(after)?];
        Ok(Self {
            verdict,
            start: seconds(start)?,
            wall: seconds(wall)?,
            gc_count: whole(count)?,
            gc_elapsed,
            allocated: optional(allocated)?,
            live: optional(live)?,
            pauses: hook_pauses(pauses, gc_elapsed)?,
            expected: expected.to_owned(),
            result: result.to_owned(),
        })
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| format!("expected seconds, found {text:?}"))?;
    // A clock that was set back gives a negative difference of next to nothing.
    Duration::try_from_secs_f64(number.max(0.0)).map_err(|_| format!("expected seconds, found {text:?}"))
}

fn whole(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a count, found {text:?}"))
}

fn optional(text: &str) -> Result<Option<u64>, String> {
    if text == "nil" { Ok(None) } else { whole(text).map(Some) }
}

/// Reads `((TIME . ELAPSED) ...)`, newest first, where ELAPSED lacks the collection that TIME ends.
fn hook_pauses(text: &str, [before, after]: [Duration; 2]) -> Result<Vec<(Duration, Duration)>, String> {
    if text == "nil" {
        return Ok(Vec::new());
    }
    let numbers: Vec<Duration> = text
        .split(['(', ')', ' '])
        .filter(|word| !word.is_empty() && *word != ".")
        .map(seconds)
        .collect::<Result<_, _>>()?;
    let mut times: Vec<(Duration, Duration)> = numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    times.reverse();
    let ends = times.iter().skip(1).map(|&(_, elapsed)| elapsed).chain(std::iter::once(after));
    let pauses = times.iter().zip(ends).map(|(&(time, elapsed), end)| {
        let length = end.saturating_sub(elapsed.max(before));
        (time.saturating_sub(length), length)
    });
    Ok(pauses.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_form() {
        let output = "Loading...\ntenure-run\tright\t100.5\t0.25\t2\t4096\tnil\t1.0\t1.03\t\
            ((100.7 . 1.01) (100.6 . 1.0))\t(1)\t(1 \"a\tb\")\n";
        let report = Report::parse(output).expect("well formed");
        assert_eq!((report.expected.as_str(), report.result.as_str()), ("(1)", "(1 \"a\tb\")"));
        assert_eq!(report.verdict, Verdict::Right);
        assert_eq!(report.wall, Duration::from_millis(250));
        assert_eq!((report.gc_count, report.allocated, report.live), (2, Some(4096), None));
        let millis: Vec<_> =
            report.pauses.iter().map(|(start, length)| (start.as_millis(), length.as_millis())).collect();
        assert_eq!(millis, [(100_590, 10), (100_680, 20)]);
    }

    #[test]
    fn what_is_no_line_is_said() {
        assert!(Report::parse("").expect_err("no line").contains("found none"));
        assert!(Report::parse("tenure-run\tright\t1").expect_err("short").contains("found 2"));
    }
}
