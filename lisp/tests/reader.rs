//! The reader, against what GNU Emacs 28.2 reads.

use tenure_gc::{Config, Context, Kind, Object};
use tenure_lisp::reader::{Reader, Source, read_one};

fn context() -> Context {
    tenure_vm::state::new_context(Config::default())
}

/// The condition and its data's first string or the form's shape, in a notation of its own.
fn outcome(source: &str, cx: &Context) -> String {
    let mut position = 0;
    match read_one(source.as_bytes(), &mut position, cx) {
        Ok(form) => format!("{} @{position}", shape(form, cx)),
        Err(throw) => {
            let [condition, data] = cx.caught(throw);
            format!("{} {}", shape(condition, cx), shape(data, cx))
        }
    }
}

fn shape(object: Object<'_>, cx: &Context) -> String {
    match object.untag() {
        Kind::Fixnum(n) => n.to_string(),
        Kind::Symbol(s) => String::from_utf8_lossy(s.name(cx).bytes()).into_owned(),
        Kind::String(s) => {
            format!("{:?}{}", String::from_utf8_lossy(s.bytes()), if s.is_multibyte() { "m" } else { "" })
        }
        Kind::Float(f) => format!("{:?}", f.value()),
        Kind::Bignum(n) => tenure_vm::number::bignum_value(n).to_string(),
        Kind::Cons(c) => format!("({} . {})", shape(c.car(), cx), shape(c.cdr(), cx)),
        Kind::Vector(v) => format!("[{}]", v.iter().map(|o| shape(o, cx)).collect::<Vec<_>>().join(" ")),
        Kind::Record(v) => format!("#s({})", v.iter().map(|o| shape(o, cx)).collect::<Vec<_>>().join(" ")),
        Kind::BoolVector(v) => format!("#&{}:{}", v.len(), (0..v.len()).filter(|&i| v.get(i) == Some(true)).count()),
        Kind::ByteCode(_) => "#[]".to_owned(),
        _ => "?".to_owned(),
    }
}

#[test]
fn forms_read_as_in_emacs() {
    let cx = context();
    for (source, expected) in [
        ("a", "a @1"),
        ("(a b)", "(a . (b . nil)) @5"),
        ("(a . b)", "(a . b) @7"),
        ("( . 1)", "1 @6"),
        ("(a .b)", "(a . (.b . nil)) @6"),
        ("'a", "(quote . (a . nil)) @2"),
        ("#'a", "(function . (a . nil)) @3"),
        ("`(a ,b ,@c)", "(` . ((a . ((, . (b . nil)) . ((,@ . (c . nil)) . nil))) . nil)) @11"),
        ("[1 \"x\" ?a]", "[1 \"x\" 97] @10"),
        ("; comment\n a", "a @12"),
        ("#!shell\na", "a @9"),
        ("1.", "1 @2"),
        (".5", "0.5 @2"),
        ("-1.5e3", "-1500.0 @6"),
        ("1.0e+INF", "inf @8"),
        ("-0.0", "-0.0 @4"),
        ("1+", "1+ @2"),
        ("2305843009213693952", "2305843009213693952 @19"),
        ("-100000000000000000000", "-100000000000000000000 @22"),
        ("#x-ff", "-255 @5"),
        ("#24r1k", "44 @6"),
        ("#b101", "5 @5"),
        ("#x1.5", "1 @3"),
        ("?\\C-a", "1 @5"),
        ("?\\C-%", "67108901 @5"),
        ("?\\^?", "127 @4"),
        ("?\\M-\\C-a", "134217729 @8"),
        ("?\\C-\\M-\\S-\\s-\\H-\\A-a", "197132289 @20"),
        ("?\\s", "32 @3"),
        ("?\\x3fffff", "255 @9"),
        ("?\\300", "192 @5"),
        ("?é", "233 @3"),
        ("?\\N{U+41}", "65 @9"),
        ("\"a\\\nb\\ c\"", "\"abc\" @9"),
        ("\"\\xe9\"", "\"\u{FFFD}\" @6"),
        ("\"\\x100\"", "\"\u{100}\"m @7"),
        ("\"\\M-\\C-a\"", "\"\u{FFFD}\" @9"),
        ("\"\\C-@\\^?\\C- \"", "\"\\0\\u{7f}\\0\" @13"),
        ("\"\\S-a\\u00e9\"", "\"Aé\"m @12"),
        ("a\\ b", "a b @4"),
        ("a#b", "a @1"),
        ("a\u{a0}b", "a @1"),
        ("##", " @2"),
        ("#_abc", "abc @5"),
        ("#&5\"\\377\"", "#&5:5 @9"),
        ("#s(foo 1)", "#s(foo 1) @9"),
        ("#[257 \"\\300\\207\" [1] 2]", "#[] @23"),
        ("(#1=(a) #1#)", "((a . nil) . ((a . nil) . nil)) @12"),
        ("#1=#1#", "(nil . nil) @6"),
    ] {
        assert_eq!(outcome(source, &cx), expected, "{source:?}");
    }
}

