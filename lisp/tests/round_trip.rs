//! Properties of reader and printer together: what was printed reads back, and no bytes break the reader.

use proptest::prelude::*;
use tenure_gc::{Config, Context};
use tenure_lisp::print::print_to_text;
use tenure_lisp::reader::{Reader, Source, read_one};

fn context() -> Context {
    let cx = tenure_vm::state::new_context(Config::default());
    tenure_lisp::print::init(&cx);
    cx
}

/// Text of a form.
fn form() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(|x| format!("{x:e}")),
        "[-+*/a-z][-a-z0-9+*/<>=]{0,8}".prop_map(|s| s),
        "[ -~äöü日\\PC]{0,8}".prop_map(|s| format!("\"{}\"", s.replace('\\', "\\\\").replace('"', "\\\""))),
        "[ -~äöü]{1,5}".prop_map(|s| s.chars().flat_map(|c| ['\\', c]).collect()),
        proptest::collection::vec(any::<u8>(), 0..6)
            .prop_map(|bytes| format!("\"{}\"", bytes.iter().map(|b| format!("\\{b:03o}")).collect::<String>())),
        "[1-9][0-9]{15,40}".prop_map(|s| s),
        Just("?\\C-%".to_owned()),
        Just("#&11\"ab\"".to_owned()),
        Just("#(\"abc\" 0 2 (a b))".to_owned()),
    ];
    atom.prop_recursive(5, 60, 6, |inner| {
        let many = proptest::collection::vec(inner.clone(), 0..6).prop_map(|v| v.join(" "));
        prop_oneof![
            many.clone().prop_map(|s| format!("({s})")),
            many.clone().prop_map(|s| format!("[{s}]")),
            many.prop_map(|s| format!("#s(r {s})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} . {b})")),
            (prop::sample::select(vec!["'", "`", ",", ",@", "#'"]), inner).prop_map(|(p, s)| format!("{p}{s}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, rng_seed: prop::test_runner::RngSeed::Fixed(28), ..ProptestConfig::default() })]

    #[test]
    fn printed_forms_read_back(source in form()) {
        let cx = context();
        let object = read_one(source.as_bytes(), &mut 0, &cx).map_err(|_| TestCaseError::fail("the form does not read"))?;
        let first = print_to_text(object, true, &cx).map_err(|_| TestCaseError::fail("the form does not print"))?;
        let again = read_one(&first, &mut 0, &cx)
            .map_err(|_| TestCaseError::fail(format!("does not read: {}", String::from_utf8_lossy(&first))))?;
        let second = print_to_text(again, true, &cx).map_err(|_| TestCaseError::fail("the copy does not print"))?;
        prop_assert_eq!(String::from_utf8_lossy(&first), String::from_utf8_lossy(&second));
    }

    #[test]
    fn any_bytes_give_forms_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..80), file: bool) {
        reads_to_the_end(&bytes, file)?;
    }

    #[test]
    fn any_syntax_gives_forms_or_an_error(text in "[\\]\\[()#.'`,@&\\^\"?\\\\0-9a-fsNxuUMCHASrR=:;!$_{}+ \n-]{0,60}", file: bool) {
        reads_to_the_end(text.as_bytes(), file)?;
    }
}

/// Read all forms up to the first error; each step moves on.
fn reads_to_the_end(bytes: &[u8], file: bool) -> Result<(), TestCaseError> {
    let cx = context();
    let mut reader = Reader::new(bytes, 0, if file { Source::File } else { Source::Text });
    loop {
        let before = reader.position();
        match reader.next(&cx) {
            Ok(Some(form)) => {
                prop_assert!(reader.position() > before);
                prop_assert!(print_to_text(form, true, &cx).is_ok());
            }
            Ok(None) => return Ok(()),
            Err(throw) => {
                let [condition, _] = cx.caught(throw);
                prop_assert!(condition.as_symbol().is_some());
                return Ok(());
            }
        }
    }
}
