//! The printer's primitives, and the streams that text goes to.

use crate::state::LispState;

use super::{Printer, error_message, print_to_text};
use std::io::Write;
use tenure_gc::{CallResult, Context, LispResult, NIL, Object, Root, Str, SubrInfo, T, Throw};
use tenure_vm::error::{error_with, signal, wrong_type};
use tenure_vm::lread::{define_settings, setting, setting_of};
use tenure_vm::string::{character_arg, from_text};
use tenure_vm::{defun, funcall, subrs, sym};

/// The printer's variables and their first values.
pub const SETTINGS: &[(Object<'static>, Object<'static>)] = &[
    (sym::STANDARD_OUTPUT, T),
    (sym::PRINT_LENGTH, NIL),
    (sym::PRINT_LEVEL, NIL),
    (sym::PRINT_ESCAPE_NEWLINES, NIL),
    (sym::PRINT_ESCAPE_NONASCII, NIL),
    (sym::PRINT_ESCAPE_MULTIBYTE, NIL),
    (sym::PRINT_ESCAPE_CONTROL_CHARACTERS, NIL),
    (sym::PRINT_QUOTED, T),
    (sym::PRINT_GENSYM, NIL),
    (sym::PRINT_CIRCLE, NIL),
    (sym::PRINT_CONTINUOUS_NUMBERING, NIL),
    (sym::PRINT_NUMBER_TABLE, NIL),
    (sym::PRINT_INTEGERS_AS_CHARACTERS, NIL),
    (sym::PRINT_CHARSET_TEXT_PROPERTY, sym::DEFAULT),
    (sym::FLOAT_OUTPUT_FORMAT, NIL),
    (sym::TEXT_QUOTING_STYLE, NIL),
];

/// Give the printer's variables their first values.
pub fn init(cx: &Context) {
    define_settings(SETTINGS, cx);
}

/// Write text to a stream: nil for the value of `standard-output`, t for the standard output, a function of one
/// character, or the symbol `external-debugging-output` for the standard error output.
pub fn output(text: &[u8], stream: Root<'_>, cx: &mut Context) -> Result<(), Throw> {
    let mut stream_value = stream.get(cx);
    if stream_value.is_nil() {
        stream_value = setting(sym::STANDARD_OUTPUT, cx);
    }
    if stream_value == T || stream_value.is_nil() {
        if let Some(last) = text.last() {
            let state = LispState::of(cx);
            state.line_ended.set(*last == b'\n');
            state.printed.set(true);
        }
        // Raw bytes go out as they are kept in multibyte text, as in Emacs.
        // Nobody is told when the standard output is closed, as in Emacs.
        let _ = std::io::stdout().write_all(text);
        return Ok(());
    }
    if stream_value == sym::EXTERNAL_DEBUGGING_OUTPUT {
        debugging_output(text, cx);
        return Ok(());
    }
    if stream_value.as_buffer().is_some() || stream_value.as_marker().is_some() {
        let message = cx.string_from_str("Buffers and markers cannot be printed to");
        return Err(signal(sym::ERROR, &[message.into(), stream_value], cx));
    }
    let scope = cx.scope();
    let function = scope.root(stream_value);
    for c in tenure_vm::character::chars(text) {
        let _ = funcall!(cx, function.get(cx), Object::fixnum(i64::from(c)))?;
    }
    Ok(())
}

/// The variable of the function that `with-output-to-string` prints to, which stands for a buffer.
const COLLECTOR: &str = "control--collector";

/// Whether text that goes to a stream is handed to a function of the program.
fn is_function<'ob>(stream: Object<'ob>, cx: &'ob Context) -> bool {
    let stream = if stream.is_nil() { setting(sym::STANDARD_OUTPUT, cx) } else { stream };
    stream != T
        && !stream.is_nil()
        && stream != sym::EXTERNAL_DEBUGGING_OUTPUT
        && stream != setting_of(cx.intern(COLLECTOR), cx)
}

fn print_to_stream(
    object: Root<'_>,
    stream: Option<Root<'_>>,
    escape: bool,
    around: bool,
    cx: &mut Context,
) -> CallResult {
    let scope = cx.scope();
    let stream = stream.unwrap_or_else(|| scope.root(NIL));
    let to_function = is_function(stream.get(cx), cx);
    let mut printer = Printer::new(escape, cx);
    printer.to_function = to_function;
    printer.print(object.get(cx))?;
    let mut text = printer.finish();
    if around {
        text.insert(0, b'\n');
        text.push(b'\n');
    }
    output(&text, stream, cx)?;
    Ok(cx.ret(object.get(cx)))
}

/// Print OBJECT so that `read` can read it, to PRINTCHARFUN; return OBJECT.
#[defun]
fn prin1(object: Root<'_>, printcharfun: Option<Root<'_>>, cx: &mut Context) -> CallResult {
    print_to_stream(object, printcharfun, true, false, cx)
}

/// Print OBJECT for people, without quotes and backslashes, to PRINTCHARFUN; return OBJECT.
#[defun]
fn princ(object: Root<'_>, printcharfun: Option<Root<'_>>, cx: &mut Context) -> CallResult {
    print_to_stream(object, printcharfun, false, false, cx)
}

