//! A GNU Emacs that is kept running and answers forms, one a line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The Emacs whose behaviour is wanted.
const VERSION: &str = "GNU Emacs 28.2";
/// An answer that is not there by then is none: an endless loop of Emacs's shall not become one of the test.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running Emacs.
pub struct Emacs {
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
}

impl Emacs {
    /// Start Emacs with the driver, or `None`, saying so, where there is no Emacs 28.2.  Continuous integration has one.
    pub fn start() -> Option<Emacs> {
        let version = Command::new("emacs").arg("--version").output();
        if !version.is_ok_and(|v| v.stdout.starts_with(VERSION.as_bytes())) {
            assert!(std::env::var_os("CI").is_none(), "{VERSION} is not installed");
            eprintln!("skipped: {VERSION} is not installed");
            return None;
        }
        Some(Emacs::launch())
    }

    fn launch() -> Emacs {
        let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/driver.el");
        let mut child = Command::new("emacs")
            .args(["--batch", "-Q", "-l"])
            .arg(driver)
            .args(["--eval", "(diff-loop)"])
            .envs([("TZ", "UTC0"), ("LC_ALL", "C.UTF-8")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Emacs starts");
        let (input, output) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    break;
                }
            }
        });
        Emacs { child, input, answers }
    }

    /// What a form, a line of ASCII, gives.  An Emacs that does not answer is replaced.
    pub fn ask(&mut self, form: &str) -> Result<String, String> {
        assert!(form.bytes().all(|b| (b' '..=b'~').contains(&b)), "a form is a line of ASCII: {form}");
        let sent = writeln!(self.input, "{form}").map_err(|e| format!("Emacs takes no form: {e}"));
        let answer =
            sent.and_then(|()| self.answers.recv_timeout(PATIENCE).map_err(|e| format!("no answer of Emacs: {e}")));
        if answer.is_err() {
            eprintln!("no answer: {form}");
            *self = Emacs::launch();
        }
        answer
    }
}

impl Drop for Emacs {
    fn drop(&mut self) {
        // It may be in an endless loop, and it may be gone.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
