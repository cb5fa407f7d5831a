//! Random programs: every one ends, and none gives a function as a value or depends on the identity of what a compiler
//! may merge.  [`library`] has what macros of the library expand to, and what is nested in other ways.

mod library;

/// A generator of numbers (`xorshift64*`, Vigna 2014).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// Variables that programs declare special.
const SPECIAL: &[&str] = &["diff-a", "diff-b", "diff-c"];
const NAMES: &[&str] = &["x", "y", "z", "w"];
const CONSTANTS: &[&str] = &[
    "0",
    "1",
    "2",
    "-1",
    "7",
    "nil",
    "t",
    "'a",
    "'b",
    "'c",
    ":k",
    "1.5",
    "'(1 2 3)",
    "'(a . b)",
    "[1 2]",
    "536870912",
    "2305843009213693951",
    "100000000000000000000",
    "-0.0",
    "1.0e+INF",
    "\"\"",
    "\"ab\"",
    "\"\\u00e4b\"",
];
const KEYS: &[&str] = &["'a", "'b", "'c", "0", "1", "2", "7", "nil", "t", ":k"];
const UNARY: &[&str] = &[
    "1+",
    "1-",
    "-",
    "car",
    "cdr",
    "car-safe",
    "cdr-safe",
    "not",
    "null",
    "consp",
    "listp",
    "symbolp",
    "stringp",
    "numberp",
    "integerp",
    "length",
    "list",
    "identity",
    "cadr",
    "cddr",
    "zerop",
    "reverse",
    "type-of",
    "symbol-name",
    "abs",
    "atom",
    "natnump",
    "vector",
    "concat",
    "upcase",
    "truncate",
    "float",
    "string-to-char",
    "bignump",
    "prin1-to-string",
    "vectorp",
    "cl-evenp",
    "cl-first",
    "last",
    "number-to-string",
    "string-to-number",
];
const BINARY: &[&str] = &[
    "+",
    "-",
    "*",
    "<",
    ">",
    "=",
    "<=",
    ">=",
    "cons",
    "list",
    "equal",
    "nth",
    "nthcdr",
    "elt",
    "aref",
    "max",
    "min",
    "/",
    "%",
    "mod",
    "append",
    "member",
    "assoc",
    "concat",
    "string=",
    "eql",
    "/=",
    "logand",
    "memql",
    "logior",
    "logxor",
    "string<",
    "remove",
    "cl-remove",
];
const MANY: &[&str] =
    &["+", "list", "-", "*", "concat", "max", "<", "append", "vector", "substring", "=", "logior", "min", "cl-list*"];

/// Writes a program.
pub struct Writer {
    random: Random,
    /// Variables and functions in force.
    variables: Vec<String>,
    functions: Vec<String>,
    loops: usize,
}

impl Writer {
    pub fn new(seed: u64) -> Writer {
        Writer { random: Random::new(seed), variables: Vec::new(), functions: Vec::new(), loops: 0 }
    }

    /// A lambda expression of two parameters.
    pub fn program(&mut self) -> String {
        self.variables = vec!["x".into(), "y".into()];
        let body = self.body(5);
        format!("(lambda (x &optional y) {body})")
    }

    fn below(&mut self, n: usize) -> usize {
        self.random.below(n)
    }

    fn body(&mut self, depth: usize) -> String {
        let n = 1 + self.below(3);
        (0..n).map(|_| self.form(depth)).collect::<Vec<_>>().join(" ")
    }

    fn variable(&mut self) -> String {
        let n = self.variables.len();
        if self.below(6) == 0 {
            self.random.of(SPECIAL).to_owned()
        } else {
            self.variables[self.random.below(n)].clone()
        }
    }

    /// A name to bind.
    fn name(&mut self) -> String {
        if self.below(5) == 0 { self.random.of(SPECIAL).to_owned() } else { self.random.of(NAMES).to_owned() }
    }

    /// Do something where a variable is in force.
    fn with(&mut self, names: &[String], f: impl FnOnce(&mut Self) -> String) -> String {
        let n = self.variables.len();
        self.variables.extend(names.iter().filter(|name| !SPECIAL.contains(&name.as_str())).cloned());
        let text = f(self);
        self.variables.truncate(n);
        text
    }

    fn leaf(&mut self) -> String {
        if self.below(3) == 0 { self.random.of(CONSTANTS).to_owned() } else { self.variable() }
    }

