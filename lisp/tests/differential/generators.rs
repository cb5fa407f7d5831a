//! Arguments, as text of expressions that both sides read and evaluate: one strategy for each kind that the tables name.

use proptest::prelude::*;
use proptest::sample::select;

type Text = BoxedStrategy<String>;

/// The strategy of a kind.
pub fn kind(name: &str) -> Text {
    match name {
        "any" => any_object(),
        "data" => data(),
        "int" => int(),
        "nat" => (0..12i64).prop_map(|n| n.to_string()).boxed(),
        "count" => (-2..40i64).prop_map(|n| n.to_string()).boxed(),
        "index" => (-4..9i64).prop_map(|n| n.to_string()).boxed(),
        "bignum" => bignum(),
        "integer" => prop_oneof![3 => int(), 1 => bignum()].boxed(),
        "float" => float(),
        "number" => prop_oneof![3 => int(), 1 => bignum(), 2 => float()].boxed(),
        "char" => character(),
        "bool" => select(vec!["nil", "t"]).prop_map(str::to_owned).boxed(),
        "symbol" => symbol().prop_map(|s| format!("'{s}")).boxed(),
        "variable" => one_of(&["'diff-a", "'diff-b", "'diff-c", "'diff-list"]),
        "newname" => one_of(&["'diff-f1", "'diff-f2", "'diff-f3"]),
        "key" => prop_oneof![one_of(&["'foo", "'bar", ":key", "1", "2.0", "\"a\""]), atom().prop_map(quoted)].boxed(),
        "string" => string(),
        "ascii" => ascii_string(),
        "unibyte" => unibyte_string(),
        "propertied" => propertied_string(),
        "list" => list(),
        "numbers" => collection(prop_oneof![3 => int(), 1 => bignum(), 2 => float()].boxed(), 6)
            .prop_map(|v| format!("(list {})", v.join(" ")))
            .boxed(),
        "chars" => collection(character(), 6).prop_map(|v| format!("(list {})", v.join(" "))).boxed(),
        "strings" => collection(string(), 5).prop_map(|v| format!("(list {})", v.join(" "))).boxed(),
        "alist" => alist(),
        "plist" => plist(),
        "dotted" => (vec_of(datum(2), 1..4), atom()).prop_map(|(v, end)| format!("'({} . {end})", v.join(" "))).boxed(),
        "circular" => (1..5i64, 0..5i64).prop_map(|(n, k)| format!("(diff-circle {n} {})", k.min(n - 1))).boxed(),
        "anylist" => prop_oneof![4 => list(), 1 => kind("dotted"), 1 => kind("circular")].boxed(),
        "vector" => vec_of(datum(2), 0..6)
            .prop_map(|v| format!("(vector {})", v.into_iter().map(quoted).collect::<Vec<_>>().join(" ")))
            .boxed(),
        "boolvector" => bool_vector(),
        "record" => vec_of(datum(1), 0..4)
            .prop_map(|v| format!("(record 'rec {})", v.into_iter().map(quoted).collect::<Vec<_>>().join(" ")))
            .boxed(),
        "table" => hash_table(),
        "chartable" => char_table(),
        "range" => range(),
        "exponent" => (-40..300i64).prop_map(|n| n.to_string()).boxed(),
        "sequence" => sequence(),
        "array" => prop_oneof![kind("vector"), string(), bool_vector(), kind("record")].boxed(),
        "function1" => one_of(FUNCTIONS_1),
        "function2" => one_of(FUNCTIONS_2),
        "predicate2" => one_of(PREDICATES_2),
        "function" => {
            prop_oneof![one_of(FUNCTIONS_1), one_of(FUNCTIONS_2), one_of(PREDICATES_2), one_of(FUNCTIONS)].boxed()
        }
        "form" => form(),
        "base" => (1..18i64).prop_map(|n| n.to_string()).boxed(),
        "numeral" => numeral().prop_map(|s| format!("\"{s}\"")).boxed(),
        "format" => format_string(),
        "syntax" => read_syntax(),
        "scrap" => "[\\]\\[()#.'`,@&\\^\"?\\\\0-9a-fsxuMCHASrR=:;!_{}+ -]{0,12}".prop_map(lisp_string).boxed(),
        "condition" => condition(),
        "filename" => file_name(),
        "version" => version(),
        "environment" => collection(
            one_of(&["$HOME", "${HOME}", "$$", "$", "a", "/", "~", "${", "}", "$diff_none", "$PATH", "\\u00e9", "${diff_none}"]),
            6,
        )
        .prop_map(|v| format!("\"{}\"", v.concat()))
        .boxed(),
        "properties" => one_of(&["'(face bold)", "nil", "'(foo 1 bar 2)", "'(foo (x))", "'(face italic foo 2)"]),
        "property" => one_of(&["'face", "'foo", "'bar"]),
        "time" => time(),
        "zone" => one_of(&["t", "nil", "3600", "-5400", "3661", "'(3600 \"FOO\")", "\"EST5EDT,M3.2.0,M11.1.0\"", "\"UTC0\"", "'wall", "'foo"]),
        "moment" => prop_oneof![4 => (-100000i64..4000000000).prop_map(|n| n.to_string()), 1 => (-99999999999i64..999999999999).prop_map(|n| n.to_string()),
            2 => (-100000i64..4000000000, 1..1000i64).prop_map(|(n, hz)| format!("'({n} . {hz})"))].boxed(),
        "timeformat" => collection(one_of(&["%Y", "%m", "%d", "%H:%M", "%S", "%3N", "%N", "%6N", "%s", "%z", "%:z", "%::z", "%:::z", "%Z", "%a", "%A", "%b", "%B",
            "%c", "%D", "%e", "%F", "%g", "%G", "%h", "%I", "%j", "%k", "%l", "%p", "%P", "%q", "%r", "%R", "%T", "%u", "%U", "%V", "%w", "%W", "%x", "%X", "%y", "%%",
            "%-m", "%_m", "%^a", "%#p", "%-d", "%_H", "%i", " ", "x", "%5Y", "%C"]), 5).prop_map(|v| format!("\"{}\"", v.concat())).boxed(),
        "json" => json_text(4).prop_map(lisp_string).boxed(),
        "badjson" => collection(json_token(), 7).prop_map(|v| lisp_string(v.concat())).boxed(),
        "jsonvalue" => json_value(),
        "base64" => prop_oneof!["[A-Za-z0-9+/]{0,9}={0,3}", "[A-Za-z0-9_ -]{0,12}={0,2}"].prop_map(lisp_string).boxed(),
        "regexp" => regexp(),
        "badregexp" => collection(regexp_token(), 7).prop_map(|v| format!("\"{}\"", v.concat())).boxed(),
        "subject" => subject(),
        "charname" => one_of(&["LATIN SMALL LETTER A", "latin small letter e with acute", "Euro  Sign", "PERIOD", "LINE FEED (LF)", "LF", "NULL", "BELL", "NON-BREAKING SPACE", "NO-BREAK SPACE",
            "LATIN SMALL LETTER GHA", "LATIN SMALL LETTER YOGH", "CJK IDEOGRAPH-4E00", "cjk ideograph-2a700", "CJK UNIFIED IDEOGRAPH-4E00", "CJK IDEOGRAPH-04E00", "CJK IDEOGRAPH-A000", "TANGUT IDEOGRAPH-17000",
            "TANGUT COMPONENT-001", "KHITAN SMALL SCRIPT CHARACTER-18B00", "NUSHU CHARACTER-1B170", "HANGUL SYLLABLE GAG", "hangul syllable ha", "HANGUL SYLLABLE", "VARIATION SELECTOR-1", "VARIATION SELECTOR-257",
            "CJK COMPATIBILITY IDEOGRAPH-FA6E", "CJK COMPATIBILITY IDEOGRAPH-FADA", "HANGUL JUNGSEONG O-E", "HANGUL JUNGSEONG OE", "LATINSMALLLETTERA", "-A", "A-", "A", "foo", " SPACE", "SPACE ", "U+41", "U+D800", "u+41", "",
            "TIBETAN MARK BSKA- SHOG GI MGO RGYAN", "SNOWMAN", "PRESENTATION FORM FOR VERTICAL RIGHT WHITE LENTICULAR BRAKCET"])
            .prop_map(|name| format!("\"?\\\\N{{{name}}}\""))
            .boxed(),
        "coding" => one_of(&["'utf-8", "'utf-8-unix", "'utf-8-dos", "'utf-8-mac", "'latin-1", "'iso-latin-1-unix", "'iso-8859-1-dos", "'us-ascii", "'us-ascii-dos", "'raw-text",
            "'raw-text-dos", "'no-conversion", "'binary", "'undecided", "'undecided-dos", "'prefer-utf-8", "'utf-16", "'utf-16le", "'utf-16be-dos", "'utf-16-le", "'utf-16be-with-signature",
            "'utf-8-with-signature", "'utf-8-auto", "'utf-8-emacs", "'emacs-internal", "'mule-utf-8", "nil"]),
        "textcoding" => one_of(&["'utf-8", "'utf-8-dos", "'latin-1", "'us-ascii", "'utf-16", "'utf-16le-mac", "'utf-8-emacs", "'mule-utf-8"]),
        "badcoding" => prop_oneof![6 => kind("coding"), 1 => one_of(&["'foo", "5", "\"utf-8\"", "'diff-none", "'no-conversion-unix", "'emacs-internal-dos", "'UTF-8"])].boxed(),
        "encoded" => collection(one_of(&["a", "b", "\\n", "\\r", "\\r\\n", "\\303\\251", "\\344\\270\\255", "\\360\\237\\230\\200", "\\351", "\\377", "\\303", "\\355\\240\\200",
            "\\357\\273\\277", "\\376\\377", "\\0", "\\0a", "\\330=\\336\\0", "\\330=", "\\300\\200", "\\370\\210\\200\\200\\200", "\\364\\220\\200\\200"]), 7).prop_map(|v| format!("\"{}\"", v.concat())).boxed(),
        "utf8" => collection(one_of(&["a", "b", "\\n", "\\r", "\\r\\n", "\\303\\251", "\\344\\270\\255", "\\360\\237\\230\\200"]), 7).prop_map(|v| format!("\"{}\"", v.concat())).boxed(),
        "latin1" => collection(one_of(&["a", "b", "\\n", "\\r\\n", "\\351\\377", "\\374a", "\\303b"]), 7).prop_map(|v| format!("\"{}\"", v.concat())).boxed(),
        "lines" => prop_oneof![string(), collection(one_of(&["a", "\\n", "\\r", "\\u00e9", "\\u4e2d", "\\U0001f600", "\\ud800", "\\xff"]), 6).prop_map(|v| format!("\"{}\"", v.concat()))].boxed(),
        "words" => collection(one_of(&["\"foo\"", "\"foobar\"", "\"FOO\"", "\"Foo2\"", "foo", "fob", "(\"fo\" . 1)", "(foo . 2)", "\"f\\u00e9\"", "\"f\\u00c9a\"", "\" foo\"", "bar", "nil", "5", "\"\"", "#(\"fooz\" 0 1 (a b))"]), 6).prop_map(|v| format!("'({})", v.join(" "))).boxed(),
        "word" => one_of(&["\"foo\"", "\"fo\"", "\"FO\"", "\"f\"", "\"\"", "\"f\\u00e9\"", "\"foobar\"", "\"b\"", "\" \"", "\"FOO\"", "\"nil\"", "\"x\""]),
        "somefile" => one_of(&["\"a\"", "\"b\"", "\"d\"", "\"d/\"", "\"l\"", "\"ld\"", "\"none\"", "\"d/x\"", "\"ld/x\"", "\".\"", "\"d/..\""]),
        "plainname" => one_of(&["\"a\"", "\"a/\"", "\"/a/b\"", "\"/a/b/\"", "\"/a\"", "\"/\"", "\"/a/b/c\"", "\"../x\"", "\"~/a\"", "\"/a/bc\"", "\"\"", "\"/x/y/../z\""]),
        "file" => one_of(&["\"a\"", "\"b\"", "\"d\"", "\"d/\"", "\"l\"", "\"ld\"", "\"ld/\"", "\"none\"", "\"none/x\"", "\"broken\"", "\"d/x\"", "\"a/x\"", "\"a/\"", "\"new\"", "\"\\u00e9\"", "\"\"", "\".\"", "\"d/..\"", "\"a\\0\"", "1"]),
        "atom" => atom().prop_map(quoted).boxed(),
        "floatformat" => one_of(&["\"%.3f\"", "\"%.f\"", "\"%.e\"", "\"%.g\"", "\"%.0f\"", "\"%.0e\"", "\"%.15g\"", "\"%.16g\"", "\"%e\"", "\"%.2e\"", "\"\"", "nil", "5"]),
        "directive" => ("[0-2]?", one_of(&["", "$"]), "[-+ #0]{0,2}", "[0-9]?", "(\\.[0-9]?)?", "[diosSxXcefg%]")
            .prop_map(|(field, dollar, flags, width, precision, letter)| {
                let field = if field.is_empty() { String::new() } else { field + &dollar };
                format!("\"%{field}{flags}{width}{precision}{letter}\"")
            })
            .boxed(),
        "escapes" => collection(
            one_of(&["\\C-", "\\M-", "\\S-", "\\^", "\\\n", "\\ ", "a", "?", "\\x41", "\\u00e9", "\\d", "\\377", "\\s-", "\\s", "\\H-"]),
            4,
        )
        .prop_map(|v| lisp_string(v.concat()).replace('\n', "\\n"))
        .boxed(),
        "deepregexp" => one_of(&["\"\\\\`.*b\"", "\"\\\\`\\\\(?:a\\\\|b\\\\)*c\"", "\"\\\\`\\\\(a\\\\|b\\\\)*c\"", "\"\\\\`\\\\(?:aa\\\\)*c\"",
            "\"\\\\`\\\\(aa\\\\)*\"", "\"\\\\`.*$\"", "\"\\\\`.*?b\"", "\"\\\\`\\\\w*b\"", "\"\\\\`[a-z]*[0-9]\"", "\"\\\\`\\\\([a-z]*\\\\)x\""]),
        "category" => one_of(&["a", "l", "L", ".", "g", "j", "c", "h", "|", "^", "<", "b", "\\u00e9", "\\u0561", "\\s", "Z"]),
        "replacement" => {
            collection(one_of(&["a", "Bc", "\\\\&", "\\\\1", "\\\\2", "\\\\\\\\", "\\\\?", "\\\\x", "\\u00e9", " "]), 5)
                .prop_map(|v| format!("\"{}\"", v.concat()))
                .boxed()
        }
        other => panic!("no such kind: {other}"),
    }
}

