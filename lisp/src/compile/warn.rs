//! Warnings about a file that is compiled, in the words and the layout of Emacs 28.2.
//!
//! They are noted while the forms of the file are converted ([`super::check`]) and written to the standard error output,
//! a form at a time and in the order of their places, under a heading that names the definition.  Which are wanted is
//! said by `byte-compile-warnings`; `byte-compile-error-on-warn` makes the first an error.  Their places are those of
//! the symbols that they are about, which Emacs can only guess.

use super::toplevel;
use crate::form::{car_safe, cdr_safe, elements, symbol};
use crate::print::{output_to_stderr, print_to_text};
use crate::state::LispState;
use rustc_hash::{FxHashMap, FxHashSet};
use tenure_gc::{Context, Object, Throw};
use tenure_vm::character;
use tenure_vm::error::error;
use tenure_vm::sym;

/// What a message says that it is; Emacs breaks the lines of these alone.
const WARNING: &str = "Warning";

/// What a warning is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Callargs,
    Constants,
    Docstrings,
    FreeVars,
    InteractiveOnly,
    Lexical,
    MakeLocal,
    Mapcar,
    Obsolete,
    Redefine,
    Suspicious,
    Unresolved,
    /// Has no name, and is always given.
    Other,
}

impl Kind {
    /// What `byte-compile-warnings` calls it.
    fn name(self) -> &'static str {
        match self {
            Kind::Callargs => "callargs",
            Kind::Constants => "constants",
            Kind::Docstrings => "docstrings",
            Kind::FreeVars => "free-vars",
            Kind::InteractiveOnly => "interactive-only",
            Kind::Lexical => "lexical",
            Kind::MakeLocal => "make-local",
            Kind::Mapcar => "mapcar",
            Kind::Obsolete => "obsolete",
            Kind::Redefine => "redefine",
            Kind::Suspicious => "suspicious",
            Kind::Unresolved => "unresolved",
            Kind::Other => "",
        }
    }

    /// Whether `byte-compile-warnings` wants warnings of this kind.
    pub(super) fn is_wanted(self, cx: &Context) -> bool {
        let wanted = toplevel::value("byte-compile-warnings", cx);
        if self == Kind::Other || wanted.as_cons().is_none() {
            return !wanted.is_nil() || self == Kind::Other;
        }
        let name = symbol(self.name(), cx);
        if car_safe(wanted) == sym::NOT {
            return elements(cdr_safe(wanted)).all(|kind| kind != name);
        }
        elements(wanted).any(|kind| kind == name)
    }

    /// Whether one of the lists of `with-suppressed-warnings` names the kind, and the symbol.
    pub(super) fn is_suppressed(self, about: Object<'_>, lists: &[Object<'_>], cx: &Context) -> bool {
        let name = symbol(self.name(), cx);
        let mut entries = lists.iter().flat_map(|&list| elements(list));
        entries.any(|entry| car_safe(entry) == name && elements(cdr_safe(entry)).any(|s| s == about))
    }
}

/// How many arguments a function takes, at least and at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Signature {
    pub(super) least: usize,
    pub(super) most: Option<usize>,
}

impl Signature {
    pub(super) fn takes(self, n: usize) -> bool {
        n >= self.least && self.most.is_none_or(|most| n <= most)
    }

    /// As Emacs writes it: `2`, `1-3` or `1+`.
    pub(super) fn text(self) -> String {
        match self.most {
            None => format!("{}+", self.least),
            Some(most) if most == self.least => format!("{most}"),
            Some(most) => format!("{}-{most}", self.least),
        }
    }

    fn is_one(self) -> bool {
        self == Signature { least: 1, most: Some(1) }
    }
}

/// Calls of a function that is not known yet.
struct Called {
    name: String,
    place: usize,
    least: usize,
    most: usize,
    /// Whether it is only named.
    counted: bool,
}

/// A definition of the file.
struct Defined {
    signature: Option<Signature>,
    is_macro: bool,
}

struct Warning {
    place: usize,
    text: String,
}

/// What is known of the file being compiled.
#[derive(Default)]
pub(crate) struct Report {
    file: String,
    text: Vec<u8>,
    /// Where the form at the top begins.
    top: usize,
    /// Where the name that it defines is.
    defined_at: usize,
    /// What the form at the top defines.
    definition: Option<String>,
    /// The last heading.
    heading: Option<String>,
    headed: bool,
    defined: FxHashMap<String, Defined>,
    called: Vec<Called>,
    free: FxHashSet<String>,
    waiting: Vec<Warning>,
}