#[test]
fn errors_are_those_of_emacs() {
    let cx = context();
    let invalid = |message: &str| format!("invalid-read-syntax ({message:?} . nil)");
    let error = |message: &str| format!("error ({message:?} . nil)");
    for (source, expected) in [
        ("", "end-of-file nil".to_owned()),
        ("(a", "end-of-file nil".to_owned()),
        ("\"a", "end-of-file nil".to_owned()),
        ("'", "end-of-file nil".to_owned()),
        (")", invalid(")")),
        ("]", invalid("]")),
        ("(1 . 2 3)", invalid(". in wrong context")),
        ("(1 . )", invalid(")")),
        ("(1]", invalid("] in a list")),
        ("[1)", invalid(") or . in a vector")),
        ("[. a]", invalid(") or . in a vector")),
        (".", invalid(".")),
        ("#1#", invalid("#")),
        ("#x", invalid("integer, radix 16")),
        ("#37r1", invalid("integer, radix 37")),
        ("?ab", invalid("?")),
        ("#<a>", invalid("#")),
        ("#[1 2]", invalid("Invalid byte-code object")),
        ("#&3\"abc\"", invalid("#&...")),
        ("#^[1]", error("Invalid size char-table")),
        ("#^^[1]", error("Invalid size in sub char-table")),
        ("?\\Ca", error("Invalid escape character syntax")),
        ("\"\\A-a\"", invalid("Invalid modifier in string")),
        ("?\\u12", error("Malformed Unicode escape: \\u12")),
        ("?\\xffffffffff", error("Hex character out of range: \\xffffffff...")),
        ("?\\N{}", invalid("Empty character name")),
    ] {
        assert_eq!(outcome(source, &cx), expected, "{source:?}");
    }
}

#[test]
fn a_label_can_lie_inside_its_own_object() {
    let cx = context();
    let form = read_one(b"#1=[a #1# (b . #1#)]", &mut 0, &cx).expect("a form");
    let v = form.as_vector().expect("a vector");
    assert!(v.get(1) == Some(form));
    assert!(v.get(2).and_then(Object::as_cons).is_some_and(|c| c.cdr() == form));
    let form = read_one(b"#2=(a . #2#)", &mut 0, &cx).expect("a form");
    assert!(form.as_cons().is_some_and(|c| c.cdr() == form));
}

#[test]
fn circular_data_of_records_and_tables_are_refused() {
    let cx = context();
    for source in ["#s(foo . #1=(a . #1#))", "#s(hash-table data #1=(a b . #1#))"] {
        let throw = read_one(source.as_bytes(), &mut 0, &cx).expect_err(source);
        assert_eq!(shape(cx.caught(throw)[0], &cx), "circular-list", "{source}");
    }
    assert!(outcome("#s(hash-table data (a))", &cx).starts_with("error"));
}

#[test]
fn a_table_finds_a_key_that_refers_to_a_label() {
    let cx = context();
    let form = read_one(b"#1=[#s(hash-table test eq data (#1# 7)) #1#]", &mut 0, &cx).expect("a form");
    let table = form.as_vector().and_then(|v| v.get(0)).and_then(Object::as_hash_table).expect("a table");
    let entry = table.find(cx.identity_hash(form), &cx, |key| key == form).and_then(|i| table.entry(i, &cx));
    assert!(entry.is_some_and(|(_, value)| value.as_fixnum() == Some(7)));
}

#[test]
fn nesting_is_bounded_by_memory_alone() {
    let cx = context();
    const DEPTH: usize = 1_000_000;
    for (open, close) in [("(", ")"), ("[", "]"), ("'", ""), ("#'", ""), ("(a . ", ")")] {
        let source = format!("{}x{}", open.repeat(DEPTH), close.repeat(DEPTH));
        assert!(read_one(source.as_bytes(), &mut 0, &cx).is_ok(), "{open}");
        assert!(read_one(open.repeat(DEPTH).as_bytes(), &mut 0, &cx).is_err(), "{open}");
    }
    assert!(read_one(format!("?{}a", "\\C-".repeat(DEPTH)).as_bytes(), &mut 0, &cx).is_ok());
}

#[test]
fn documentation_strings_of_compiled_files_are_skipped() {
    let cx = context();
    let mut reader = Reader::new(b"#@6 a \"(\x1f\n(b)", 0, Source::File);
    let form = reader.next(&cx).expect("no error").expect("a form");
    assert_eq!(shape(form, &cx), "(b . nil)");
    assert!(reader.next(&cx).expect("no error").is_none());
    assert_eq!(reader.place().line, 2);
}

/// Every name that Emacs knows has its character here.
#[test]
fn every_name_of_a_character_is_known() {
    let version = std::process::Command::new("emacs").arg("--version").output();
    if !version.is_ok_and(|v| v.stdout.starts_with(b"GNU Emacs 28.2")) {
        assert!(std::env::var_os("CI").is_none(), "GNU Emacs 28.2 is not installed");
        eprintln!("skipped: GNU Emacs 28.2 is not installed");
        return;
    }
    let program = "(maphash (lambda (name c) (princ (format \"%d %s\\n\" c name))) (ucs-names))";
    let output = std::process::Command::new("emacs").args(["--batch", "-Q", "--eval", program]).output();
    let text = String::from_utf8(output.expect("Emacs runs").stdout).expect("names are text");
    let cx = context();
    let mut count = 0;
    for line in text.lines() {
        let (c, name) = line.split_once(' ').expect("a character and its name");
        let source = format!("?\\N{{{name}}}");
        assert_eq!(outcome(&source, &cx), format!("{c} @{}", source.len()), "{name}");
        count += 1;
    }
    assert!(count > 40_000, "Emacs named {count} characters");
}