const FUNCTIONS_1: &[&str] = &[
    "#'car",
    "'identity",
    "(lambda (x) (list x))",
    "'null",
    "#'1+",
    "'diff-undefined",
    "'length",
    "#'symbol-name",
    "(lambda (x) (if (eq x 'foo) (signal 'diff-error '(1 2)) x))",
    "(lambda (&rest r) r)",
    "(lambda (x &optional y) (cons y x))",
    "(lambda (x) (vector x))",
    "(lambda (x) (if (consp x) x (list x x)))",
    "'number-to-string",
    "#'string-to-char",
];
const FUNCTIONS_2: &[&str] =
    &["#'cons", "'list", "#'eq", "(lambda (a b) (list b a))", "'+", "#'equal", "(lambda (a) a)", "'diff-undefined"];
const PREDICATES_2: &[&str] = &[
    "'<",
    "#'>",
    "#'string<",
    "#'string>",
    "(lambda (a b) t)",
    "(lambda (a b) nil)",
    "#'eq",
    "(lambda (a b) (if (eq a 'foo) (throw 'diff-tag b) (string< (format \"%S\" a) (format \"%S\" b))))",
    "(lambda (a b) (string< (prin1-to-string a) (prin1-to-string b)))",
];
const FUNCTIONS: &[&str] = &[
    "nil",
    "t",
    "'if",
    "#'if",
    "'(lambda)",
    "'(lambda (x))",
    "'(closure (t) (x) x)",
    "'(macro . car)",
    "'diff-answer",
    "(lambda (a b &optional c &rest d) a)",
    "'(autoload \"diff-no-file\" nil t)",
    "(symbol-function 'car)",
    "(symbol-function 'cond)",
    "'(lambda (&optional) 1)",
    "(lambda (&optional a) (interactive \"p\") a)",
    "'(1 2)",
    "'\"car\"",
];

