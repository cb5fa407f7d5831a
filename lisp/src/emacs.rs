//! The process as Lisp sees it (`emacs.c`): its end, its name, and the report of an error that nobody handles.

use std::io::Write as _;

use crate::form::{car_safe, cdr_safe, symbol};
use crate::state::LispState;
use tenure_gc::{CallResult, Context, NIL, Object, Root, Slots, SubrInfo, T};
use tenure_vm::handler::{self, catch_all};
use tenure_vm::specpdl::{mark, unbind_to};
use tenure_vm::{defun, funcall, specbind, subrs, sym};

/// Run `kill-emacs-hook`, end the log of collections and leave with `code`.
pub(crate) fn exit(code: i32, cx: &mut Context) -> ! {
    // An error in the hook does not keep the program from ending.
    if let Err((_, ret)) = catch_all(cx, |cx| funcall!(cx, symbol("run-hooks", cx), sym::KILL_EMACS_HOOK)) {
        let scope = cx.scope();
        let object = scope.root(ret.get(cx));
        let text = describe(object, cx);
        report(&format!("Error in kill-emacs-hook: {text}"));
    }
    finish(cx);
    std::process::exit(code)
}

/// Write what is still to be written.
fn finish(cx: &Context) {
    // A reader of our output that is gone is no error of ours.
    _ = std::io::stdout().flush();
    let log = LispState::of(cx).gc_log.borrow_mut().take();
    if let Some(Err(reason)) = log.map(crate::gc_log::GcLog::finish) {
        eprintln!("tenure: --gc-log: cannot write: {reason}");
    }
}

/// Exit the program.  ARG is the exit code; anything but an integer is 0.
#[defun(min = 0)]
fn kill_emacs(arg: Root<'_>, cx: &mut Context) -> CallResult {
    let code = arg.get(cx).as_fixnum().map_or(0, |n| (n & 0xff) as i32);
    exit(code, cx)
}

/// Return the number of this process.
#[defun]
fn emacs_pid() -> i64 {
    i64::from(std::process::id())
}

/// Return the name of this machine.
#[defun]
fn system_name<'ob>(cx: &'ob Context) -> Object<'ob> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    cx.string_from_str(name.trim_end()).into()
}

/// A value as the printer shows it.
fn describe(object: Root<'_>, cx: &mut Context) -> String {
    match catch_all(cx, |cx| funcall!(cx, symbol("prin1-to-string", cx), object.get(cx))) {
        Ok(ret) => {
            ret.get(cx).as_string().map_or_else(String::new, |s| String::from_utf8_lossy(s.bytes()).into_owned())
        }
        Err(_) => "(an object that cannot be printed)".to_owned(),
    }
}

/// Write the words for an error that nobody handled.
pub(crate) fn tell(error: Object<'_>, cx: &Context) {
    // What was printed before comes first.
    _ = std::io::stdout().flush();
    begin_line(cx);
    match crate::print::error_message(error, cx) {
        Ok(text) => report(&String::from_utf8_lossy(&tenure_vm::string::as_unibyte(&text))),
        Err(throw) => _ = cx.caught(throw),
    }
}

/// Write a line to standard error, which may be closed.
fn report(line: &str) {
    _ = writeln!(std::io::stderr(), "{line}");
}

/// The lines of a backtrace that are shown: the first and the last, where there are too many.
#[derive(Default)]
pub(crate) struct Backtrace {
    first: Vec<String>,
    last: std::collections::VecDeque<String>,
    half: usize,
    left_out: bool,
}

impl Backtrace {
    /// A backtrace of at most `lines` lines.
    fn of_lines(lines: usize) -> Backtrace {
        Backtrace { half: lines / 2, ..Backtrace::default() }
    }

    fn push(&mut self, line: String) {
        if self.first.len() < self.half {
            self.first.push(line);
            return;
        }
        self.last.push_back(line);
        if self.last.len() > self.half {
            self.last.pop_front();
            self.left_out = true;
        }
    }

