//! One child process with a time limit, and what the system says it used.
//!
//! The child's processor time and peak memory come from `wait4(2)`, which counts this child alone; the limit is kept by polling its pidfd, so no thread runs beside it and no process identifier can be taken for another's.
//! Both calls come from crates (`wait4`, `rustix`) because this crate forbids `unsafe`.
//! Output goes to files and is read afterwards: a pipe that nobody empties would stop the child.
//!
//! Limits: `wait4` counts the pages of the parent that the child had before it became another program, so a peak that is not above this process's own is not known.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use rustix::time::Timespec;
use wait4::Wait4 as _;

/// A process that has ended.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// Whether the limit ended it.
    pub timed_out: bool,
    /// When it was started.
    pub started: SystemTime,
    /// From its start to its end.
    pub wall: Duration,
    /// Processor time in user mode.
    pub user: Duration,
    /// Processor time in the kernel.
    pub sys: Duration,
    /// Peak resident set in bytes, where it can be told from that of this process.
    pub peak_rss: Option<u64>,
    /// What it printed.
    pub stdout: String,
    /// What it complained about.
    pub stderr: String,
}

/// Runs a command to its end, or to the limit; its output passes through two files in `scratch`.
///
/// # Errors
///
/// If it can't be started or waited for, or if the files can't be written or read.
pub fn run(command: &mut Command, limit: Duration, scratch: &Path) -> io::Result<Finished> {
    let (out, err) = (scratch.join("stdout"), scratch.join("stderr"));
    command.stdin(Stdio::null()).stdout(File::create(&out)?).stderr(File::create(&err)?);
    forget_own_peak();
    let floor = own_peak().unwrap_or(u64::MAX);
    let started = SystemTime::now();
    let clock = Instant::now();
    let child = command
        .spawn()
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", command.get_program().display())))?;
    let pidfd = pidfd_open(Pid::from_child(&child), PidfdFlags::empty())?;
    let timed_out = !ends_within(&pidfd, limit, clock)?;
    if timed_out {
        pidfd_send_signal(&pidfd, Signal::KILL)?;
    }
    let usage = child.wait4()?;
    let wall = clock.elapsed();
    let text = |path: &Path| Ok::<_, io::Error>(String::from_utf8_lossy(&std::fs::read(path)?).into_owned());
    Ok(Finished {
        status: usage.status,
        timed_out,
        started,
        wall,
        user: usage.rusage.utime,
        sys: usage.rusage.stime,
        peak_rss: Some(usage.rusage.maxrss).filter(|&peak| peak > floor),
        stdout: text(&out)?,
        stderr: text(&err)?,
    })
}

fn ends_within(pidfd: &impl std::os::fd::AsFd, limit: Duration, clock: Instant) -> io::Result<bool> {
    loop {
        let left = limit.saturating_sub(clock.elapsed());
        let timeout = Timespec::try_from(left).ok();
        match poll(&mut [PollFd::new(pidfd, PollFlags::IN)], timeout.as_ref()) {
            Ok(0) if clock.elapsed() >= limit => return Ok(false),
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(true),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Makes the kernel forget this process's peak memory, so that the floor of a child's is what this process has now.
/// Where it may not be written, the floor is the true peak, which is correct and coarser.
fn forget_own_peak() {
    drop(std::fs::write("/proc/self/clear_refs", "5"));
}

/// Peak resident set of this process in bytes.
fn own_peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> Finished {
        let scratch = tempfile::tempdir().expect("a directory for the test");
        run(Command::new("sh").args(["-c", script]), limit, scratch.path()).expect("sh runs")
    }

    #[test]
    fn output_and_status_are_kept() {
        let finished = shell("echo out; echo err >&2; exit 3", Duration::from_secs(60));
        assert_eq!(finished.status.code(), Some(3));
        assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("out\n", "err\n"));
        assert!(!finished.timed_out);
    }

    #[test]
    fn much_output_does_not_block() {
        let finished = shell("head -c 1000000 /dev/zero | tr '\\0' x", Duration::from_secs(60));
        assert_eq!(finished.stdout.len(), 1_000_000);
    }

    #[test]
    fn the_limit_ends_it() {
        let finished = shell("exec sleep 600", Duration::from_millis(50));
        assert!(finished.timed_out);
        assert!(!finished.status.success());
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let scratch = tempfile::tempdir().expect("a directory for the test");
        let error = run(&mut Command::new("no-such-program-of-tenure"), Duration::from_secs(1), scratch.path())
            .expect_err("it is not there");
        assert!(error.to_string().contains("no-such-program-of-tenure"), "{error}");
    }
}