fn one_of(texts: &'static [&'static str]) -> Text {
    select(texts).prop_map(str::to_owned).boxed()
}

fn vec_of(of: Text, size: std::ops::Range<usize>) -> BoxedStrategy<Vec<String>> {
    proptest::collection::vec(of, size).boxed()
}

fn collection(of: Text, most: usize) -> BoxedStrategy<Vec<String>> {
    vec_of(of, 0..most)
}

fn quoted(datum: String) -> String {
    format!("'{datum}")
}

fn int() -> Text {
    prop_oneof![
        6 => -20..300i64,
        2 => any::<i32>().prop_map(i64::from),
        1 => select(vec![0, 1, -1, 2, 7, 63, 64, 65, 4194303, 4194304, 0x3fff7f, 1114111, 255, 256, 127, 128]),
        1 => select(vec![2305843009213693951i64, -2305843009213693952, 2305843009213693950, 1152921504606846976]),
    ]
    .prop_map(|n| n.to_string())
    .boxed()
}

fn bignum() -> Text {
    let edge = select(vec![
        "2305843009213693952",
        "-2305843009213693953",
        "4611686018427387904",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "18446744073709551616",
        "18446744073709551615",
    ])
    .prop_map(str::to_owned);
    prop_oneof![edge, "-?[1-9][0-9]{19,45}"].boxed()
}

