//! The interactive loop: read an expression, evaluate it, print its value.
//!
//! At a terminal with editing and history of lines; otherwise expressions are read from standard input to its end.

use std::io::{IsTerminal as _, Read as _, Write as _};

use crate::form::symbol;
use crate::reader::{Reader, Source};
use tenure_gc::{CallResult, Context, NIL, Throw};
use tenure_vm::handler::condition_case;
use tenure_vm::{eval, funcall, sym};

const PROMPT: &str = "ELISP> ";
const MORE: &str = "...... ";

/// Run the loop until the input ends.
pub(crate) fn run(cx: &mut Context) {
    if std::io::stdin().is_terminal() {
        at_terminal(cx);
        return;
    }
    let mut text = Vec::new();
    if let Err(reason) = std::io::stdin().read_to_end(&mut text) {
        eprintln!("tenure: cannot read standard input: {reason}");
        return;
    }
    evaluate_all(&text, cx);
}

fn at_terminal(cx: &mut Context) {
    let mut editor = match rustyline::DefaultEditor::new() {
        Ok(editor) => editor,
        Err(reason) => return eprintln!("tenure: the terminal cannot be used: {reason}"),
    };
    println!("tenure {}: end with C-d.", env!("CARGO_PKG_VERSION"));
    let mut text = String::new();
    // At the end of input or an interrupt of an empty line the loop ends.
    loop {
        match editor.readline(if text.is_empty() { PROMPT } else { MORE }) {
            Ok(line) => text.push_str(&line),
            Err(rustyline::error::ReadlineError::Interrupted) if !text.is_empty() => {
                text.clear();
                continue;
            }
            Err(_) => return,
        }
        text.push('\n');
        if is_complete(text.as_bytes(), cx) {
            // A line that cannot be kept in the history is still evaluated.
            _ = editor.add_history_entry(text.trim_end());
            evaluate_all(text.as_bytes(), cx);
            text.clear();
        }
    }
}

/// Whether the text ends between expressions.
fn is_complete(text: &[u8], cx: &Context) -> bool {
    let mut reader = Reader::new(text, 0, Source::Text);
    loop {
        match reader.next(cx) {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(throw) => return cx.caught(throw)[0] != sym::END_OF_FILE,
        }
    }
}

/// Evaluate the expressions of a text and print their values; an error ends that.
fn evaluate_all(text: &[u8], cx: &mut Context) {
    let mut at = 0;
    loop {
        let outcome = condition_case(sym::ERROR, cx, |cx| evaluate_next(text, &mut at, cx));
        match outcome {
            Ok(Ok(more)) => {
                if more.get(cx).is_nil() {
                    return;
                }
            }
            // The debugger has told of it.
            Ok(Err(_)) | Err(_) => return,
        }
    }
}

/// Evaluate the next expression; nil if there is none.
fn evaluate_next(text: &[u8], at: &mut usize, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let mut reader = Reader::new(text, *at, Source::Text);
    let form = read_next(&mut reader, cx)?;
    *at = reader.position();
    let Some(form) = form else { return Ok(cx.ret(NIL)) };
    let (form, lexical) = (scope.root(form), scope.root(tenure_gc::T));
    let value = eval::eval(form, lexical, cx)?.get(cx);
    let printed = funcall!(cx, symbol("prin1-to-string", cx), value)?.get(cx);
    if let Some(printed) = printed.as_string() {
        let mut out = std::io::stdout();
        // A reader of our output that is gone is no error of ours.
        _ = out.write_all(printed.bytes()).and_then(|()| out.write_all(b"\n"));
    }
    Ok(cx.ret(tenure_gc::T))
}

fn read_next<'ob>(reader: &mut Reader<'_>, cx: &'ob Context) -> Result<Option<tenure_gc::Object<'ob>>, Throw> {
    reader.next(cx)
}
