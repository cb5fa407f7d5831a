//! The command line in the manner of `emacs --batch`.
//!
//! Options are actions in order, done one by one while the rest is the value of `command-line-args-left`.  Those that
//! set up the process, [`Effect::Setup`] and the options of the heap, are taken out of the command line beforehand, as
//! Emacs does.  A long option has two dashes, may be shortened as far as it stays clear and may have its value behind
//! `=`; with one dash it must be whole.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use crate::fileio::{self, name_string};
use crate::form::{car_safe, cdr_safe, elements, symbol};
use crate::gc_log::GcLog;
use crate::state::{EvalMode, LispState};
use crate::{emacs, new_context, reader, repl};
use tenure_gc::{CallResult, Config, Context, NIL, OPTIONS, Object, PLANS, T};
use tenure_vm::handler::condition_case;
use tenure_vm::{eval, funcall, state::run_on_big_stack, sym};

/// Exit code for a command line that makes no sense.
const USAGE: i32 = 2;
/// Exit code after an error that nobody handled, Emacs's -1.
const UNCAUGHT: i32 = 255;

/// What an option does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Sets up the process; taken out before anything is done.
    Setup(Setup),
    /// Done in its turn.
    Act(Act),
    /// Known to Emacs's editor, and without effect here.
    Ignored,
    /// Likewise, and like Emacs we leave it out of `command-line-args`.
    Dropped,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Setup {
    Batch,
    Script,
    Version,
    Help,
    GcLog,
    EvalMode,
    Directory,
    /// A row of [`OPTIONS`].
    Heap(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Load,
    LoadScript,
    Funcall,
    Eval,
    AddToLoadPath,
    Kill,
}

/// A row of the table of options.
struct Row {
    /// The long name, without dashes; empty if there is none.
    long: &'static str,
    /// Other spellings, with their dash.
    short: &'static [&'static str],
    /// What its value is called; empty if it has none.
    value: &'static str,
    effect: Effect,
    doc: &'static str,
}

const fn row(
    long: &'static str,
    short: &'static [&'static str],
    value: &'static str,
    effect: Effect,
    doc: &'static str,
) -> Row {
    Row { long, short, value, effect, doc }
}