fn float() -> Text {
    prop_oneof![
        4 => (-1000..1000i64, 0..1000u32).prop_map(|(a, b)| format!("{a}.{b}")),
        2 => (-9.0..10.0f64, -320..308i32).prop_map(|(m, e)| format!("{m:.6}e{e}")),
        2 => select(vec!["0.0", "-0.0", "1.0e+INF", "-1.0e+INF", "0.0e+NaN", "-0.0e+NaN", "0.5", "1.5", "2.5", "-0.5", "-1.5", "1e300",
            "-1e300", "5e-324", "2.2250738585072014e-308", "1.7976931348623157e308", "2305843009213693952.0", "1e22", "123456789012345680.0"]).prop_map(str::to_owned),
    ]
    .boxed()
}

/// A character as the text of a number.
fn character() -> Text {
    prop_oneof![
        4 => 32..127i64,
        2 => select(vec![0xe9, 0xdf, 0xfc, 0x130, 0x131, 0x17f, 0x1c5, 0x3a3, 0x3c2, 0x4e2d, 0x1f600, 0x301, 0xfb01, 0x3b1, 0x391, 0xff, 0xb5]),
        1 => select(vec![0, 10, 9, 13, 27, 127, 128, 160, 0xad, 0xd800, 0xfffd, 0x10ffff, 0x110000, 0x3fff80, 0x3fffff, 0x3fff7f]),
        1 => 0..0x400000i64,
    ]
    .prop_map(|n| n.to_string())
    .boxed()
}

fn symbol() -> Text {
    prop_oneof![
        6 => one_of(&["foo", "bar", "nil", "t", "diff-a", "diff-none", ":key", "diff-f1", "a"]),
        1 => one_of(&["##", "\\1", "a\\ b", "-x", "1+x", "\\.", "\\?a", "a.b", "+1x", "\\#a", "#:gone"]),
    ]
    .boxed()
}

fn letters() -> Text {
    prop_oneof![
        8 => "[a-dA-C]{1,3}",
        2 => "[ -!#-\\[\\]-~]{1,3}",
        2 => one_of(&["\\n", "\\t", "\\\"", "\\\\", " ", "%", "`a'", "\\0", "\\e", "\\d"]),
    ]
    .boxed()
}

fn ascii_string() -> Text {
    collection(letters(), 6).prop_map(|v| format!("\"{}\"", v.concat())).boxed()
}

fn wide_letters() -> Text {
    one_of(&[
        "\\u00e9",
        "\\u00df",
        "\\u0130",
        "\\u4e2d\\u6587",
        "\\U0001f600",
        "e\\u0301",
        "\\u03a3\\u03c3",
        "\\u01c5",
        "\\ufb01",
        "\\u200b",
        "\\u00a0",
    ])
}

