//! The printer and `format`, against what GNU Emacs 28.2 prints.

use tenure_gc::{Config, Context, Object, T};
use tenure_lisp::print::{error_message, print_to_text};
use tenure_lisp::reader::read_one;
use tenure_vm::sym;

fn context() -> Context {
    let cx = tenure_vm::state::new_context(Config::default());
    tenure_lisp::print::init(&cx);
    for file in [tenure_lisp::editfns::SUBRS, tenure_lisp::print::PRINT_SUBRS, tenure_lisp::reader::READER_SUBRS] {
        tenure_vm::init::define(&cx, file);
    }
    cx
}

fn read<'ob>(source: &str, cx: &'ob Context) -> Object<'ob> {
    read_one(source.as_bytes(), &mut 0, cx).expect("a form")
}

fn printed(object: Object<'_>, cx: &Context) -> String {
    match print_to_text(object, true, cx) {
        Ok(text) => String::from_utf8_lossy(&text).into_owned(),
        Err(throw) => {
            let [condition, data] = cx.caught(throw);
            let error = cx.cons(condition, data);
            format!("ERR {}", String::from_utf8_lossy(&error_message(error.into(), cx).expect("words")))
        }
    }
}

/// The value of a form without lexical binding, printed.
fn evaluated(source: &str, cx: &mut Context) -> String {
    let scope = cx.scope();
    let (form, lexical) = (scope.root(read(source, cx)), scope.root(T));
    match tenure_vm::eval::eval(form, lexical, cx) {
        Ok(value) => printed(value.get(cx), cx),
        Err(throw) => {
            let error = tenure_vm::handler::error_object(throw, cx);
            printed(error, cx)
        }
    }
}

fn set(variable: Object<'static>, value: Object<'_>, cx: &Context) {
    variable.as_symbol().expect("a symbol").set_value(value, cx);
}

#[test]
fn objects_print_as_in_emacs() {
    let cx = context();
    for (source, expected) in [
        ("(a . b)", "(a . b)"),
        ("(quote a)", "'a"),
        ("(quote a b)", "(quote a b)"),
        ("(quote . a)", "(quote . a)"),
        ("(function f)", "#'f"),
        ("`(a ,b ,@c)", "`(a ,b ,@c)"),
        (",a", "(\\, a)"),
        ("(a ,b)", "(a (\\, b))"),
        ("(a . 'b)", "(a quote b)"),
        ("(quote)", "(quote)"),
        ("\\1", "\\1"),
        ("a\\ b", "a\\ b"),
        ("##", "##"),
        ("\\-1", "\\-1"),
        ("1+", "1+"),
        ("a\\?b", "a\\?b"),
        ("\\.", "\\."),
        ("1\\.e", "1\\.e"),
        ("\\1e5", "\\1e5"),
        ("-e1", "-e1"),
        ("1x", "1x"),
        ("--", "--"),
        ("#:a", "a"),
        ("\"a\\\"b\\\\c\\n\\t\"", "\"a\\\"b\\\\c\n\t\""),
        ("\"é\\300\"", "\"é\\300\""),
        ("\"\\300\"", "\"\\300\""),
        ("\"é\"", "\"é\""),
        ("#s(foo 1)", "#s(foo 1)"),
        ("#&5\"\\37\"", "#&5\"\u{1f}\""),
        ("#&20\"\\377\\377\\17\"", "#&20\"\\377\\377\u{f}\""),
        ("#&8\"\\\"\"", "#&8\"\\\"\""),
        ("[1 2.5 -0.0 1e5 100000000000000000000]", "[1 2.5 -0.0 100000.0 100000000000000000000]"),
        ("#(\"abc\" 0 3 (face bold))", "#(\"abc\" 0 3 (face bold))"),
        ("#[(x) \"\\10\\301\\207\" [x] 1]", "#[(x) \"\u{8}\\301\\207\" [x] 1]"),
        ("0.0e+NaN", "0.0e+NaN"),
        ("#1=(1 2 . #1#)", "(1 2 1 2 . #2)"),
        ("#1=(#1# 2)", "(#0 2)"),
        ("(0 #1=(1 #1#))", "(0 (1 #1))"),
        ("#1=[#1# 2]", "[#0 2]"),
        ("(1 . #1=(2 3 . #1#))", "(1 2 3 2 . #2)"),
        ("#1=(1 2 3 4 5 . #1#)", "(1 2 3 4 5 1 2 3 4 5 1 . #5)"),
    ] {
        assert_eq!(printed(read(source, &cx), &cx), expected, "{source}");
    }
}