/// Print OBJECT as `prin1` does, with a newline before and after, to PRINTCHARFUN; return OBJECT.
#[defun]
fn print(object: Root<'_>, printcharfun: Option<Root<'_>>, cx: &mut Context) -> CallResult {
    print_to_stream(object, printcharfun, true, true, cx)
}

/// Return the text of OBJECT as `prin1` prints it, or as `princ` does if NOESCAPE is non-nil.
#[defun]
fn prin1_to_string<'ob>(object: Object<'ob>, noescape: Option<bool>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    Ok(from_text(&print_to_text(object, noescape.is_none(), cx)?, cx))
}

/// Write a newline to PRINTCHARFUN and return t; with ENSURE only if that is not at the beginning of a line.
#[defun(min = 0)]
fn terpri(printcharfun: Option<Root<'_>>, ensure: Option<Root<'_>>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    if ensure.is_some() {
        let stream = printcharfun.map_or_else(|| setting(sym::STANDARD_OUTPUT, cx), |stream| stream.get(cx));
        if stream != T && !stream.is_nil() && stream != sym::EXTERNAL_DEBUGGING_OUTPUT {
            return Err(error_with("Unsupported function argument", stream, cx));
        }
        if LispState::of(cx).line_ended.get() {
            return Ok(cx.ret(NIL));
        }
    }
    output(b"\n", printcharfun.unwrap_or_else(|| scope.root(NIL)), cx)?;
    Ok(cx.ret(T))
}

/// Write CHARACTER to PRINTCHARFUN; return it.
#[defun]
fn write_char(character: Root<'_>, printcharfun: Option<Root<'_>>, cx: &mut Context) -> CallResult {
    let Some(_) = character.get(cx).as_fixnum() else { return Err(wrong_type(sym::FIXNUMP, character.get(cx), cx)) };
    let c = character_arg(character.get(cx), cx)?;
    let mut text = Vec::new();
    tenure_vm::character::push_char(&mut text, c);
    let scope = cx.scope();
    output(&text, printcharfun.unwrap_or_else(|| scope.root(NIL)), cx)?;
    Ok(cx.ret(character.get(cx)))
}

/// Write CHARACTER to the standard error output; return it.
#[defun]
fn external_debugging_output<'ob>(character: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if character.as_fixnum().is_none() {
        return Err(wrong_type(sym::FIXNUMP, character, cx));
    }
    let c = character_arg(character, cx)?;
    let mut text = Vec::new();
    tenure_vm::character::push_char(&mut text, c);
    debugging_output(&text, cx);
    Ok(character)
}

/// Return the words that report OBJ, a condition and its data.
#[defun]
fn error_message_string<'ob>(obj: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    // (error STRING) is reported by that very string.
    if let Some(error) = obj.as_cons().filter(|c| c.car() == sym::ERROR)
        && let Some(rest) = error.cdr().as_cons().filter(|rest| rest.cdr().is_nil())
        && rest.car().as_string().is_some()
    {
        return Ok(rest.car());
    }
    Ok(from_text(&error_message(obj, cx)?, cx).into())
}

/// Note in `print-number-table` which parts OBJECT has more than once, as printing it with `print-circle` does.
#[defun(name = "print--preprocess")]
fn print_preprocess<'ob>(object: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    super::preprocess(object, cx)?;
    Ok(NIL)
}

/// Write what goes to the standard error output into FILE instead, if it is non-nil behind what is there if APPEND is.
#[defun(min = 1)]
fn redirect_debugging_output<'ob>(file: Object<'ob>, append: Option<bool>, cx: &'ob Context) -> LispResult<'ob> {
    let redirect = match file.as_string() {
        None if file.is_nil() => None,
        None => return Err(wrong_type(sym::STRINGP, file, cx)),
        Some(name) => {
            let name = crate::fileio::expanded(name, cx)?;
            let mut options = std::fs::OpenOptions::new();
            options.create(true).write(true).append(append.is_some()).truncate(append.is_none());
            match options.open(crate::fileio::path(&name)) {
                Ok(file) => Some(file),
                Err(reason) => {
                    let reason = crate::fileio::errno(&reason);
                    return Err(crate::fileio::file_error("Cannot open debugging output stream", &[file], reason, cx));
                }
            }
        }
    };
    *LispState::of(cx).debugging_output.borrow_mut() = redirect;
    Ok(NIL)
}

/// Write text to the standard error output, or where `redirect-debugging-output` wants it.
fn debugging_output(text: &[u8], cx: &Context) {
    match LispState::of(cx).debugging_output.borrow_mut().as_mut() {
        // A full disk is nothing that a program which debugs itself is told of.
        Some(file) => _ = file.write_all(&tenure_vm::string::as_unibyte(text)),
        None => output_to_stderr(text),
    }
}

/// Write text to the standard error output.
pub(crate) fn output_to_stderr(text: &[u8]) {
    // Nobody is told when it is closed, as in Emacs.
    let _ = std::io::stderr().write_all(&tenure_vm::string::as_unibyte(text));
}

/// The printer's primitives.
pub const PRINT_SUBRS: &[SubrInfo] = &subrs![
    print_preprocess,
    prin1,
    princ,
    print,
    prin1_to_string,
    terpri,
    write_char,
    external_debugging_output,
    error_message_string,
    redirect_debugging_output
];
