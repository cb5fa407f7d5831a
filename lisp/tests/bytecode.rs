//! Byte code that Emacs 28.2 compiled: `bytecode/rows.txt` has functions, arguments, and what Emacs gives.
//!
//! Where an Emacs 28.2 is installed the rows are made again from `bytecode/forms.el`, so that they stay what it says; and
//! every compiled function that comes with it must pass the verifier.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use tenure_gc::{Config, Context, Kind, Object, PLANS, T};
use tenure_lisp::reader::{Reader, Source};
use tenure_vm::bytecode::opcode::{Flow, OPCODES, decode};
use tenure_vm::handler::{Exit, catch_all};
use tenure_vm::{bytecode, eval, funcall, state};

const ROWS: &str = include_str!("bytecode/rows.txt");
const PRELUDE: &str = "(progn (defvar some-variable 1) (defvar print-circle) (defvar print-gensym)
    (defvar print-escape-newlines) (defun some-function (x) x)
    (defun run-row (row)
      (let ((print-circle t) (print-gensym t) (print-escape-newlines t))
        (prin1-to-string (condition-case error (apply (car row) (car (cdr row))) (error (cons 'ERR error)))))))";

fn has_emacs() -> bool {
    let version = Command::new("emacs").arg("--version").output();
    let found = version.is_ok_and(|v| v.stdout.starts_with(b"GNU Emacs 28.2"));
    if !found {
        assert!(std::env::var_os("CI").is_none(), "these tests are skipped, in CI: no Emacs 28.2 is installed");
        eprintln!("skipped: no Emacs 28.2 is installed");
    }
    found
}

fn read<'ob>(text: &[u8], cx: &'ob Context) -> Object<'ob> {
    Reader::new(text, 0, Source::Text).read(cx).expect("a form")
}

fn text(object: Object<'_>) -> String {
    object.as_string().map_or_else(String::new, |s| String::from_utf8_lossy(s.bytes()).into_owned())
}

fn start(config: Config) -> Context {
    let mut cx = tenure_lisp::new_context(config);
    let scope = cx.scope();
    let (form, lexical) = (scope.root(read(PRELUDE.as_bytes(), &cx)), scope.root(T));
    eval::eval(form, lexical, &mut cx).expect("a value").get(&cx);
    drop(scope);
    cx
}

/// What is wrong with the rows, each in a fresh state of the variables.
fn wrong_rows(config: &Config) -> String {
    let mut cx = start(config.clone());
    let cx = &mut cx;
    let mut wrong = String::new();
    for row in ROWS.lines() {
        let scope = cx.scope();
        let row = scope.root(read(row.as_bytes(), cx));
        let expected = tenure_vm::tails::tails(row.get(cx)).nth(2).map_or(String::new(), |c| text(c.car()));
        let run = cx.intern("run-row").into();
        let found = funcall!(cx, run, row.get(cx)).expect("a value").get(cx);
        let found = text(found);
        if found != expected {
            let function = tenure_vm::tails::tails(row.get(cx)).next().map_or(T, |c| c.car());
            let function = funcall!(cx, cx.intern("prin1-to-string").into(), function).expect("a value").get(cx);
            wrong += &format!("{}\n  Emacs {expected}\n  found {found}\n", text(function));
        }
    }
    wrong
}

#[test]
fn the_rows_hold() {
    state::run_on_big_stack(|| {
        let wrong = wrong_rows(&Config::default());
        assert!(wrong.is_empty(), "\n{wrong}");
    });
}

#[test]
fn the_rows_hold_with_a_collection_at_every_safepoint() {
    for plan in &PLANS {
        state::run_on_big_stack(|| {
            let mut config = Config::named(plan.name).expect("a plan of the table");
            config.stress = 1;
            let wrong = wrong_rows(&config);
            assert!(wrong.is_empty(), "{}\n{wrong}", plan.name);
        });
    }
}

#[test]
fn emacs_compiles_the_same_rows() {
    if !has_emacs() {
        return;
    }
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join("bytecode");
    let directory = directory.display();
    let output = Command::new("emacs")
        .args(["--batch", "-Q", "-l", &format!("{directory}/compile.el"), "--eval"])
        .arg(format!("(compile-rows \"{directory}/\")"))
        .output()
        .expect("emacs runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), ROWS);
}

/// Opcodes that the rows lack: what wants buffers, and what compilers of old wrote, which `vm/tests/bytecode.rs` has.
const NOT_IN_ROWS: &[&str] = &[
    "point",
    "goto-char",
    "insert",
    "point-max",
    "point-min",
    "char-after",
    "following-char",
    "preceding-char",
    "current-column",
    "indent-to",
    "eolp",
    "eobp",
    "bolp",
    "bobp",
    "current-buffer",
    "set-buffer",
    "interactive-p",
    "forward-char",
    "forward-word",
    "skip-chars-forward",
    "skip-chars-backward",
    "forward-line",
    "char-syntax",
    "buffer-substring",
    "delete-region",
    "narrow-to-region",
    "widen",
    "end-of-line",
    "save-window-excursion",
    "catch",
    "condition-case",
    "temp-output-buffer-setup",
    "temp-output-buffer-show",
    "unbind-all",
    "set-marker",
    "match-beginning",
    "match-end",
    "Rgoto",
    "Rgoto-if-nil",
    "Rgoto-if-not-nil",
    "Rgoto-if-nil-else-pop",
    "Rgoto-if-not-nil-else-pop",
    "insertN",
    "stack-set2",
    "constant2",
];

/// Visit the byte-code functions in an object, which may be circular: no more than so many objects are looked at.
fn functions<'ob>(object: Object<'ob>, visit: &mut dyn FnMut(Object<'ob>)) {
    const MOST: usize = 1 << 20;
    let (mut pending, mut seen) = (vec![object], 0);
    while let Some(object) = pending.pop() {
        seen += 1;
        if seen > MOST {
            return;
        }
        match object.untag() {
            Kind::Cons(cons) => pending.extend([cons.cdr(), cons.car()]),
            Kind::Vector(vector) => pending.extend(vector.iter()),
            Kind::ByteCode(code) => {
                visit(object);
                pending.extend(code.get(2));
            }
            _ => {}
        }
    }
}

#[test]
fn the_rows_have_every_instruction_that_needs_no_buffer() {
    let cx = start(Config::default());
    let mut seen = BTreeSet::new();
    for row in ROWS.lines() {
        functions(read(row.as_bytes(), &cx), &mut |function| {
            let code = function.as_byte_code().and_then(|code| code.get(1)).and_then(Object::as_string);
            let code = code.expect("a code string").bytes();
            let mut pc = 0;
            while let Some(instruction) = decode(code, pc) {
                seen.insert(instruction.op.info().name);
                pc = instruction.next;
            }
        });
    }
    let valid = OPCODES.iter().filter(|row| row.flow != Flow::Invalid).map(|row| row.name);
    let missing: Vec<&str> = valid.filter(|name| !seen.contains(name) && !NOT_IN_ROWS.contains(name)).collect();
    assert!(missing.is_empty(), "no row has {missing:?}");
    let listed: Vec<&&str> =
        NOT_IN_ROWS.iter().filter(|name| seen.contains(**name) && **name != "save-current-buffer").collect();
    assert!(listed.is_empty(), "some row has {listed:?}");
}

fn compiled_files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            compiled_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "elc") {
            found.push(path);
        }
    }
}

#[test]
fn every_function_that_comes_with_emacs_passes_the_verifier() {
    if !has_emacs() {
        return;
    }
    let output = Command::new("emacs")
        .args(["--batch", "-Q", "--eval", "(princ (file-name-directory (locate-library \"subr\")))"])
        .output()
        .expect("emacs runs");
    let mut files = Vec::new();
    compiled_files(Path::new(String::from_utf8_lossy(&output.stdout).trim()), &mut files);
    files.sort();
    let mut count = 0;
    for file in &files {
        let text = std::fs::read(file).expect("a file");
        let cx = start(Config::default());
        let mut reader = Reader::new(&text, 0, Source::File);
        while let Ok(Some(form)) = reader.next(&cx) {
            if tenure_vm::tails::tails(form).next().is_none() {
                continue;
            }
            functions(form, &mut |function| {
                count += 1;
                if let Err(throw) = bytecode::check(function, &cx) {
                    let [_, data] = cx.caught(throw);
                    panic!("{}: {}", file.display(), text_of(data));
                }
            });
        }
    }
    eprintln!("{count} functions in {} files", files.len());
}

fn text_of(data: Object<'_>) -> String {
    data.as_cons().map_or_else(String::new, |cons| text(cons.car()))
}

/// Append a text as a block that the reader skips; gives its place.
fn append_block(file: &mut Vec<u8>, text: &[u8]) -> usize {
    file.extend_from_slice(format!("#@{} ", text.len() + 2).as_bytes());
    let place = file.len();
    file.extend_from_slice(text);
    file.push(31);
    place
}

#[test]
fn documentation_and_code_are_read_from_the_file_when_they_are_wanted() {
    let mut file = b";ELC\x1c\0\0\0\n".to_vec();
    let doc = append_block(&mut file, b"Quoted: \x01_ \x01\x01 \x010.");
    let code = append_block(&mut file, br#"("\211\300D\207" . [7])"#);
    let variable = append_block(&mut file, "Of a variable, \u{e4}.".as_bytes());
    file.extend_from_slice(
        format!(
            "(defalias 'lazy #[257 (#$ . {code}) nil 3 (#$ . {doc})])
             (defalias 'lazy-macro '(macro . #[257 \"\\300\\207\" [5] 3 (#$ . {doc})]))
             (defvar lazy-variable 1 (#$ . -{variable}))"
        )
        .as_bytes(),
    );
    let name = std::env::temp_dir().join(format!("tenure-lazy-{}.elc", std::process::id()));
    std::fs::write(&name, &file).expect("a place for a file");
    state::run_on_big_stack(|| {
        let cx = &mut start(Config::default());
        let mut check = |form: &str, expected: &str| {
            let scope = cx.scope();
            let (form, lexical) = (scope.root(read(form.as_bytes(), cx)), scope.root(T));
            let value = eval::eval(form, lexical, cx).expect("a value");
            let value = value.get(cx);
            let printed = funcall!(cx, cx.intern("prin1-to-string").into(), value).expect("a value").get(cx);
            assert_eq!(text(printed), expected);
        };
        check(&format!("(load {:?} nil t)", name.display().to_string()), "t");
        check("(consp (aref (symbol-function 'lazy) 1))", "t");
        check("(list (lazy 1) (mapcar #'lazy '(2 3)) (lazy-macro 1))", "((1 7) ((2 7) (3 7)) 5)");
        check("(aref (symbol-function 'lazy) 2)", "[7]");
        check("(documentation 'lazy t)", "\"Quoted: \u{1f} \u{1} \u{0}.\"");
        check("(documentation 'lazy-macro t)", "\"Quoted: \u{1f} \u{1} \u{0}.\"");
        check("(documentation-property 'lazy-variable 'variable-documentation t)", "\"Of a variable, \u{e4}.\"");
        check("(documentation 'car t)", "\"Return the car of LIST, nil if LIST is nil.\"");
        check("(condition-case e (documentation 'no-such-function) (error e))", "(void-function no-such-function)");
        std::fs::remove_file(&name).expect("our own file");
        check("(string-prefix-p \"Cannot open doc string file\" (documentation 'lazy t))", "t");
    });
}

/// A generator of numbers (`xorshift64*`, Vigna 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n.max(1)
    }
}

/// Code with some bytes changed, moved, taken out or put in, or with a jump backwards put in.
fn mutated(code: &[u8], random: &mut Random) -> Vec<u8> {
    const GOTO: u8 = 130;
    let mut code = code.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(code.len());
        match random.below(7) {
            _ if code.is_empty() => code.push(random.below(256) as u8),
            0 => code[at] = random.below(256) as u8,
            1 => code[at] ^= 1 << random.below(8),
            2 => _ = code.remove(at),
            3 => code.insert(at, random.below(256) as u8),
            4 => code.truncate(at),
            5 => {
                let [low, high] = (random.below(at + 1) as u16).to_le_bytes();
                code.splice(at..at, [GOTO, low, high]);
            }
            _ => {
                let other = random.below(code.len());
                code.swap(at, other);
            }
        }
    }
    code
}

/// How many safepoints code may come to.
const SAFEPOINTS: u64 = 500;

/// Calls a function that may do anything, with little depth.
const GUARD: &str = "(progn
  (defun hostile-run (f args)
    (let ((max-lisp-eval-depth 200) (max-specpdl-size 2000))
      (condition-case error (progn (apply f args) 'fine) (error (car error)) (quit 'quit)))))";

#[test]
fn functions_with_changed_code_are_refused_or_run() {
    state::run_on_big_stack(|| {
        let cx = &mut start(Config { stress: 7, ..Config::default() });
        let scope = cx.scope();
        let (form, lexical) = (scope.root(read(GUARD.as_bytes(), cx)), scope.root(T));
        eval::eval(form, lexical, cx).expect("a value").get(cx);
        let mut random = Random(0x1234_5678_9abc_def1);
        let (mut refused, mut run, mut loops, mut endless) = (0, 0, 0, 0);
        for row in ROWS.lines() {
            for _ in 0..40 {
                let scope = cx.scope();
                let row = scope.root(read(row.as_bytes(), cx));
                let function = tenure_vm::tails::tails(row.get(cx)).next().map_or(T, |c| c.car());
                let Some(original) = function.as_byte_code() else { continue };
                let mut slots: Vec<Object<'_>> = original.iter().collect();
                let Some(code) = slots[1].as_string() else { continue };
                let code = mutated(code.bytes(), &mut random);
                slots[1] = cx.string(&code, code.len(), false).into();
                if random.below(8) == 0 {
                    slots[3] = Object::fixnum(random.below(12) as i64);
                }
                let function: Object<'_> = cx.byte_code(&slots).into();
                if let Err(throw) = bytecode::check(function, cx) {
                    cx.caught(throw);
                    refused += 1;
                    continue;
                }
                run += 1;
                loops += usize::from(has_loop(&code));
                let function = scope.root(function);
                let arguments = scope.root(tenure_vm::tails::tails(row.get(cx)).nth(1).map_or(T, |c| c.car()));
                // Code that does not end comes to safepoints again and again, and the last of these stops it.
                state::set_fuel(SAFEPOINTS, cx);
                let outcome = catch_all(cx, |cx| {
                    let guard = cx.intern("hostile-run").into();
                    funcall!(cx, guard, function.get(cx), arguments.get(cx))
                });
                endless += usize::from(matches!(outcome, Err((Exit::Throw, _))));
            }
        }
        assert!(refused > 1000 && run > 1000, "{refused} refused, {run} run");
        assert!(loops > 100 && endless > 50, "{loops} with a jump backwards, {endless} that did not end");
    });
}

/// Whether code has a jump backwards, or a table of jumps.
fn has_loop(code: &[u8]) -> bool {
    let mut pc = 0;
    while let Some(instruction) = decode(code, pc) {
        let row = instruction.op.info();
        let jumps = !matches!(row.flow, Flow::Next | Flow::Return | Flow::Invalid);
        if jumps && (row.name == "switch" || row.name.starts_with('R') || instruction.operand <= pc) {
            return true;
        }
        pc = instruction.next;
    }
    false
}

#[test]
fn damaged_files_give_errors() {
    let source = format!("(defalias 'damaged-f {})\n(damaged-f 1)\n", ROWS.lines().next().unwrap_or_default());
    let mut file = b";ELC\x1c\0\0\0\n".to_vec();
    append_block(&mut file, b"Some words.");
    file.extend(b"(defalias 'lazy #[257 \"\\300\\207\" [5] 3 (#$ . 14)])\n(documentation 'lazy)\n");
    file.extend(b"(byte-code \"\\300\\301\\302\\\"\\210\\303\\207\" [put a b c] 3)\n");
    for line in ROWS.lines().take(40) {
        file.extend(format!("(list '{line})\n").bytes());
    }
    file.extend(source.bytes());
    let name = std::env::temp_dir().join(format!("tenure-damaged-{}.elc", std::process::id()));
    state::run_on_big_stack(|| {
        let cx = &mut start(Config::default());
        let mut random = Random(0xfeed_beef_1234_5679);
        for round in 0..300 {
            let mut bytes = file.clone();
            if round % 3 == 0 {
                bytes.truncate(random.below(file.len()));
            }
            for _ in 0..random.below(4) {
                let at = random.below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            std::fs::write(&name, &bytes).expect("a place for a file");
            let form = format!(
                "(condition-case error (progn (load {:?} nil t) 'fine) (error (car error)))",
                name.display().to_string()
            );
            let scope = cx.scope();
            let (form, lexical) = (scope.root(read(form.as_bytes(), cx)), scope.root(T));
            if let Err(throw) = eval::eval(form, lexical, cx) {
                cx.caught(throw);
            }
        }
        std::fs::remove_file(&name).expect("our own file");
    });
}