#[test]
fn variables_change_what_is_printed() {
    let cx = context();
    for (variable, value, source, expected) in [
        (sym::PRINT_QUOTED, "nil", "(quote a)", "(quote a)"),
        (sym::PRINT_GENSYM, "t", "#:a", "#:a"),
        (sym::PRINT_ESCAPE_NEWLINES, "t", "\"a\\n\\f\\e\"", "\"a\\n\\f\u{1b}\""),
        (sym::PRINT_ESCAPE_CONTROL_CHARACTERS, "t", "\"a\\n\\f\\e\\C-a\\^?\"", "\"a\\12\\14\\33\\1\\177\""),
        (sym::PRINT_ESCAPE_CONTROL_CHARACTERS, "t", "\"\\C-a1\"", "\"\\0011\""),
        (sym::PRINT_ESCAPE_MULTIBYTE, "t", "\"é1a\"", "\"\\x00e9\\ 1a\""),
        (sym::PRINT_ESCAPE_MULTIBYTE, "t", "\"éxa\"", "\"\\x00e9xa\""),
        (sym::PRINT_LENGTH, "2", "(1 2 3 4)", "(1 2 ...)"),
        (sym::PRINT_LENGTH, "2", "[1 2 3 4]", "[1 2 ...]"),
        (sym::PRINT_LENGTH, "2", "(1 2 . 3)", "(1 2 . 3)"),
        (sym::PRINT_LENGTH, "0", "(1 2 3)", "(...)"),
        (sym::PRINT_LENGTH, "0", "[1 2]", "[ ...]"),
        (sym::PRINT_LENGTH, "1", "#s(1 2)", "#s(1 ...)"),
        (sym::PRINT_LENGTH, "-1", "(1 2)", "(1 2)"),
        (sym::PRINT_LEVEL, "2", "(1 (2 (3)))", "(1 (2 ...))"),
        (sym::PRINT_LEVEL, "2", "[1 [2 [3]]]", "[1 [2 [3]]]"),
        (sym::PRINT_LEVEL, "0", "(1)", "..."),
        (sym::PRINT_LEVEL, "1", "(quote (a (b)))", "'..."),
        (sym::PRINT_CIRCLE, "t", "#1=(1 2 . #1#)", "#1=(1 2 . #1#)"),
        (sym::PRINT_CIRCLE, "t", "(#1=(1 2) #1#)", "(#1=(1 2) #1#)"),
        (sym::PRINT_CIRCLE, "t", "(#1=(1 2) . #1#)", "(#1=(1 2) . #1#)"),
        (sym::PRINT_CIRCLE, "t", "(#1=\"abc\" #1#)", "(\"abc\" \"abc\")"),
        (sym::PRINT_CIRCLE, "t", "(#1=[1] #1#)", "(#1=[1] #1#)"),
        (sym::PRINT_CIRCLE, "t", "('#1=(1) #1#)", "('#1=(1) #1#)"),
        (sym::PRINT_CIRCLE, "t", "(#1='1 #1#)", "(#1='1 #1#)"),
        (
            sym::PRINT_INTEGERS_AS_CHARACTERS,
            "t",
            "(97 10 40 1 127 233 32 92 35 27 -1)",
            "(?a ?\\n ?\\( 1 127 ?é ?\\s ?\\\\ ?# 27 -1)",
        ),
        (sym::FLOAT_OUTPUT_FORMAT, "\"%.3f\"", "1.5", "1.500"),
        (sym::FLOAT_OUTPUT_FORMAT, "\"%.0f\"", "1.5", "2"),
        (sym::FLOAT_OUTPUT_FORMAT, "\"%.3e\"", "1.5", "1.500e+00"),
        (sym::FLOAT_OUTPUT_FORMAT, "\"%.3g\"", "100.0", "100.0"),
        (sym::FLOAT_OUTPUT_FORMAT, "\"%d\"", "1.5", "1.5"),
        (sym::FLOAT_OUTPUT_FORMAT, "\"%.20g\"", "1e20", "1e+20"),
    ] {
        let old = variable.as_symbol().expect("a symbol").value(&cx);
        set(variable, read(value, &cx), &cx);
        assert_eq!(printed(read(source, &cx), &cx), expected, "{source}");
        set(variable, old, &cx);
    }
}