    fn report(&self) {
        self.first.iter().for_each(|line| report(line));
        if self.left_out {
            report("...");
        }
        self.last.iter().for_each(|line| report(line));
        report("");
    }
}

/// How many lines of a backtrace are shown: `debugger-batch-max-lines` if a program has set it.
fn backtrace_lines(cx: &Context) -> usize {
    let chosen = cx.intern("debugger-batch-max-lines").value(cx).as_fixnum();
    chosen.map_or(40, |lines| lines.clamp(2, 1 << 20) as usize)
}

/// What the printer is told while a backtrace is made: everything of it stays on its line.
const BACKTRACE_BINDINGS: [&str; 2] = ["print-escape-newlines", "print-escape-control-characters"];

/// Tell of an error that nobody handles, with the calls in progress.  ARGS are `error` and the error object.
#[defun(min = 0)]
fn debug_early(kind: Root<'_>, object: Root<'_>, cx: &mut Context) -> CallResult {
    // What was printed before comes first.
    _ = std::io::stdout().flush();
    let start = mark(cx);
    for variable in BACKTRACE_BINDINGS {
        specbind!(cx, symbol(variable, cx), T)?;
    }
    let done = collect_backtrace(kind, object, cx).map_err(|throw| handler::raise(throw, cx));
    let done = unbind_to(start, done, cx);
    let backtrace = LispState::of(cx).backtrace.take();
    begin_line(cx);
    backtrace.report();
    done
}

/// Put the words for an error and the calls in progress together.
fn collect_backtrace(kind: Root<'_>, object: Root<'_>, cx: &mut Context) -> CallResult {
    let place = LispState::of(cx).misread.borrow_mut().take();
    let text = describe(object, cx);
    let mut backtrace = Backtrace::of_lines(backtrace_lines(cx));
    if kind.get(cx) == sym::ERROR {
        backtrace.push(format!("Debugger entered--Lisp error: {text}"));
    } else {
        backtrace.push("Debugger entered:".to_owned());
    }
    if let Some(place) = place.filter(|_| is_misreading(condition_name(object.get(cx), cx).as_deref())) {
        backtrace.push(format!("  at {place}"));
    }
    LispState::of(cx).backtrace.replace(backtrace);
    funcall!(cx, symbol("mapbacktrace", cx), symbol("debug-early--frame", cx), symbol("debug-early", cx))
}

/// Begin a line of the standard error output where the standard output may have left one open.
pub(crate) fn begin_line(cx: &Context) {
    if LispState::of(cx).printed.replace(false) {
        report("");
    }
}

fn condition_name(object: Object<'_>, cx: &Context) -> Option<String> {
    car_safe(object).as_symbol().map(|s| String::from_utf8_lossy(s.name(cx).bytes()).into_owned())
}

/// Whether the reader may have raised this condition.
fn is_misreading(condition: Option<&str>) -> bool {
    matches!(condition, Some("end-of-file" | "invalid-read-syntax" | "error" | "overflow-error" | "args-out-of-range"))
}

/// Show a frame of a backtrace; as `mapbacktrace` calls it.
#[defun(name = "debug-early--frame")]
fn debug_early_frame(
    evaluated: Root<'_>,
    function: Root<'_>,
    arguments: Root<'_>,
    _flags: Root<'_>,
    cx: &mut Context,
) -> CallResult {
    let function_text = describe(function, cx);
    if function_text == "debug-early" {
        return Ok(cx.ret(NIL));
    }
    let scope = cx.scope();
    if evaluated.get(cx).is_nil() {
        let form = scope.root(cx.cons(function.get(cx), arguments.get(cx)).into());
        let text = describe(form, cx);
        LispState::of(cx).backtrace.borrow_mut().push(format!("  {text}"));
        return Ok(cx.ret(NIL));
    }
    let (rest, one) = (scope.root(arguments.get(cx)), scope.root(NIL));
    let mut texts = Vec::new();
    while rest.get(cx).as_cons().is_some() {
        one.set(cx, car_safe(rest.get(cx)));
        texts.push(describe(one, cx));
        rest.set(cx, cdr_safe(rest.get(cx)));
    }
    LispState::of(cx).backtrace.borrow_mut().push(format!("  {function_text}({})", texts.join(" ")));
    Ok(cx.ret(NIL))
}

