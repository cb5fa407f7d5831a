//! This side of a comparison with GNU Emacs: both load `driver.el` and answer in the same printed text.

use tenure_gc::{Context, T};
use tenure_lisp::reader::read_one;
use tenure_vm::{eval, funcall};

/// The Lisp that both sides load.
pub const DRIVER: &str = include_str!("driver.el");

/// Evaluate the forms of a text, with lexical binding.
pub fn load_text(text: &str, cx: &mut Context) {
    let mut position = 0;
    while !text[position..].trim_start().is_empty() {
        let scope = cx.scope();
        let form = read_one(text.as_bytes(), &mut position, cx).expect("a form");
        let (form, lexical) = (scope.root(form), scope.root(T));
        eval::eval(form, lexical, cx).expect("a value").get(cx);
    }
}

/// What a form gives here, as `diff-answer` shows it.
pub fn answer(form: &str, cx: &mut Context) -> String {
    let driver = cx.intern("diff-answer");
    match funcall!(cx, driver.into(), cx.string_from_str(form).into()) {
        Ok(value) => {
            let text = value.get(cx).as_string().expect("the answer is a string");
            String::from_utf8_lossy(text.bytes()).into_owned()
        }
        Err(throw) => format!("an exit that nothing caught: {:?}", cx.caught(throw)[0]),
    }
}