fn unibyte_string() -> Text {
    collection(
        prop_oneof![2 => letters(), 1 => one_of(&["\\377", "\\200", "\\303\\251", "\\344\\270\\255", "\\301"])].boxed(),
        6,
    )
    .prop_map(|v| format!("\"{}\"", v.concat()))
    .boxed()
}

fn multibyte_string() -> Text {
    let piece = prop_oneof![3 => letters(), 2 => wide_letters(), 1 => one_of(&["\\377", "\\200"])].boxed();
    (collection(piece.clone(), 4), wide_letters(), collection(piece, 4))
        .prop_map(|(a, b, c)| format!("\"{}{b}{}\"", a.concat(), c.concat()))
        .boxed()
}

fn string() -> Text {
    // A constant string may be changed by what is tested, and each case is read anew.
    prop_oneof![4 => ascii_string(), 1 => unibyte_string(), 3 => multibyte_string(), 1 => propertied_string()].boxed()
}

/// A string with properties.  Its runs do not touch: Emacs shows where equal neighbours were put together.
fn propertied_string() -> Text {
    let plist = || one_of(&["(face bold)", "(foo 1)", "(foo 2 bar (x))", "(face bold foo 1)"]);
    let first =
        (0..2usize, 1..3usize, plist()).prop_map(|(from, length, plist)| format!(" {from} {} {plist}", from + length));
    let second = (4..6usize, 6..8usize, plist()).prop_map(|(from, to, plist)| format!(" {from} {to} {plist}"));
    let some = |run: Text| prop_oneof![1 => Just(String::new()), 2 => run];
    (one_of(&["abcdefg", "ab\\u00e9cd\\u4e2df", "a b c d"]), some(first.boxed()), some(second.boxed()))
        .prop_map(|(text, first, second)| format!("#(\"{text}\"{first}{second})"))
        .boxed()
}

/// Text of a datum, not evaluated.
///
/// Emacs has one empty string and one empty vector, which shows when shared structure is printed: there is none here.
fn atom() -> Text {
    let ascii = vec_of(letters(), 1..4).prop_map(|v| format!("\"{}\"", v.concat()));
    prop_oneof![3 => symbol(), 3 => int(), 1 => float(), 1 => bignum(), 2 => ascii, 1 => multibyte_string()].boxed()
}

fn datum(depth: u32) -> Text {
    atom()
        .prop_recursive(depth, 12, 4, |inner| {
            let many = vec_of(inner.clone().boxed(), 0..4);
            prop_oneof![
                4 => many.clone().prop_map(|v| format!("({})", v.join(" "))),
                1 => vec_of(inner.clone().boxed(), 1..4).prop_map(|v| format!("[{}]", v.join(" "))),
                1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} . {b})")),
                1 => inner.clone().prop_map(|a| format!("'{a}")),
                1 => (one_of(&["#'", "`", ",", ",@"]), inner).prop_map(|(q, a)| format!("({q}{a})")),
                1 => many.prop_map(|v| format!("#s(rec {})", v.join(" "))),
                1 => one_of(&["#&5\"\\25\"", "#&0\"\"", "#&9\"ab\"", "#[(x) \"\\300\\207\" [x] 1]"]),
            ]
        })
        .boxed()
}

fn data() -> Text {
    datum(3).prop_map(quoted).boxed()
}

fn any_object() -> Text {
    prop_oneof![
        6 => data(),
        3 => string(),
        2 => prop_oneof![int(), bignum(), float(), character()],
        1 => hash_table(),
        1 => char_table(),
        1 => bool_vector(),
        1 => kind("vector"),
        1 => one_of(FUNCTIONS),
        1 => one_of(&["(make-marker)", "(symbol-function 'car)", "(make-symbol \"foo\")"]),
    ]
    .boxed()
}

fn list() -> Text {
    collection(datum(2), 6)
        .prop_map(|v| format!("(list {})", v.into_iter().map(quoted).collect::<Vec<_>>().join(" ")))
        .boxed()
}

fn alist() -> Text {
    let pair = prop_oneof![5 => (atom(), atom()).prop_map(|(a, b)| format!("({a} . {b})")), 1 => atom()];
    (collection(pair.boxed(), 6), prop_oneof![7 => Just(String::new()), 1 => Just(" . foo".to_owned())])
        .prop_map(
            |(v, end)| if v.is_empty() { "nil".to_owned() } else { format!("(copy-tree '({}{end}))", v.join(" ")) },
        )
        .boxed()
}

fn plist() -> Text {
    let key = one_of(&["foo", "bar", ":key", "1", "\"a\"", "2.0"]);
    let pairs = proptest::collection::vec((key, atom()), 0..4);
    (pairs, prop_oneof![6 => Just(""), 1 => Just(" foo"), 1 => Just(" . foo"), 1 => Just(" bar . 1")])
        .prop_map(|(v, end)| {
            let text = v.into_iter().map(|(k, v)| format!("{k} {v}")).collect::<Vec<_>>().join(" ");
            if text.is_empty() {
                "nil".to_owned()
            } else {
                format!("(copy-sequence '({text}{end}))")
                    .replace("(copy-sequence '", if end.contains('.') { "(copy-tree '" } else { "(copy-sequence '" })
            }
        })
        .boxed()
}

