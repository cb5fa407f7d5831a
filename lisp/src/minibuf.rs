//! Questions, where nobody sits at a terminal (`minibuf.c`, and `yes-or-no-p` of `fns.c`).
//!
//! As in Emacs's batch mode a prompt goes to the standard output, and the answer is a line of the standard input.

use crate::reader::{Reader, Source};
use std::io::{BufRead as _, Write as _};
use tenure_gc::{CallResult, Context, LispResult, NIL, Object, Root, Str, SubrInfo, T, Throw};
use tenure_vm::error::{signal, wrong_type};
use tenure_vm::string::{from_text, push_multibyte};
use tenure_vm::{defun, subrs, sym};

/// The longest line that is read.
const LONGEST: usize = 1 << 26;

/// Show a prompt and read a line; `end-of-file` if there is none.
fn ask(prompt: Str<'_>, cx: &Context) -> Result<Vec<u8>, Throw> {
    let mut text = Vec::new();
    push_multibyte(&mut text, prompt);
    let mut out = std::io::stdout();
    // Nobody is told when the standard output is closed, as in Emacs.
    _ = out.write_all(&tenure_vm::string::as_unibyte(&text)).and_then(|()| out.flush());
    let mut line = Vec::new();
    let mut input = std::io::Read::take(std::io::stdin().lock(), LONGEST as u64);
    let read = input.read_until(b'\n', &mut line);
    if !matches!(read, Ok(n) if n > 0) {
        let message = cx.string_from_str("Error reading from stdin");
        return Err(signal(sym::END_OF_FILE, &[message.into()], cx));
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(line)
}

/// A line as a string.
fn string_of<'ob>(line: &[u8], cx: &'ob Context) -> Str<'ob> {
    match std::str::from_utf8(line) {
        Ok(text) => from_text(text.as_bytes(), cx),
        Err(_) => cx.string(line, line.len(), false),
    }
}

fn prompt_of<'ob>(prompt: Object<'ob>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    prompt.as_string().ok_or_else(|| wrong_type(sym::STRINGP, prompt, cx))
}

/// The object that a line is the text of, or that of the default if the line is empty.
fn parsed<'ob>(line: &[u8], default: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let default = default.as_cons().map_or(default, |c| c.car());
    let line = match default.as_string() {
        Some(text) if line.is_empty() => text.bytes().to_vec(),
        _ => line.to_vec(),
    };
    let mut reader = Reader::new(&line, 0, Source::Text);
    let object = reader.read(cx)?;
    let rest = &line[reader.position().min(line.len())..];
    if rest.iter().any(|b| !matches!(b, b' ' | b'\t' | b'\n')) {
        let message = cx.string_from_str("Trailing garbage following expression");
        return Err(signal(sym::INVALID_READ_SYNTAX, &[message.into()], cx));
    }
    Ok(object)
}

/// Read a line of the standard input, after PROMPT is shown.
/// If READ is non-nil, return the object that the line is the text of.  The other arguments are for a terminal.
#[defun(min = 1)]
#[expect(clippy::too_many_arguments, reason = "Emacs's function has them")]
fn read_from_minibuffer<'ob>(
    prompt: Object<'ob>,
    _initial_contents: Object<'ob>,
    _keymap: Object<'ob>,
    read: Object<'ob>,
    _hist: Object<'ob>,
    default_value: Object<'ob>,
    _inherit_input_method: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let line = ask(prompt_of(prompt, cx)?, cx)?;
    if read.is_nil() { Ok(string_of(&line, cx).into()) } else { parsed(&line, default_value, cx) }
}

/// Read a line of the standard input, after PROMPT is shown; an empty one stands for DEFAULT-VALUE.
#[defun(min = 1)]
fn read_string<'ob>(
    prompt: Object<'ob>,
    _initial_input: Object<'ob>,
    _history: Object<'ob>,
    default_value: Object<'ob>,
    _inherit_input_method: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let line = ask(prompt_of(prompt, cx)?, cx)?;
    if line.is_empty() && !default_value.is_nil() {
        return Ok(default_value.as_cons().map_or(default_value, |c| c.car()));
    }
    Ok(string_of(&line, cx).into())
}

/// Ask PROMPT until the answer is `yes' or `no'; return t for `yes'.
#[defun]
fn yes_or_no_p(prompt: Root<'_>, cx: &mut Context) -> CallResult {
    let question = {
        let mut text = Vec::new();
        push_multibyte(&mut text, prompt_of(prompt.get(cx), cx)?);
        text.extend_from_slice(b"(yes or no) ");
        text
    };
    loop {
        let line = ask(from_text(&question, cx), cx)?;
        match line.to_ascii_lowercase().as_slice() {
            b"yes" => return Ok(cx.ret(T)),
            b"no" => return Ok(cx.ret(NIL)),
            _ => {}
        }
        _ = std::io::stdout().write_all(b"\x07");
        crate::print::output_to_stderr(b"Please answer yes or no.\n");
        // Whoever stops the process need not wait for an answer.
        tenure_vm::eval::poll(cx)?;
    }
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![read_from_minibuffer, read_string, yes_or_no_p];