const fn ignored(long: &'static str, short: &'static [&'static str], value: &'static str) -> Row {
    row(long, short, value, Effect::Ignored, "")
}

const fn dropped(long: &'static str, short: &'static [&'static str], value: &'static str) -> Row {
    row(long, short, value, Effect::Dropped, "")
}

/// Emacs's options.
const ROWS: &[Row] = &[
    row("batch", &[], "", Effect::Setup(Setup::Batch), "Do what the other options say and exit"),
    row("directory", &["-L"], "DIR", Effect::Act(Act::AddToLoadPath), "Put DIR at the front of `load-path`"),
    row("load", &["-l"], "FILE", Effect::Act(Act::Load), "Load FILE, here or along `load-path`"),
    row("funcall", &["-f", "-e"], "FUNCTION", Effect::Act(Act::Funcall), "Call FUNCTION without arguments"),
    row("eval", &[], "FORM", Effect::Act(Act::Eval), "Evaluate FORM, under lexical binding"),
    row("execute", &[], "FORM", Effect::Act(Act::Eval), "The same"),
    row("script", &["-script"], "FILE", Effect::Setup(Setup::Script), "Run FILE as a script: --batch, and load it"),
    row("scriptload", &["-scriptload"], "FILE", Effect::Act(Act::LoadScript), "Load FILE, exactly that name"),
    row("kill", &[], "", Effect::Act(Act::Kill), "Exit"),
    row("chdir", &[], "DIR", Effect::Setup(Setup::Directory), "Work in the directory DIR"),
    row("version", &["-V"], "", Effect::Setup(Setup::Version), "Show the version and exit"),
    row("help", &["-h"], "", Effect::Setup(Setup::Help), "Show this text and exit"),
    row("gc-log", &[], "FILE", Effect::Setup(Setup::GcLog), "Write the collections to FILE, a line of JSON for each"),
    row(
        "eval-mode",
        &[],
        "MODE",
        Effect::Setup(Setup::EvalMode),
        "How source files run: interpreted, or compiled when they are loaded (the default)",
    ),
    dropped("quick", &["-Q"], ""),
    dropped("no-init-file", &["-q"], ""),
    dropped("no-site-file", &["-nsf"], ""),
    dropped("no-site-lisp", &["-nsl"], ""),
    ignored("no-splash", &[], ""),
    ignored("no-window-system", &["-nw"], ""),
    ignored("no-loadup", &["-nl"], ""),
    ignored("no-build-details", &[], ""),
    ignored("no-desktop", &[], ""),
    ignored("no-x-resources", &[], ""),
    ignored("no-blinking-cursor", &["-nbc"], ""),
    ignored("no-bitmap-icon", &["-nbi"], ""),
    dropped("debug-init", &[], ""),
    ignored("basic-display", &["-D"], ""),
    ignored("iconic", &[], ""),
    ignored("maximized", &["-mm"], ""),
    ignored("fullscreen", &["-fs"], ""),
    ignored("fullwidth", &["-fw"], ""),
    ignored("fullheight", &["-fh"], ""),
    ignored("reverse-video", &["-r", "-rv"], ""),
    ignored("vertical-scroll-bars", &["-vb"], ""),
    dropped("user", &["-u"], "USER"),
    ignored("insert", &[], "FILE"),
    ignored("file", &[], "FILE"),
    ignored("find-file", &[], "FILE"),
    ignored("visit", &[], "FILE"),
    ignored("terminal", &["-t"], "DEVICE"),
    ignored("display", &["-d"], "DISPLAY"),
    ignored("geometry", &["-g"], "GEOMETRY"),
    ignored("font", &["-fn"], "FONT"),
    ignored("background-color", &["-bg"], "COLOR"),
    ignored("foreground-color", &["-fg"], "COLOR"),
    ignored("border-color", &["-bd"], "COLOR"),
    ignored("border-width", &["-bw"], "WIDTH"),
    ignored("cursor-color", &["-cr"], "COLOR"),
    ignored("internal-border", &["-ib"], "WIDTH"),
    ignored("line-spacing", &["-lsp"], "PIXELS"),
    ignored("mouse-color", &["-ms"], "COLOR"),
    ignored("name", &[], "NAME"),
    ignored("title", &["-T"], "TITLE"),
    ignored("parent-id", &[], "ID"),
    ignored("xrm", &[], "RESOURCES"),
];

/// What an argument is.
enum Parsed {
    /// An option, and its value if that is in the argument.
    Option(Effect, bool, Option<Vec<u8>>),
    /// `--`.
    End,
    /// Not an option.
    Plain,
    Unknown,
    Ambiguous,
}

/// Take an argument as an option.
fn parse(argument: &[u8]) -> Parsed {
    if argument == b"--" {
        return Parsed::End;
    }
    if argument.len() < 2 || argument[0] != b'-' {
        return Parsed::Plain;
    }
    let found = |row: &Row, value| Parsed::Option(row.effect, !row.value.is_empty(), value);
    let Some(long) = argument.strip_prefix(b"--") else {
        let name = &argument[1..];
        let is_it = |row: &&Row| {
            !row.long.is_empty() && row.long.as_bytes() == name || row.short.iter().any(|s| s.as_bytes() == argument)
        };
        return ROWS.iter().find(is_it).map_or(Parsed::Unknown, |row| found(row, None));
    };
    let (name, value) = match memchr::memchr(b'=', long) {
        Some(i) => (&long[..i], Some(long[i + 1..].to_vec())),
        None => (long, None),
    };
    if let Some(row) = ROWS.iter().find(|row| row.long.as_bytes() == name) {
        return found(row, value);
    }
    if let Some(i) = OPTIONS.iter().position(|o| o.name.as_bytes() == name) {
        return Parsed::Option(Effect::Setup(Setup::Heap(i)), true, value);
    }
    let rows: Vec<&Row> = ROWS.iter().filter(|row| row.long.as_bytes().starts_with(name)).collect();
    match rows[..] {
        [row] => return found(row, value),
        [] => {}
        _ => return Parsed::Ambiguous,
    }
    // Ours come after Emacs's, so that what is clear to Emacs is clear here.
    let ours: Vec<usize> = (0..OPTIONS.len()).filter(|&i| OPTIONS[i].name.as_bytes().starts_with(name)).collect();
    match ours[..] {
        [i] => Parsed::Option(Effect::Setup(Setup::Heap(i)), true, value),
        [] => Parsed::Unknown,
        _ => Parsed::Ambiguous,
    }
}

/// A command line made ready.
struct CommandLine {
    config: Config,
    /// The program's name and what is left to be done, for `command-line-args`.
    whole: Vec<Vec<u8>>,
    /// What is left to be done, for `command-line-args-left`.
    left: Vec<Vec<u8>>,
    gc_log: Option<Vec<u8>>,
    eval_mode: EvalMode,
    batch: bool,
}

/// An early end: the text for standard output or error, and the exit code.
struct Early {
    text: String,
    code: i32,
}

fn usage(text: impl Into<String>) -> Early {
    Early { text: text.into(), code: USAGE }
}

/// Take the options out that set up the process.
fn prepare(args: Vec<OsString>) -> Result<CommandLine, Early> {
    let whole: Vec<Vec<u8>> = args.into_iter().map(OsString::into_vec).collect();
    let mut line = CommandLine {
        config: Config::default(),
        left: Vec::new(),
        gc_log: None,
        eval_mode: EvalMode::default(),
        batch: false,
        whole: Vec::new(),
    };
    let mut rest = whole.get(1..).unwrap_or_default().iter();
    while let Some(argument) = rest.next().cloned() {
        let Parsed::Option(effect, has_value, value) = parse(&argument) else {
            let end = matches!(parse(&argument), Parsed::End);
            line.left.push(argument);
            if end {
                line.left.extend(rest.by_ref().cloned());
            }
            continue;
        };
        if effect == Effect::Dropped {
            if has_value && value.is_none() {
                rest.next().ok_or_else(|| without_argument(whole.last(), 1))?;
            }
            continue;
        }
        let Effect::Setup(setup) = effect else {
            line.left.push(argument);
            if has_value && value.is_none() {
                line.left.push(rest.next().cloned().ok_or_else(|| without_argument(whole.last(), 1))?);
            }
            continue;
        };
        let value = match (has_value, value) {
            (true, None) if is_switch(setup) && rest.as_slice().first().is_none_or(|next| next.starts_with(b"-")) => {
                Some(b"1".to_vec())
            }
            (true, None) => Some(rest.next().cloned().ok_or_else(|| {
                let own = matches!(setup, Setup::Heap(_) | Setup::GcLog | Setup::EvalMode);
                without_argument(Some(&argument), if own { USAGE } else { 1 })
            })?),
            (_, value) => value,
        };
        let value = value.unwrap_or_default();
        match setup {
            Setup::Batch => line.batch = true,
            Setup::Script => {
                line.batch = true;
                line.left.extend([b"-scriptload".to_vec(), value]);
            }
            Setup::Version => return Err(Early { text: version(), code: 0 }),
            Setup::Help => return Err(Early { text: help(), code: 0 }),
            Setup::GcLog => line.gc_log = Some(value),
            Setup::EvalMode => {
                let name = lossy(&value);
                line.eval_mode = EvalMode::named(&name).ok_or_else(|| {
                    let names: Vec<_> = EvalMode::ALL.iter().map(|(name, _)| *name).collect();
                    usage(format!("tenure: --eval-mode: expected {}, found `{name}`", names.join(" or ")))
                })?;
            }
            Setup::Directory => std::env::set_current_dir(fileio::path(&value)).map_err(|reason| Early {
                text: format!("tenure: Can't chdir to {}: {reason}", lossy(&value)),
                code: 1,
            })?,
            Setup::Heap(i) => {
                let value = String::from_utf8_lossy(&value);
                line.config.set(OPTIONS[i].name, &value).map_err(|e| usage(format!("tenure: {e}")))?;
            }
        }
    }
    line.whole = whole.into_iter().take(1).chain(line.left.iter().cloned()).collect();
    Ok(line)
}

/// The end of a process whose last option lacks its argument.
fn without_argument(option: Option<&Vec<u8>>, code: i32) -> Early {
    let option = option.map_or_else(String::new, |option| lossy(option));
    Early { text: format!("tenure: Option '{option}' requires an argument"), code }
}

/// Whether an option of the heap may stand without its value, which is 1 then.
fn is_switch(setup: Setup) -> bool {
    matches!(setup, Setup::Heap(i) if OPTIONS[i].value == "BOOL" || OPTIONS[i].name == "stress")
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn version() -> String {
    format!(
        "tenure {} (follows GNU Emacs {})\nA runtime for Emacs Lisp with a choice of precise collectors.\n\
         The collector `malloc` calls the native allocator `{}`.\n",
        env!("CARGO_PKG_VERSION"),
        crate::EMACS_VERSION,
        tenure_gc::NATIVE_ALLOCATOR
    )
}

/// The text of `--help`.
fn help() -> String {
    let mut text = String::from(
        "Usage: tenure [OPTION | FILE]...\n\n\
         Runs Emacs Lisp, with the options of `emacs --batch`.  Options are actions and are\n\
         done in order; without any, expressions are read and evaluated one by one.\n\n\
         Actions and set-up:\n",
    );
    for row in ROWS.iter().filter(|row| row.effect != Effect::Ignored && row.long != "scriptload") {
        let short = row.short.iter().map(|s| format!("{s}, ")).collect::<String>();
        line(&mut text, &format!("{short}--{} {}", row.long, row.value), row.doc);
    }
    text.push_str("\nThe heap:\n");
    for option in &OPTIONS {
        line(&mut text, &format!("--{} {}", option.name, option.value), option.doc);
    }
    let names: Vec<_> = PLANS.iter().map(|plan| plan.name).collect();
    _ = write!(text, "\nCollectors: {}.\n", names.join(", "));
    text.push_str(
        "\nOptions of Emacs's editor, such as -Q or --no-splash, are accepted and do nothing.\n\
         What is not an option stays in `command-line-args-left`.\n\n\
         Examples:\n\
         \x20 tenure --batch --eval '(print (garbage-collect))'\n\
         \x20 tenure --batch -L lisp -l tests.el -f run-all-tests\n\
         \x20 tenure --collector semispace --gc-log gc.json --script program.el\n\n\
         An error that nobody handles ends the program with exit code 255.\n",
    );
    text
}

fn line(text: &mut String, option: &str, doc: &str) {
    let option = option.trim_end();
    _ = if option.len() > 28 {
        writeln!(text, "  {option}\n  {:28} {doc}", "")
    } else {
        writeln!(text, "  {option:28} {doc}")
    };
}

/// Run the program with its command line, the first word of which is its name; gives the exit code.
pub fn main(args: Vec<OsString>) -> i32 {
    let line = match prepare(args) {
        Ok(line) => line,
        Err(early) if early.code == 0 => {
            print(&early.text);
            return 0;
        }
        Err(early) => {
            eprintln!("{}", early.text.trim_end());
            return early.code;
        }
    };
    run_on_big_stack(move || run(line))
}

/// Write text to standard output, whose reader may be gone.
fn print(text: &str) {
    use std::io::Write as _;
    _ = std::io::stdout().write_all(text.as_bytes());
}

fn run(line: CommandLine) -> i32 {
    let interactive = line.left.is_empty() && !line.batch;
    let cx = &mut new_context(line.config);
    LispState::of(cx).eval_mode.set(line.eval_mode);
    if let Some(file) = line.gc_log {
        match GcLog::start(fileio::path(&file), cx.event_sink()) {
            Ok(log) => *LispState::of(cx).gc_log.borrow_mut() = Some(log),
            Err(reason) => {
                eprintln!("tenure: --gc-log: expected a file that can be written, found {}: {reason}", lossy(&file));
                return USAGE;
            }
        }
    }
    set_words(sym::COMMAND_LINE_ARGS, &line.whole, cx);
    set_words(sym::COMMAND_LINE_ARGS_LEFT, &line.left, cx);
    add_environment_path(cx);
    if interactive {
        repl::run(cx);
        emacs::exit(0, cx);
    }
    eval::debugger::exit_when_unhandled(cx);
    match condition_case(sym::ERROR, cx, do_actions) {
        Ok(Ok(_)) => emacs::exit(0, cx),
        // Only where a program wants no backtrace, or has its own debugger.
        Ok(Err(object)) => {
            let object = object.get(cx);
            emacs::tell(object, cx);
        }
        Err(_) => {}
    }
    emacs::exit(UNCAUGHT, cx)
}

/// `EMACSLOADPATH`: directories between colons; an empty one is the default path, which is empty.
fn add_environment_path(cx: &Context) {
    let Some(path) = std::env::var_os("EMACSLOADPATH") else { return };
    let directories: Vec<Object<'_>> = path
        .as_bytes()
        .split(|&b| b == b':')
        .filter(|d| !d.is_empty())
        .map(|d| name_string(&fileio::expand(d, &working_directory(cx)), cx))
        .collect();
    set_value(sym::LOAD_PATH, cx.list(&directories), cx);
}

fn set_words(variable: Object<'static>, words: &[Vec<u8>], cx: &Context) {
    let words: Vec<Object<'_>> = words.iter().map(|word| name_string(word, cx)).collect();
    set_value(variable, cx.list(&words), cx);
}

fn set_value(variable: Object<'static>, value: Object<'_>, cx: &Context) {
    if let Some(symbol) = variable.as_symbol() {
        symbol.set_value(value, cx);
    }
}

fn value<'ob>(variable: Object<'static>, cx: &'ob Context) -> Object<'ob> {
    tenure_vm::lread::setting(variable, cx)
}

fn working_directory(cx: &Context) -> Vec<u8> {
    let directory = tenure_vm::lread::setting_of(cx.intern("default-directory"), cx);
    directory.as_string().map_or_else(|| b"/".to_vec(), |s| s.bytes().to_vec())
}

/// Take the next word off `command-line-args-left`, which Lisp may have changed.
fn next_word(cx: &Context) -> Option<Vec<u8>> {
    let left = value(sym::COMMAND_LINE_ARGS_LEFT, cx);
    let word = car_safe(left).as_string()?.bytes().to_vec();
    set_value(sym::COMMAND_LINE_ARGS_LEFT, cdr_safe(left), cx);
    Some(word)
}

/// Do one action after the other.
fn do_actions(cx: &mut Context) -> CallResult {
    let mut added = 0;
    while let Some(argument) = next_word(cx) {
        let (effect, has_value, value) = match parse(&argument) {
            Parsed::Option(effect, has_value, value) => (effect, has_value, value),
            // Files to visit: there is no editor to visit them in.
            Parsed::Plain => continue,
            Parsed::End => break,
            Parsed::Unknown => return complain("Unknown option `%s'", &argument, cx),
            Parsed::Ambiguous => return complain("Option `%s' is ambiguous", &argument, cx),
        };
        let value = match (has_value, value) {
            (true, None) => match next_word(cx) {
                Some(value) => value,
                None => return complain("Option `%s' requires an argument", &argument, cx),
            },
            (true, Some(value)) => value,
            (false, Some(_)) => return complain("Option `%s' doesn't allow an argument", &argument, cx),
            (false, None) => Vec::new(),
        };
        match effect {
            Effect::Act(Act::AddToLoadPath) => {
                add_to_load_path(&value, added, cx);
                added += 1;
            }
            Effect::Act(act) => _ = perform(act, &value, cx)?.get(cx),
            Effect::Setup(_) | Effect::Ignored | Effect::Dropped => {}
        }
    }
    Ok(cx.ret(NIL))
}

/// `(error FORMAT ARGUMENT)`.
fn complain(format: &str, argument: &[u8], cx: &mut Context) -> CallResult {
    funcall!(cx, sym::ERROR, cx.string_from_str(format).into(), name_string(argument, cx))
}

/// Put a directory behind those that earlier options put at the front.
fn add_to_load_path(directory: &[u8], added: usize, cx: &Context) {
    let new = name_string(&fileio::expand(directory, &working_directory(cx)), cx);
    let mut path: Vec<Object<'_>> = elements(value(sym::LOAD_PATH, cx)).collect();
    path.insert(added.min(path.len()), new);
    set_value(sym::LOAD_PATH, cx.list(&path), cx);
}

fn perform(act: Act, value: &[u8], cx: &mut Context) -> CallResult {
    match act {
        Act::Load => {
            let here = fileio::expand(value, &working_directory(cx));
            let name = if fileio::path(&here).is_file() { &here } else { value };
            funcall!(cx, symbol("load", cx), name_string(name, cx), NIL, T)
        }
        Act::LoadScript => {
            let here = fileio::expand(value, &working_directory(cx));
            funcall!(cx, symbol("load", cx), name_string(&here, cx), NIL, T, T)
        }
        Act::Funcall => {
            let chars = tenure_vm::character::count(value);
            let name = cx.string(value, chars, chars != value.len()).into();
            let function = funcall!(cx, symbol("intern", cx), name)?.get(cx);
            funcall!(cx, function)
        }
        Act::Eval => {
            let scope = cx.scope();
            let form = reader::read_one(value, &mut 0, cx)?;
            let (form, lexical) = (scope.root(form), scope.root(T));
            eval::eval(form, lexical, cx)
        }
        Act::Kill => emacs::exit(0, cx),
        Act::AddToLoadPath => Ok(cx.ret(NIL)),
    }
}