/// Signal an error whose message `format-message` makes of ARGS.
#[defun(name = "error", min = 1)]
fn error(args: tenure_gc::Args<'_>, cx: &mut Context) -> CallResult {
    signal_formatted(sym::ERROR, args, cx)
}

/// Signal an error of the user, whose message `format-message` makes of ARGS.
#[defun(min = 1)]
fn user_error(args: tenure_gc::Args<'_>, cx: &mut Context) -> CallResult {
    signal_formatted(sym::USER_ERROR, args, cx)
}

fn signal_formatted(condition: Object<'static>, args: tenure_gc::Args<'_>, cx: &mut Context) -> CallResult {
    let mut pushed = cx.push_args([symbol("format-message", cx)]);
    for word in args.slots(cx).iter() {
        pushed = cx.push_more(pushed, word);
    }
    let message = tenure_vm::eval::funcall(pushed, cx)?.get(cx);
    Err(cx.signal(condition, cx.list(&[message])))
}

/// Begin a request of the program: what is timed in the log of collections.
#[defun]
fn tenure_request_begin<'ob>(cx: &'ob Context) -> Object<'ob> {
    cx.request_begin();
    NIL
}

/// End the innermost request of the program.
#[defun]
fn tenure_request_end<'ob>(cx: &'ob Context) -> Object<'ob> {
    cx.request_end();
    NIL
}

/// Return t if this is a server without a terminal: it never is.
#[defun]
fn daemonp() -> bool {
    false
}

/// Tell that the server is ready; an error, as this is none.
#[defun]
fn daemon_initialized(cx: &Context) -> Result<(), tenure_gc::Throw> {
    Err(tenure_vm::error::error("This function can only be called if emacs is run as a daemon", cx))
}

/// Write to the standard error output how much memory the heap has, as XML.
#[defun]
fn malloc_info(cx: &mut Context) -> CallResult {
    let counts = funcall!(cx, symbol("memory-use-counts", cx))?.get(cx);
    let names = ["conses", "floats", "vector-slots", "symbols", "string-bytes", "intervals", "strings"];
    let rest = crate::form::elements(counts).zip(names);
    let lines = rest.map(|(n, name)| format!("<total type=\"{name}\" count=\"{}\"/>\n", n.as_fixnum().unwrap_or(0)));
    let text = format!("<malloc version=\"1\">\n<heap nr=\"0\">\n{}</heap>\n</malloc>", lines.collect::<String>());
    report(&text);
    Ok(cx.ret(NIL))
}

/// Return how many processors there are.  QUERY may be `current`, `all` or nil.
#[defun(min = 0)]
fn num_processors(query: Object<'_>) -> i64 {
    let _ = query;
    std::thread::available_parallelism().map_or(1, |n| n.get() as i64)
}

/// Make `ignore` a command.
pub(crate) fn init(cx: &Context) {
    let ignore = cx.intern("ignore");
    let form = cx.list(&[cx.intern("interactive").into(), NIL]);
    ignore.set_plist(cx.list(&[cx.intern("interactive-form").into(), form]), cx);
}

/// Do nothing, with any arguments.
#[defun]
fn ignore<'ob>(_arguments: Slots<'ob>) -> Object<'ob> {
    NIL
}

/// Return t, with any arguments.
#[defun]
fn always<'ob>(_arguments: Slots<'ob>) -> bool {
    true
}