fn bool_vector() -> Text {
    prop_oneof![
        3 => collection(one_of(&["t", "nil"]), 12).prop_map(|v| format!("(bool-vector {})", v.join(" "))),
        1 => (0..140usize, one_of(&["t", "nil"])).prop_map(|(n, b)| format!("(make-bool-vector {n} {b})")),
    ]
    .boxed()
}

fn hash_table() -> Text {
    let entry = (atom(), datum(1)).prop_map(|(k, v)| format!("'{k} '{v}"));
    (one_of(&["'equal", "'eql", "'eq"]), collection(entry.boxed(), 5))
        .prop_map(|(test, v)| format!("(diff-table {test} {})", v.join(" ")))
        .boxed()
}

/// The first and the last of a range of characters.
fn range() -> Text {
    (0..0x3fffffu32, 0..3000u32, any::<bool>())
        .prop_map(|(from, length, low)| {
            let from = if low { from % 300 } else { from };
            format!("'({from} . {})", (from + length).min(0x3fffff))
        })
        .boxed()
}

fn char_table() -> Text {
    let range = prop_oneof![character(), range(), Just("nil".to_owned())];
    let entry = (range, atom()).prop_map(|(k, v)| format!("{k} '{v}"));
    (atom(), collection(entry.boxed(), 4))
        .prop_map(|(init, v)| format!("(diff-char-table '{init} {})", v.join(" ")))
        .boxed()
}

fn sequence() -> Text {
    prop_oneof![3 => list(), 2 => kind("vector"), 3 => string(), 1 => bool_vector(), 1 => kind("chars")].boxed()
}

/// Forms to be evaluated as they are.
fn form() -> Text {
    let leaf = prop_oneof![
        3 => int(),
        1 => "[a-dA-C %]{1,3}".prop_map(lisp_string),
        3 => one_of(&["diff-a", "diff-b", "nil", "t", ":key", "diff-none", "'foo", "(signal 'diff-error '(1))", "(throw 'diff-tag 2)", "(car 1)", "(setq diff-b (list 5))"]),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            (
                one_of(&["list", "progn", "and", "or", "prog1", "vector", "1+", "if"]),
                vec_of(inner.clone().boxed(), 1..4)
            )
                .prop_map(|(f, v)| format!("({f} {})", v.join(" "))),
            (one_of(&["diff-a", "x"]), inner.clone(), inner).prop_map(|(v, a, b)| format!("(let (({v} {a})) {b})")),
        ]
    })
    .boxed()
}

fn numeral() -> Text {
    prop_oneof![
        "[-+]?[0-9]{1,25}",
        "[-+]?[0-9]{0,4}\\.[0-9]{0,4}",
        "[-+]?[0-9]{1,4}(\\.[0-9]{0,4})?e[-+]?[0-9]{1,3}",
        "[ \t]{0,2}[-+]?[0-9a-fA-F]{1,5}[g-z]?",
        "[-+0-9.eINaF]{0,9}",
    ]
    .prop_map(|s| s.replace('\t', "\\t"))
    .boxed()
}

fn format_string() -> Text {
    let directive = (
        "([1-3]\\$)?[-+ #0]{0,2}([0-9]|1[0-9])?(\\.[0-9]?)?",
        one_of(&["s", "S", "d", "o", "x", "X", "c", "e", "f", "g", "%", "s", "d", "S"]),
    )
        .prop_map(|(flags, c)| format!("%{flags}{c}"));
    let piece = prop_oneof![4 => directive, 3 => letters().prop_map(|s| s.replace('%', "")), 1 => wide_letters(), 1 => one_of(&["%", "%y", "%%"])];
    collection(piece.boxed(), 5).prop_map(|v| format!("\"{}\"", v.concat())).boxed()
}

/// Text of Lisp syntax, well-formed or not, as a string.
fn read_syntax() -> Text {
    let token = prop_oneof![
        4 => datum(2),
        1 => numeral(),
        1 => one_of(&["(", ")", "[", "]", ".", "'", "`", ",", ",@", "#'", "#s(", "#(", "#[", "#^[", "#^^[", "#&3", "#1=", "#1#", "#2#", "#x1f", "#b101",
            "#o17", "#24r1k", "#b12", "#xg", "?a", "?\\n", "?\\C-a", "?\\M-\\C-x", "?\\^?", "?\\x41", "?\\u00e9", "?\\N{U+41}", "?\\S-a", "?\\s-a", "?\\s",
            "?\\d", "?ab", "?", "?\\", ";c", "#!", "#", "##", "#:a", "#_", "#@", "#@3ab", "#$", "\\", "\\a", "a\\", "1.0e+INF", "-0.0e+NaN", ".5", "1.", "+1", "-.e1", "1e5", "\"", "\"\\", "\"\\x41\\ b\"",
            "\"\\u12\"",  "\"\\C-a\"", "\"\\M-a\"", "\"\\^@\"", "\"\\s-\"", "#s(hash-table data (1 2))", "#s(hash-table size 3 test equal data (\"a\" 1))", "#s(hash-table test foo)", "#s()",
            "#(\"ab\" 0 1 (a b))", "#(\"ab\" 0)", "#(1)", "#&70\"abcdefghi\"", "#&9\"a\"", "#[1 2]", "#[(x) \"a\" [] 1]", "#^[1 2]", "(#1=(a . #1#))", "(#1=(a) #1#)", "#1=#1#", "#s(foo #1=a #1#)"]),
    ];
    (proptest::collection::vec((token, one_of(&["", " ", " ", "\n"])), 1..6))
        .prop_map(|v| {
            let text: String = v.into_iter().flat_map(|(a, b)| [a, b]).collect();
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
        })
        .boxed()
}