/// The name of a symbol.
pub(super) fn name(symbol: Object<'_>, cx: &Context) -> String {
    let bytes = symbol.as_symbol().map(|s| s.name(cx).bytes()).unwrap_or_default();
    String::from_utf8_lossy(bytes).into_owned()
}

/// A name between curved quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\u{2018}{name}\u{2019}")
}

/// The printed text of a form.
pub(super) fn printed(form: Object<'_>, cx: &Context) -> String {
    let text = print_to_text(form, true, cx).unwrap_or_else(|throw| {
        cx.caught(throw);
        Vec::new()
    });
    String::from_utf8_lossy(&text).into_owned()
}

/// Begin a file; gives what was known of another one.
pub(super) fn begin(file: &str, text: &[u8], cx: &Context) -> Option<Box<Report>> {
    let report = Report { file: file.to_owned(), text: text.to_vec(), ..Report::default() };
    LispState::of(cx).report.replace(Some(Box::new(report)))
}

/// End it.
pub(super) fn end(outer: Option<Box<Report>>, cx: &Context) {
    LispState::of(cx).report.replace(outer);
}

/// Do something with what is known of the file.
fn with<R>(cx: &Context, f: impl FnOnce(&mut Report) -> R) -> Option<R> {
    LispState::of(cx).report.borrow_mut().as_deref_mut().map(f)
}

/// A form at the top begins; the second place is that of the name that it defines, if it does.
pub(super) fn at_top(place: usize, defined_at: Option<usize>, cx: &Context) {
    with(cx, |report| (report.top, report.defined_at) = (place, defined_at.unwrap_or(place)));
}

/// What the present form defines, or nothing.
pub(super) fn define(name: Option<String>, cx: &Context) {
    with(cx, |report| report.definition = name);
}

/// Note a warning.
pub(super) fn note(place: Option<usize>, text: String, cx: &Context) {
    with(cx, |report| {
        let otherwise = if report.definition.is_some() { report.defined_at } else { report.top };
        report.waiting.push(Warning { place: place.unwrap_or(otherwise), text });
    });
}

/// Whether a free variable is met for the first time; it is known from then on.
pub(super) fn is_new_free(name: &str, assigned: bool, cx: &Context) -> bool {
    let key = format!("{}{name}", if assigned { '=' } else { '.' });
    with(cx, |report| report.free.insert(key)).unwrap_or(false)
}

/// How many arguments a function of the file takes, if the file defined it so far.
pub(super) fn signature(name: &str, cx: &Context) -> Option<Option<Signature>> {
    with(cx, |report| report.defined.get(name).filter(|defined| !defined.is_macro).map(|defined| defined.signature))?
}

/// Note a call of a function that is not known, or with no number of arguments, that it is named.
pub(super) fn note_call(name: String, arguments: Option<usize>, place: Option<usize>, cx: &Context) {
    with(cx, |report| {
        let place = place.unwrap_or(report.top);
        let n = arguments.unwrap_or(0);
        match report.called.iter_mut().find(|called| called.name == name) {
            Some(called) => {
                if arguments.is_some() {
                    let (least, most) = if called.counted { (called.least, called.most) } else { (n, n) };
                    (called.least, called.most, called.counted) = (least.min(n), most.max(n), true);
                }
            }
            None => report.called.push(Called { name, place, least: n, most: n, counted: arguments.is_some() }),
        }
    });
}

/// A function is defined elsewhere, or in a way that says nothing of its arguments.
pub(super) fn declare(name: String, signature: Option<Signature>, cx: &Context) {
    with(cx, |report| {
        report.called.retain(|called| called.name != name);
        report.defined.insert(name, Defined { signature, is_macro: false });
    });
}

/// Note a definition of the file; says what does not fit what was known before.
pub(super) fn note_definition(name: String, signature: Option<Signature>, is_macro: bool, cx: &Context) {
    let mut said = Vec::new();
    with(cx, |report| {
        let what = if is_macro { "macro" } else { "function" };
        if let Some(before) = report.defined.get(&name) {
            if let (Some(old), Some(new)) = (before.signature, signature)
                && old != new
            {
                let arguments = if old.is_one() { "argument" } else { "arguments" };
                let (old, new) = (old.text(), new.text());
                said.push((Kind::Redefine, format!("{what} {name} used to take {old} {arguments}, now takes {new}")));
            }
            said.push((Kind::Redefine, format!("{what} {} defined multiple times in this file", quoted(&name))));
        }
        if let Some(i) = report.called.iter().position(|called| called.name == name) {
            let called = report.called.remove(i);
            if is_macro {
                said.push((Kind::Other, format!("macro {} defined too late", quoted(&name))));
            }
            if let Some(signature) =
                signature.filter(|s| called.counted && !(s.takes(called.least) && s.takes(called.most)))
            {
                let arguments = if signature.is_one() { "arg" } else { "args" };
                let before = Signature { least: called.least, most: Some(called.most) }.text();
                said.push((
                    Kind::Callargs,
                    format!(
                        "{name} being defined to take {} {arguments}, but was previously called with {before}",
                        signature.text()
                    ),
                ));
            }
        }
        report.defined.insert(name, Defined { signature, is_macro });
    });
    for (kind, text) in said {
        if kind.is_wanted(cx) {
            note(None, text, cx);
        }
    }
}

