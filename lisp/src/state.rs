//! What the language keeps beside the machine: one [`LispState`] a context, attached as its extension 1.

use std::cell::{Cell, RefCell};

use crate::gc_log::GcLog;
use tenure_gc::Context;

/// The slot of the context's extensions where the language's state is; slot 0 is the machine's.
pub(crate) const EXTENSION: usize = 1;

/// How the code of source files runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum EvalMode {
    /// The evaluator walks the forms, as in Emacs.
    #[default]
    Interpreted,
    /// Each form is compiled when its file is loaded.
    Compiled,
}

impl EvalMode {
    /// The modes and their names.
    pub const ALL: &[(&str, EvalMode)] = &[("interpreted", EvalMode::Interpreted), ("compiled", EvalMode::Compiled)];

    /// The name of the mode.
    #[must_use]
    pub fn name(self) -> &'static str {
        EvalMode::ALL.iter().find(|(_, mode)| *mode == self).map_or("", |&(name, _)| name)
    }

    /// The mode of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<EvalMode> {
        EvalMode::ALL.iter().find(|(known, _)| *known == name).map(|&(_, mode)| mode)
    }
}

/// The language's state.
#[derive(Default)]
pub(crate) struct LispState {
    /// The files that are being loaded, innermost last.
    pub(crate) loading: RefCell<Vec<Vec<u8>>>,
    /// Where the last text that could not be read is: file, line and column.
    pub(crate) misread: RefCell<Option<String>>,
    /// The local time zone, if the program chose one.
    pub(crate) zone: RefCell<Option<crate::timefns::Zone>>,
    /// Whether the last character that was printed to the standard output ended a line.
    pub(crate) line_ended: Cell<bool>,
    /// Whether anything was printed to the standard output since the last message.
    pub(crate) printed: Cell<bool>,
    /// The backtrace that is being collected.
    pub(crate) backtrace: RefCell<crate::emacs::Backtrace>,
    /// What the last search for a regular expression found.
    pub(crate) match_data: RefCell<crate::search::MatchData>,
    /// Where searches keep what is left to try.
    pub(crate) scratch: RefCell<crate::regex::Scratch>,
    /// Patterns that were compiled, the last used first.
    pub(crate) patterns: RefCell<Vec<crate::search::Compiled>>,
    /// Where `redirect-debugging-output` has text written.
    pub(crate) debugging_output: RefCell<Option<std::fs::File>>,
    /// The log of collections, to be ended when the program exits.
    pub(crate) gc_log: RefCell<Option<GcLog>>,
    /// What is known of the file that is being compiled, for warnings.
    pub(crate) report: RefCell<Option<Box<crate::compile::Report>>>,
    /// The coding systems, once one is asked for.
    pub(crate) coding: std::cell::OnceCell<crate::coding::Registry>,
    /// How the files that are loaded run.
    pub(crate) eval_mode: Cell<EvalMode>,
}

impl LispState {
    /// The state of a context.
    pub(crate) fn of(cx: &Context) -> &LispState {
        cx.extension(EXTENSION)
    }
}