/// A literal of printing ASCII.
fn lisp_string(text: String) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn json_token() -> Text {
    one_of(&[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"b\\n\"",
        "1",
        "-1",
        "0",
        "01",
        "1.5",
        "1e5",
        "-",
        "1.",
        "1e",
        "true",
        "false",
        "null",
        "nul",
        " ",
        "x",
        "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud800\"",
        "\"\\x\"",
        "\"",
        "99999999999999999999",
        "1e999",
        "\"\\u0000\"",
        "abcdefghijklmnopqrstuvwxyz",
    ])
}

/// Well-formed JSON.
fn json_text(depth: u32) -> Text {
    let leaf = prop_oneof![
        2 => (-1000i64..1000).prop_map(|n| n.to_string()),
        1 => "-?[1-9][0-9]{0,18}",
        1 => "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,6})?([eE][-+]?[0-9]{1,2})?",
        2 => one_of(&["true", "false", "null", "\"\"", "\"a b\"", "\"\\u00e9\\/\"", "\"\\\"\\\\\"", "\"\\t\\b\"", "\"\\ud83d\\ude00\""]),
    ];
    leaf.prop_recursive(depth, 16, 4, |inner| {
        let inner = inner.boxed();
        let key = one_of(&["\"a\"", "\"b\"", "\"key\"", "\":c\""]);
        let pair = (key, inner.clone()).prop_map(|(k, v)| format!("{k}: {v}")).boxed();
        prop_oneof![
            vec_of(inner, 0..4).prop_map(|v| format!("[{}]", v.join(", "))),
            vec_of(pair, 0..4).prop_map(|v| format!("{{{}}}", v.join(","))),
        ]
    })
    .boxed()
}

/// Expressions of values that JSON text can be made of, mostly.
fn json_value() -> Text {
    let leaf = prop_oneof![
        3 => int(), 1 => float(), 1 => bignum(), 3 => string(),
        3 => one_of(&["t", "nil", ":null", ":false", "'foo", "(vector)"]),
    ];
    leaf.prop_recursive(3, 14, 4, |inner| {
        let inner = inner.boxed();
        let key = one_of(&["'a", "'b", ":c", "'d", "nil", "\"s\"", "'\\u00e9"]);
        let pair = (key.clone(), inner.clone()).prop_map(|(k, v)| format!("(cons {k} {v})")).boxed();
        let flat = (key, inner.clone()).prop_map(|(k, v)| format!("{k} {v}")).boxed();
        let entry = (ascii_string(), inner.clone()).prop_map(|(k, v)| format!("{k} {v}")).boxed();
        prop_oneof![
            2 => vec_of(inner, 0..4).prop_map(|v| format!("(vector {})", v.join(" "))),
            2 => vec_of(pair, 0..4).prop_map(|v| format!("(list {})", v.join(" "))),
            1 => vec_of(flat, 0..4).prop_map(|v| format!("(list {})", v.join(" "))),
            1 => vec_of(entry, 0..3).prop_map(|v| format!("(diff-table 'equal {})", v.join(" "))),
        ]
    })
    .boxed()
}

/// Text that the generated patterns may match.
fn subject() -> Text {
    let piece = one_of(&[
        "a", "b", "ab", "A", "B", " ", "\\n", "-", "_", "x1", "$", "(", "aa", "[", "\\u00e9", "\\u00c9", "\\u4e2d",
        "\\u3042", ".",
    ]);
    let unibyte = one_of(&["a", "b", "\\351", "\\377", " ", "A"]);
    prop_oneof![5 => collection(piece, 9), 1 => collection(unibyte, 6)]
        .prop_map(|v| format!("\"{}\"", v.concat()))
        .boxed()
}