/// Return t if NUMBER is zero.
#[defun]
fn zerop<'ob>(number: Object<'ob>, cx: &'ob Context) -> Result<bool, tenure_gc::Throw> {
    use tenure_gc::Kind;
    match number.untag() {
        Kind::Fixnum(n) => Ok(n == 0),
        Kind::Float(f) => Ok(f.value() == 0.0),
        Kind::Bignum(_) => Ok(false),
        _ => Err(tenure_vm::error::wrong_type(sym::NUMBER_OR_MARKER_P, number, cx)),
    }
}

/// Return t if OBJECT is a small integer.
#[defun]
fn fixnump(object: Object<'_>) -> bool {
    object.as_fixnum().is_some()
}

/// Return t if OBJECT is an integer too large to be a small one.
#[defun]
fn bignump<'ob>(object: Object<'ob>) -> bool {
    matches!(object.untag(), tenure_gc::Kind::Bignum(_))
}

macro_rules! compositions {
    ($($name:ident $text:literal $steps:literal;)*) => {
        $(#[doc = $text] #[defun]
        fn $name<'ob>(x: Object<'ob>, cx: &'ob Context) -> Result<Object<'ob>, tenure_gc::Throw> {
            compose(x, $steps, cx)
        })*
        const COMPOSITIONS: &[SubrInfo] = &subrs![$($name),*];
    };
}

/// Take `car` (a) and `cdr` (d) of a value, from the last letter to the first.
fn compose<'ob>(x: Object<'ob>, steps: &str, cx: &'ob Context) -> Result<Object<'ob>, tenure_gc::Throw> {
    let mut value = x;
    for step in steps.bytes().rev() {
        value = match value.as_cons() {
            Some(cons) if step == b'a' => cons.car(),
            Some(cons) => cons.cdr(),
            None if value.is_nil() => NIL,
            None => return Err(tenure_vm::error::wrong_type(sym::LISTP, value, cx)),
        };
    }
    Ok(value)
}

compositions! {
    caar "Return the `car` of the `car` of X." "aa";
    cadr "Return the `car` of the `cdr` of X." "ad";
    cdar "Return the `cdr` of the `car` of X." "da";
    cddr "Return the `cdr` of the `cdr` of X." "dd";
    caaar "Return the `car` of the `car` of the `car` of X." "aaa";
    caadr "Return the `car` of the `car` of the `cdr` of X." "aad";
    cadar "Return the `car` of the `cdr` of the `car` of X." "ada";
    caddr "Return the `car` of the `cdr` of the `cdr` of X." "add";
    cdaar "Return the `cdr` of the `car` of the `car` of X." "daa";
    cdadr "Return the `cdr` of the `car` of the `cdr` of X." "dad";
    cddar "Return the `cdr` of the `cdr` of the `car` of X." "dda";
    cdddr "Return the `cdr` of the `cdr` of the `cdr` of X." "ddd";
    cadddr "Return the fourth element of X." "addd";
    cddddr "Return X without its first four elements." "dddd";
}

/// Return the last cons of LIST, or the one N from its end.
#[defun(min = 1)]
fn last<'ob>(list: Object<'ob>, n: Option<i64>, cx: &'ob Context) -> Result<Object<'ob>, tenure_gc::Throw> {
    let _ = cx;
    if n.is_some_and(|n| n < 0) {
        return Ok(NIL);
    }
    // A circular list is as long as `safe-length` says.
    let length = tenure_vm::fns::list::safe_length(list) as i64;
    let mut rest = list;
    for _ in 0..(length - n.unwrap_or(1)).max(0) {
        match rest.as_cons() {
            Some(cell) => rest = cell.cdr(),
            None => break,
        }
    }
    Ok(rest)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    kill_emacs,
    emacs_pid,
    system_name,
    debug_early,
    debug_early_frame,
    error,
    user_error,
    tenure_request_begin,
    tenure_request_end,
    daemonp,
    daemon_initialized,
    malloc_info,
    num_processors,
];
/// The functions of `subr.el` that are written here because nearly every program calls them.
pub(crate) const SUBR_EL: &[&[SubrInfo]] = &[&subrs![ignore, always, zerop, fixnump, bignump, last], COMPOSITIONS];
