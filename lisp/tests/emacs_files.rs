//! Byte-code files of an installed GNU Emacs, unmodified: they load, and their functions give what they give there.
//!
//! Where they `require` something, they get it from the embedded library, as no directory of Emacs's is in `load-path`;
//! those that need buffers or keymaps are not in the table.

#[path = "differential/driver.rs"]
mod driver;
#[path = "differential/emacs.rs"]
mod emacs;

use driver::{DRIVER, answer, load_text};
use emacs::Emacs;
use tenure_gc::Config;
use tenure_vm::state;

const FILES: &str = include_str!("emacs_files.tsv");

/// A form that loads files below `directory` and evaluates another.
fn question(directory: &str, files: &str, form: &str) -> String {
    let loads: String = files.split(' ').map(|file| format!("(load \"{directory}{file}.elc\" nil t)")).collect();
    format!("(progn (require 'cl-lib) (require 'seq) {loads} (eval '{form} t))")
}

#[test]
fn files_of_emacs_do_here_what_they_do_there() {
    let Some(mut emacs) = Emacs::start() else { return };
    let directory = emacs.ask("(file-name-directory (locate-library \"version\"))").expect("an answer");
    let directory = directory.split('"').nth(1).expect("a name").to_owned();
    state::run_on_big_stack(move || {
        let mut rows = 0;
        for row in FILES.lines().filter(|row| !row.starts_with('#')) {
            let (files, form) = row.split_once('\t').expect("files and a form");
            let question = question(&directory, files, form);
            let there = emacs.ask(&question).expect("an answer");
            let cx = &mut tenure_lisp::new_context(Config::default());
            load_text(DRIVER, cx);
            assert_eq!(answer(&question, cx), there, "{files}");
            assert!(there.starts_with("(value "), "{files}: {there}");
            rows += 1;
        }
        assert!(rows >= 40, "{rows}");
    });
}