/// Pieces of patterns, backslashes doubled.
fn regexp_token() -> Text {
    prop_oneof![
        4 => one_of(&["a", "b", "A", " ", "-", "ab"]),
        3 => one_of(&[".", "*", "+", "?", "*?", "+?", "??", "^", "$", "[ab]", "[^a]", "[a-c]", "[]a]", "[^]]", "[a-]"]),
        3 => one_of(&["\\\\(", "\\\\)", "\\\\|", "\\\\(?:", "\\\\(?2:", "\\\\{1,2\\\\}", "\\\\{2\\\\}", "\\\\{,1\\\\}", "\\\\{0\\\\}", "\\\\1", "\\\\2"]),
        3 => one_of(&["\\\\b", "\\\\B", "\\\\<", "\\\\>", "\\\\_<", "\\\\_>", "\\\\w", "\\\\W", "\\\\`", "\\\\'", "\\\\s-", "\\\\S-", "\\\\s_", "\\\\sw", "\\\\s.", "\\\\=", "\\\\ca", "\\\\Ca", "\\\\cl", "\\\\C|", "\\\\c"]),
        1 => one_of(&["[[:alpha:]]", "[^[:upper:]]", "[[:lower:]_]", "[[:space:]]", "[[:punct:]a]", "[[:word:]]", "[[:digit:]b]", "[[:nonascii:]]", "[[:alnum:]]", "[[:graph:]]", "[[:multibyte:]]", "[[:unibyte:]]", "[[:blank:]]", "[[:cntrl:]]", "[[:print:]]", "[[:xdigit:]]", "[[:ascii:]]"]),
        1 => one_of(&["[", "]", "[^", "[[:foo:]]", "[a-\\u00e9]", "[\\u00c0-\\u00ff]", "\\u00e9", "\\u4e2d", "\\351", "[\\300-\\377]", "\\\\", "\\\\{", "\\\\x", "[z-a]", "\\n"]),
    ]
    .boxed()
}

/// A pattern that is well-formed, most of the time.
fn regexp() -> Text {
    let leaf = prop_oneof![
        6 => one_of(&["a", "b", "A", "ab", ".", "[ab]", "[^a]", "\\\\w", "\\\\s-", " ", "\\u00e9", "[[:alpha:]]", "[[:upper:]]", "\\\\W", "[a-\\u00e9]"]),
        1 => regexp_token(),
    ];
    let pattern = leaf.prop_recursive(4, 16, 4, |inner| {
        let inner = inner.boxed();
        let many = vec_of(inner.clone(), 1..4).prop_map(|v| v.concat());
        prop_oneof![
            3 => many.clone(),
            2 => many.clone().prop_map(|s| format!("\\\\({s}\\\\)")),
            1 => many.clone().prop_map(|s| format!("\\\\(?:{s}\\\\)")),
            3 => (inner.clone(), one_of(&["*", "+", "?", "*?", "+?", "??", "\\\\{1,2\\\\}", "\\\\{2,\\\\}"])).prop_map(|(s, r)| format!("\\\\({s}\\\\){r}")),
            2 => (one_of(&["a", "b", ".", "[ab]", "\\\\w", "[^b]"]), one_of(&["*", "+", "?", "*?", "+?", "\\\\{2\\\\}", "\\\\{0,2\\\\}"])).prop_map(|(s, r)| format!("{s}{r}")),
            2 => (many.clone(), many).prop_map(|(a, b)| format!("{a}\\\\|{b}")),
            1 => inner.prop_map(|s| format!("\\\\({s}\\\\)\\\\1")),
        ]
    });
    (pattern, one_of(&["", "", "", "^", "\\\\<", "\\\\b"]), one_of(&["", "", "", "$", "\\\\>", "\\\\_>", "\\\\'"]))
        .prop_map(|(p, a, b)| format!("\"{a}{p}{b}\""))
        .boxed()
}

fn condition() -> Text {
    let name = one_of(&[
        "error",
        "wrong-type-argument",
        "args-out-of-range",
        "file-error",
        "file-missing",
        "user-error",
        "end-of-file",
        "quit",
        "foo",
        "void-variable",
        "arith-error",
    ]);
    (name, collection(datum(1), 4)).prop_map(|(name, data)| format!("'({name} {})", data.join(" "))).boxed()
}

fn file_name() -> Text {
    let part = one_of(&[
        "a", "b.el", "..", ".", "", "~", "/", "//", "c d", ".hidden", "x.tar.gz", "~root", "$HOME", "\\u00e9",
    ]);
    (one_of(&["", "/", "/tmp/", "~/", "./", "//"]), vec_of(part, 0..4), one_of(&["", "/"]))
        .prop_map(|(a, v, b)| format!("\"{a}{}{b}\"", v.join("/")))
        .boxed()
}

fn version() -> Text {
    collection(one_of(&["1", "10", "2", "09", "a", "b", ".", "-", "foo", "0", "~"]), 6)
        .prop_map(|v| format!("\"{}\"", v.concat()))
        .boxed()
}

fn time() -> Text {
    prop_oneof![
        2 => (-100000i64..4000000000).prop_map(|n| n.to_string()),
        1 => bignum(),
        1 => (-100000i64..4000000000, 1..1000000i64).prop_map(|(n, hz)| format!("'({n} . {hz})")),
        1 => (-70000..70000i64, 0..65536i64).prop_map(|(h, l)| format!("'({h} {l})")),
        1 => (-70000..70000i64, 0..65536i64, 0..1000000i64).prop_map(|(h, l, u)| format!("'({h} {l} {u})")),
        1 => (-70000..70000i64, -5..65536i64, -10..1000000i64, 0..1000000i64).prop_map(|(h, l, u, p)| format!("'({h} {l} {u} {p})")),
        1 => (-100000..4000000i64, 0..4096u32).prop_map(|(n, f)| format!("{}", n as f64 + f64::from(f) / 4096.0)).prop_map(|s| if s.contains('.') { s } else { format!("{s}.0") }),
        1 => float(),
    ]
    .boxed()
}
