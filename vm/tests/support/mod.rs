//! A small reader and printer for tests of the machine: lists, quotes, symbols, fixnums, strings.

use tenure_vm::gc::{Config, Context, Kind, NIL, Object, PLANS, T};
use tenure_vm::handler::condition_case;
use tenure_vm::{eval, state};

/// Read one form.
pub fn read<'ob>(text: &str, cx: &'ob Context) -> Object<'ob> {
    let mut rest = text;
    let form = read_form(&mut rest, cx);
    assert!(rest.trim().is_empty(), "text after the form: {rest}");
    form
}

fn read_form<'ob>(text: &mut &str, cx: &'ob Context) -> Object<'ob> {
    *text = text.trim_start();
    for (prefix, name) in [("#'", "function"), ("'", "quote")] {
        if let Some(rest) = text.strip_prefix(prefix) {
            *text = rest;
            let form = read_form(text, cx);
            return cx.list(&[cx.intern(name).into(), form]);
        }
    }
    if let Some(rest) = text.strip_prefix('(') {
        *text = rest;
        return read_tail(text, cx);
    }
    if let Some(rest) = text.strip_prefix('"') {
        let (string, rest) = rest.split_once('"').expect("the end of a string");
        *text = rest;
        return cx.string_from_str(string).into();
    }
    let end = text.find(|c: char| c.is_whitespace() || "()\"'".contains(c)).unwrap_or(text.len());
    assert!(end > 0, "a form at {text:?}");
    let (token, rest) = text.split_at(end);
    *text = rest;
    match token.parse::<i64>() {
        Ok(n) => Object::fixnum(n),
        Err(_) => {
            let symbol = cx.intern(token);
            if token.starts_with(':') && symbol.write(cx) != tenure_vm::gc::Write::Constant {
                symbol.set_value(symbol.into(), cx);
                symbol.set_write(tenure_vm::gc::Write::Constant, cx);
                symbol.set_special(true, cx);
            }
            symbol.into()
        }
    }
}

fn read_tail<'ob>(text: &mut &str, cx: &'ob Context) -> Object<'ob> {
    let mut elements = Vec::new();
    loop {
        *text = text.trim_start();
        if let Some(rest) = text.strip_prefix(')') {
            *text = rest;
            return cx.list(&elements);
        }
        if let Some(rest) = text.strip_prefix(". ") {
            *text = rest;
            let tail = read_form(text, cx);
            *text = text.trim_start().strip_prefix(')').expect("the end of a dotted list");
            return cx.list_with_tail(&elements, tail);
        }
        elements.push(read_form(text, cx));
    }
}

/// Print as `prin1` does, as far as the tests need it.
pub fn print(object: Object<'_>, cx: &Context) -> String {
    match object.untag() {
        Kind::Fixnum(n) => n.to_string(),
        Kind::Symbol(s) => String::from_utf8_lossy(s.name(cx).bytes()).into_owned(),
        Kind::String(s) => format!("{:?}", String::from_utf8_lossy(s.bytes())),
        Kind::Subr(s) => format!("#<subr {}>", s.info(cx).name),
        Kind::Float(f) => format!("{:?}", f.value()),
        Kind::Cons(_) => {
            let mut text = String::from("(");
            let mut rest = object;
            while let Some(cell) = rest.as_cons() {
                text += &print(cell.car(), cx);
                rest = cell.cdr();
                text += if rest.as_cons().is_some() { " " } else { "" };
            }
            if rest != NIL {
                text += &format!(" . {}", print(rest, cx));
            }
            text + ")"
        }
        _ => format!("{object:?}"),
    }
}

/// Evaluate text; the value, or `(ERR . ERROR-OBJECT)`.
pub fn evaluate(text: &str, lexical: bool, cx: &mut Context) -> String {
    let scope = cx.scope();
    let form = scope.root(read(text, cx));
    let lexical = scope.root(Object::bool(lexical));
    let outcome = condition_case(T, cx, |cx| eval::eval(form, lexical, cx));
    match outcome.expect("no throw passes the top level") {
        Ok(value) => print(value.get(cx), cx),
        Err(error) => {
            let error = error.get(cx);
            print(cx.cons(cx.intern("ERR").into(), error).into(), cx)
        }
    }
}

/// Run a test with a fresh context of each collector, without stress and collecting at every safepoint.
pub fn under_every_plan(test: impl Fn(&mut Context) + Sync) {
    let test = &test;
    for plan in &PLANS {
        for stress in [0, 1] {
            let run = move || {
                let mut config = Config::named(plan.name).expect("a plan of the table");
                config.stress = stress;
                config.verify = stress == 0;
                let mut cx = state::new_context(config);
                test(&mut cx);
            };
            state::run_on_big_stack(run);
        }
    }
}