    fn form(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.leaf();
        }
        let d = depth - 1;
        match self.below(44) {
            0..=2 => self.leaf(),
            3 => format!("({} {})", self.random.of(UNARY), self.form(d)),
            4 | 5 => format!("({} {})", self.random.of(UNARY), self.form(d)),
            6 | 7 => format!("({} {} {})", self.random.of(BINARY), self.form(d), self.form(d)),
            // The compilers compute with two arguments before they evaluate the third.
            8 => format!("({} {} {} {})", self.random.of(MANY), self.form(d), self.form(d), self.leaf()),
            9 | 10 => format!("(setq {} {})", self.variable(), self.form(d)),
            11 => format!("(if {} {} {})", self.form(d), self.form(d), self.body(d)),
            12 => self.cond(d),
            13 => format!("({} {} {} {})", self.random.of(&["and", "or"]), self.form(d), self.form(d), self.form(d)),
            14 => {
                format!("({} {} {})", self.random.of(&["progn", "prog1", "when", "unless"]), self.form(d), self.body(d))
            }
            15..=17 => self.binding(d),
            18 | 19 => self.looping(d),
            20 | 21 => self.closure(d),
            22 => self.mapping(d),
            23 => self.condition_case(d),
            24 => format!("(catch 'tag {} (throw 'tag {}) {})", self.body(d), self.form(d), self.leaf()),
            25 => format!("(catch 'tag (when {} (throw 'tag {})) {})", self.form(d), self.form(d), self.form(d)),
            26 => format!("(unwind-protect {} {})", self.form(d), self.body(d)),
            27 => format!("(eq {} {})", self.form(d), self.random.of(KEYS)),
            28 => format!("(memq {} '(a b 1 2))", self.variable()),
            29 => self.dispatch(d),
            30 => format!("(setq diff-b (cons {} diff-b))", self.form(d)),
            31..=42 => self.library(d),
            _ => match self.functions.len() {
                0 => format!("(signal 'diff-error (list {}))", self.leaf()),
                n => {
                    let function = self.functions[self.random.below(n)].clone();
                    format!("(funcall {function} {})", self.form(d))
                }
            },
        }
    }

    fn cond(&mut self, d: usize) -> String {
        let n = 1 + self.below(3);
        let clauses: Vec<String> = (0..n)
            .map(|_| {
                if self.below(4) == 0 {
                    format!("({})", self.form(d))
                } else {
                    format!("({} {})", self.form(d), self.body(d))
                }
            })
            .collect();
        format!("(cond {} (t {}))", clauses.join(" "), self.form(d))
    }

    /// A chain of comparisons with constants.
    fn dispatch(&mut self, d: usize) -> String {
        let variable = self.variable();
        let n = 2 + self.below(6);
        let clauses: Vec<String> = (0..n)
            .map(|_| {
                let test = match self.below(5) {
                    0 => format!("(memq {variable} '({} {}))", self.below(9), self.random.of(&["a", "b", "c"])),
                    1 => format!("(equal {variable} {})", self.random.of(&["\"ab\"", "'a", "1.5", "'(1 2 3)"])),
                    2 => format!("(eql {variable} {})", self.random.of(&["1.5", "2", "'b"])),
                    3 => format!("(or (eq {variable} {}) (eq {variable} {}))", self.below(4), self.random.of(KEYS)),
                    _ => format!("(eq {variable} {})", self.random.of(KEYS)),
                };
                format!("({test} {})", self.form(d.min(2)))
            })
            .collect();
        format!("(cond {} (t {}))", clauses.join(" "), self.form(d.min(2)))
    }

    fn binding(&mut self, d: usize) -> String {
        let n = 1 + self.below(3);
        let sequential = self.below(2) == 0;
        let mut names: Vec<String> = Vec::new();
        let mut bindings = Vec::new();
        for _ in 0..n {
            let value = if sequential {
                let known = names.clone();
                self.with(&known, |w| w.form(d))
            } else {
                self.form(d)
            };
            let name = self.name();
            // What `let` does with a name twice is nobody's business.
            if !names.contains(&name) {
                bindings.push(format!("({name} {value})"));
                names.push(name);
            }
        }
        let body = self.with(&names, |w| w.body(d));
        format!("({} ({}) {body})", if sequential { "let*" } else { "let" }, bindings.join(" "))
    }

    fn looping(&mut self, d: usize) -> String {
        if self.loops >= 2 {
            return self.leaf();
        }
        self.loops += 1;
        let counter = format!("i{}", self.loops);
        let text = match self.below(3) {
            0 => {
                let name = self.random.of(NAMES).to_owned();
                let list = self.random.of(&["'(1 2 3)", "(list 'a 2 nil)", "diff-c"]);
                let body = self.with(std::slice::from_ref(&name), |w| w.body(d));
                format!("(dolist ({name} {list} {}) {body})", self.leaf())
            }
            1 => {
                let name = self.random.of(NAMES).to_owned();
                let body = self.with(std::slice::from_ref(&name), |w| w.body(d));
                format!("(dotimes ({name} 3) {body})")
            }
            _ => {
                let body = self.with(&[], |w| w.body(d));
                format!(
                    "(let (({counter} 0)) (while (< {counter} 3) {body} (setq {counter} (1+ {counter}))) {counter})"
                )
            }
        };
        self.loops -= 1;
        text
    }

    fn closure(&mut self, d: usize) -> String {
        let name = self.name();
        let lambda_body = {
            let functions = std::mem::take(&mut self.functions);
            let body = self.with(std::slice::from_ref(&name), |w| w.body(d));
            self.functions = functions;
            body
        };
        let parameters = match self.below(4) {
            0 => format!("{name} &optional o"),
            1 => format!("{name} &rest r"),
            _ => name,
        };
        let lambda = format!("(lambda ({parameters}) {lambda_body})");
        if self.below(3) == 0 {
            return format!("(funcall {lambda} {})", self.form(d));
        }
        let function = format!("f{}", self.functions.len());
        self.functions.push(function.clone());
        let body = self.body(d);
        let call = format!("(funcall {function} {})", self.form(d));
        self.functions.pop();
        format!("(let (({function} {lambda})) {body} {call})")
    }

    fn mapping(&mut self, d: usize) -> String {
        let name = self.random.of(NAMES).to_owned();
        let body = self.with(std::slice::from_ref(&name), |w| w.body(d));
        format!("(mapcar (lambda ({name}) {body}) {})", self.random.of(&["'(1 2 3)", "(list 'a 7)", "diff-c", "[1 a]"]))
    }

    fn condition_case(&mut self, d: usize) -> String {
        let body = self.form(d);
        let name = self.random.of(NAMES).to_owned();
        let mut text = format!("(condition-case {name} {body}");
        for _ in 0..1 + self.below(2) {
            let condition =
                self.random.of(&["error", "wrong-type-argument", "(arith-error diff-error)", "t", ":success"]);
            let handler = self.with(std::slice::from_ref(&name), |w| w.body(d));
            text += &format!(" ({condition} {handler})");
        }
        text + ")"
    }
}
