//! How far a session is: a bar on a terminal, a plain line for each process elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tenure_record::{Invocation, Outcome};

/// Shows how far a session is, on standard error.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    plain: bool,
    total: u64,
    done: u64,
}

impl Progress {
    /// For so many processes.
    #[must_use]
    pub fn new(total: u64) -> Self {
        use std::io::IsTerminal as _;
        let plain = !std::io::stderr().is_terminal();
        let target = if plain { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len}  {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(total), target).with_style(style);
        Self { bar, plain, total, done: 0 }
    }

    /// Another process has ended.
    pub fn finished(&mut self, label: &str, record: &Invocation, left: Duration) {
        self.done += 1;
        let left = format!("{} left", rough(left));
        if self.plain {
            eprintln!("[{}/{}] {} {label}: {}; {left}", self.done, self.total, record.workload, result(record));
            return;
        }
        if !record.outcome.is_ok() {
            self.bar.println(format!("{} {label}: {}", record.workload, result(record)));
        }
        self.bar.set_message(format!("{left}  {} {label}", record.workload));
        self.bar.set_position(self.done);
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn result(record: &Invocation) -> String {
    match (&record.outcome, record.wall_ns) {
        (Outcome::Ok, Some(wall)) => {
            format!("{:.3} s, {} collections", wall as f64 / 1e9, record.gc_count.unwrap_or_default())
        }
        (Outcome::Error { message }, _) => format!("error: {message}"),
        (outcome, _) => outcome.label().to_owned(),
    }
}

/// A duration as people say it.
fn rough(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().round();
    if seconds < 90.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rough_durations() {
        let texts = [0, 89, 90, 600].map(|seconds| rough(Duration::from_secs(seconds)));
        assert_eq!(texts, ["0 s", "89 s", "2 min", "10 min"]);
    }

    #[test]
    fn what_is_said_of_a_process() {
        let mut record = Invocation { wall_ns: Some(1_500_000_000), gc_count: Some(3), ..Invocation::default() };
        assert_eq!(result(&record), "1.500 s, 3 collections");
        record.outcome = Outcome::OutOfMemory;
        assert_eq!(result(&record), "out of memory");
    }
}