#[test]
fn depth_is_limited_only_without_print_circle() {
    let cx = context();
    let nested = |n: usize| format!("{}nil{}", "(".repeat(n), ")".repeat(n));
    assert_eq!(printed(read(&nested(199), &cx), &cx).len(), 401);
    assert_eq!(printed(read(&nested(200), &cx), &cx), "ERR Apparently circular structure being printed");
    set(sym::PRINT_CIRCLE, T, &cx);
    const DEPTH: usize = 300_000;
    assert_eq!(printed(read(&nested(DEPTH), &cx), &cx), nested(DEPTH));
}

#[test]
fn conditions_are_reported_as_in_emacs() {
    let cx = context();
    for (error, expected) in [
        ("(wrong-type-argument listp 1)", "Wrong type argument: listp, 1"),
        ("(error \"foo\" bar)", "foo: bar"),
        ("(error)", "peculiar error"),
        ("(error . \"x\")", "peculiar error"),
        ("(foo 1 2)", "peculiar error: 1, 2"),
        ("(void-variable x)", "Symbol\u{2019}s value as variable is void: x"),
        ("(quit)", "Quit"),
        ("(file-error \"Opening\" \"No such\" \"f\")", "Opening: No such, f"),
        ("(end-of-file)", "End of file during parsing"),
        ("(args-out-of-range \"a\" 1)", "Args out of range: \"a\", 1"),
        ("(end-of-file \"x\")", "End of file during parsing: x"),
        ("(arith-error . 5)", "Arithmetic error"),
        ("(error 5 6)", "peculiar error: 6"),
        ("nil", "peculiar error"),
    ] {
        let text = error_message(read(error, &cx), &cx).expect("words");
        assert_eq!(String::from_utf8_lossy(&text), expected, "{error}");
    }
}