/// Write what is waiting.
pub(super) fn flush(cx: &Context) -> Result<(), Throw> {
    let waiting = with(cx, |report| {
        let mut waiting = std::mem::take(&mut report.waiting);
        waiting.sort_by_key(|warning| warning.place);
        waiting
    });
    let strict = !toplevel::value("byte-compile-error-on-warn", cx).is_nil();
    for warning in waiting.unwrap_or_default() {
        if strict {
            // The error is shown where the compilation of the file ends.
            with(cx, |report| report.top = warning.place);
            return Err(error(&warning.text, cx));
        }
        show(Some(warning.place), WARNING, &warning.text, cx);
    }
    Ok(())
}

/// Show an error, at the form at the top.
pub(super) fn show_error(text: &str, cx: &Context) {
    show(None, "Error", text, cx);
}

/// The functions that were called and that nobody defined.
pub(super) fn end_of_data(cx: &Context) -> Result<(), Throw> {
    if !Kind::Unresolved.is_wanted(cx) {
        return Ok(());
    }
    let called = with(cx, |report| std::mem::take(&mut report.called)).unwrap_or_default();
    let unknown = called
        .into_iter()
        .rev()
        .filter(|called| symbol(&called.name, cx).as_symbol().is_none_or(|name| name.function(cx).is_nil()));
    define(Some("end of data".to_owned()), cx);
    for called in unknown {
        note(Some(called.place), format!("the function {} is not known to be defined.", quoted(&called.name)), cx);
        flush(cx)?;
    }
    Ok(())
}

fn show(place: Option<usize>, level: &str, text: &str, cx: &Context) {
    let text = with(cx, |report| {
        let mut out = String::new();
        let changed = report.definition.is_some() && report.definition != report.heading;
        if !report.headed || changed {
            let heading = report.definition.as_deref().unwrap_or("toplevel form");
            out += &format!("\nIn {heading}:\n");
            report.headed = true;
            report.heading.clone_from(&report.definition);
        }
        let (line, column) = report.position(place.unwrap_or(report.top));
        let line = format!("{}:{line}:{column}: {level}: {text}", report.file);
        out += &if level == WARNING { filled(&line) } else { line };
        out.push('\n');
        out
    });
    output_to_stderr(straightened(text.unwrap_or_default(), cx).as_bytes());
}

/// The text with the quotes of `text-quoting-style`.
fn straightened(text: String, cx: &Context) -> String {
    let style = tenure_vm::lread::setting(sym::TEXT_QUOTING_STYLE, cx);
    match style {
        _ if style == sym::GRAVE => text.replace('\u{2018}', "`").replace('\u{2019}', "'"),
        _ if style == sym::STRAIGHT => text.replace(['\u{2018}', '\u{2019}'], "'"),
        _ => text,
    }
}

impl Report {
    /// Line and column, both from 1.
    fn position(&self, place: usize) -> (usize, usize) {
        let before = &self.text[..place.min(self.text.len())];
        let start = memchr::memrchr(b'\n', before).map_or(0, |i| i + 1);
        (1 + memchr::memchr_iter(b'\n', before).count(), 1 + character::count(&before[start..]))
    }
}

/// A message in lines of at most so many columns.
fn filled(text: &str) -> String {
    const WIDTH: usize = 78;
    const INDENT: &str = "    ";
    let (mut out, mut column) = (String::new(), 0);
    for word in text.split_ascii_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > WIDTH {
            out += "\n";
            out += INDENT;
            column = INDENT.len();
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out += word;
        column += width;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_messages_are_broken_between_words() {
        let text = "a.el:12:8: Warning: f2 being defined to take 1 arg, but was previously called with 3";
        let expected = "a.el:12:8: Warning: f2 being defined to take 1 arg, but was previously called\n    with 3";
        assert_eq!(filled(text), expected);
        assert_eq!(filled("a.el:1:1: Warning: short"), "a.el:1:1: Warning: short");
    }

    #[test]
    fn signatures() {
        for (least, most, text) in [(1, Some(1), "1"), (1, Some(3), "1-3"), (0, None, "0+")] {
            assert_eq!(Signature { least, most }.text(), text);
        }
    }
}