#[test]
fn format_works_as_in_emacs() {
    let mut cx = context();
    let mismatch = "(error \"Format specifier doesn\u{2019}t match argument type\")";
    for (form, expected) in [
        (
            "(format \"%5d|%-5d|%05d|%+d|% d|%x|%X|%o|%#x|%#o|%c\" 42 42 42 42 42 255 255 8 255 8 97)",
            "\"   42|42   |00042|+42| 42|ff|FF|10|0xff|010|a\"",
        ),
        ("(format \"%d %d\" 1.9 -1.9)", "\"1 -1\""),
        ("(format \"%d\" 1e30)", "\"1000000000000000019884624838656\""),
        ("(format \"%x %o %X\" -255 -8 -255)", "\"-ff -10 -FF\""),
        ("(format \"%d\" \"a\")", mismatch),
        ("(format \"%d\" nil)", mismatch),
        ("(format \"%s\")", "(error \"Not enough arguments for format string\")"),
        ("(format \"%2$s %1$s\" 1 2)", "\"2 1\""),
        ("(format \"%1$s %s %s\" 1 2)", "(error \"Not enough arguments for format string\")"),
        ("(format \"%5s|%-5s|%.2s|%05s\" \"ab\" \"ab\" \"abc\" \"x\")", "\"   ab|ab   |ab|    x\""),
        ("(format \"%5S|%.3S\" \"ab\" \"abc\")", "\" \\\"ab\\\"|\\\"ab\""),
        ("(format \"%e %f %g\" 1.5 1.5 1.5)", "\"1.500000e+00 1.500000 1.5\""),
        (
            "(format \"%.3e|%10.2f|%-10.2f|%+.1f|%#.0f|%010.2f|%g|%g|%#g\" 12345.678 3.14159 3.14159 2.5 3.0 -3.14159 1e10 0.0001 1.5)",
            "\"1.235e+04|      3.14|3.14      |+2.5|3.|-000003.14|1e+10|0.0001|1.50000\"",
        ),
        ("(format \"%f\" 1267650600228229401496703205376)", "\"1267650600228229401496703205376.000000\""),
        ("(format \"%d %f %05f %f\" 1.0e+INF 1.0e+INF 1.0e+INF 0.0e+NaN)", "\"inf inf   inf nan\""),
        ("(format \"%%\")", "\"%\""),
        ("(format \"%z\" 1)", "(error \"Invalid format operation %z\")"),
        ("(format \"%\" 1)", "(error \"Format string ends in middle of format specifier\")"),
        ("(format \"%5c|%-5c|\" ?a ?é)", "\"    a|é    |\""),
        ("(format \"%s %S\" '(\"a\" b) '(\"a\" b))", "\"(a b) (\\\"a\\\" b)\""),
        ("(format \"é%s\" \"\\300\")", "\"é\\300\""),
        ("(format \"%s\" \"\\300\")", "\"\\300\""),
        ("(format \"%+.5d|%8.5d|%-8.5d|%08.5d\" 42 42 42 42)", "\"+00042|   00042|00042   |   00042\""),
        ("(format \"%.0d|%#X|%#x\" 0 255 0)", "\"|0XFF|0\""),
        ("(format \"%.50g\" 0.1)", "\"0.1000000000000000055511151231257827021181583404541\""),
        ("(format \"%-+5d|%+-5d|%0-5d|% +d|%  d\" 1 1 1 1 1)", "\"+1   |+1   |1    |+1| 1\""),
        ("(format \"%99999999999999999999d\" 1)", "(error \"Maximum string size exceeded\")"),
        ("(format-message \"`a' %s\" \"`b'\")", "\"\u{2018}a\u{2019} `b'\""),
        ("(format \"%1$s %2$d %1$S\" \"a\" 3)", "\"a 3 \\\"a\\\"\""),
        ("(format \"%g %g %g %g\" 100000.0 1000000.0 1e-5 123456789.0)", "\"100000 1e+06 1e-05 1.23457e+08\""),
        ("(format \"%#e|%#.0e|%#g|%#.3g\" 1.0 1.0 1.0 100.0)", "\"1.000000e+00|1.e+00|1.00000|100.\""),
        ("(format \"%8.3s|%.2s\" \"日本語x\" \"日本語\")", "\"      日|日\""),
        ("(format \"%020.5f|%-20.5f|\" 3.14159 2.5)", "\"00000000000003.14159|2.50000             |\""),
        ("(format \"%x %d\" 1e20 -1e20)", "\"56bc75e2d63100000 -100000000000000000000\""),
        ("(format \"%.1f %.0f %.0f\" 0.25 0.5 1.5)", "\"0.2 0 2\""),
        (
            "(format \"%030d|%-30d|%+d\" 1180591620717411303424 1180591620717411303424 1180591620717411303424)",
            "\"000000001180591620717411303424|1180591620717411303424        |+1180591620717411303424\"",
        ),
        ("(format \"%c\" -1)", "(wrong-type-argument characterp -1)"),
        ("(format 5)", "(wrong-type-argument stringp 5)"),
        (
            "(format \"%s|%-6s|\" (propertize \"ab\" 'face 'x) (propertize \"cd\" 'f 1))",
            "#(\"ab|cd    |\" 0 2 (face x) 3 9 (f 1))",
        ),
        ("(format (propertize \"a%sb\" 'face 'x) 1)", "#(\"a1b\" 0 3 (face x))"),
        ("(prin1-to-string '(\"a\" b ?c) t)", "\"(a b 99)\""),
        ("(read-from-string \"(a b) c\" 0)", "((a b) . 5)"),
        ("(read-from-string \"é \\\"x\\\"\" 1)", "(\"x\" . 5)"),
    ] {
        assert_eq!(evaluated(form, &mut cx), expected, "{form}");
    }
}
