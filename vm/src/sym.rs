//! The built-in symbols: one table, a constant each, so that Rust code can compare and match them.
//!
//! The first four have fixed numbers in the gc crate.

use tenure_macros::defsym;

defsym! {
    "nil", "t", "unbound", "memory-full",
    // Conditions and their properties (`data.c`, `eval.c`).
    "error", "error-conditions", "error-message", "quit", "user-error",
    "wrong-type-argument", "args-out-of-range", "void-function", "void-variable", "cyclic-function-indirection",
    "cyclic-variable-indirection", "setting-constant", "invalid-function", "wrong-number-of-arguments", "no-catch",
    "end-of-file", "arith-error", "overflow-error", "range-error", "domain-error", "singularity-error",
    "underflow-error", "circular-list", "invalid-read-syntax", "mark-inactive", "beginning-of-buffer", "end-of-buffer",
    "buffer-read-only", "text-read-only", "file-error", "file-missing", "file-already-exists", "inhibited-interaction",
    "recursion-error", "excessive-variable-binding", "json-error",
    // Type predicates, as `wrong-type-argument` names them.
    "listp", "consp", "symbolp", "stringp", "integerp", "natnump", "wholenump", "fixnump", "numberp",
    "number-or-marker-p", "integer-or-marker-p", "floatp", "arrayp", "sequencep", "vectorp", "recordp", "bufferp",
    "markerp", "hash-table-p", "char-table-p", "bool-vector-p", "characterp", "char-or-string-p", "functionp", "atom",
    "bignump", "plistp", "keywordp", "vector-or-char-table-p", "list-or-vector-p", "subrp", "byte-code-function-p",
    "compiled-function-p", "string-or-null-p", "native-comp-unit", "threadp",
    // Types (`type-of`).
    "integer", "symbol", "string", "cons", "marker", "overlay", "finalizer", "float", "subr", "compiled-function",
    "buffer", "vector", "char-table", "bool-vector", "hash-table", "record",
    // Special forms and function shapes (`eval.c`).
    "quote", "function", "lambda", "closure", "macro", "autoload", "interactive", "progn", "if", "and", "or", "cond",
    "prog1", "prog2", "let", "setq", "setq-default", "while", "defvar", "defconst", "defalias", "defmacro", "defun",
    "catch", "unwind-protect", "condition-case", "debug", "save-excursion", "save-current-buffer", "save-restriction",
    "eval", "funcall", "apply", "exit", "declare", "advertised-binding", "byte-code", "macroexpand",
    LET_STAR = "let*", COMMA = ",", COMMA_AT = ",@", BACKQUOTE = "`",
    AND_REST = "&rest", AND_OPTIONAL = "&optional", SUCCESS = ":success",
    PLUS = "+", MINUS = "-", STAR = "*", SLASH = "/", LESS = "<", GREATER = ">", NUM_EQ = "=", PERCENT = "%",
    // Variables that native code reads or binds.
    "lexical-binding", "internal-interpreter-environment", "max-lisp-eval-depth", "max-specpdl-size", "debug-on-error",
    "debug-on-signal", "debug-on-quit", "debugger", "debug-ignored-errors", "inhibit-debugger", "signal-hook-function",
    "inhibit-quit", "quit-flag", "noninteractive", "load-file-name", "load-true-file-name", "load-path", "load-history", "load-in-progress",
    "features", "standard-output", "standard-input", "standard-obarray", "obarray", "current-load-list",
    "macroexp--dynvars", "post-gc-hook", "gc-cons-threshold", "gc-cons-percentage", "gcs-done", "gc-elapsed",
    "garbage-collection-messages", "memory-signal-data", "command-line-args", "command-line-args-left",
    "backtrace-on-error-noninteractive", "kill-emacs-hook", "emacs-version", "system-type", "values",
    // Properties.
    "variable-documentation", "function-documentation", "risky-local-variable", "permanent-local", "char-table-extra-slots",
    "lisp-indent-function", "doc-string-elt", "compiler-macro", "byte-compile", "side-effect-free", "pure",
    "definition-name", "custom-type",
    // Hash tables (`fns.c`).
    "eq", "eql", "equal", "hash-table-test", "key", "value", "key-or-value", "key-and-value",
    C_TEST = ":test", C_SIZE = ":size", C_WEAKNESS = ":weakness", C_REHASH_SIZE = ":rehash-size",
    C_REHASH_THRESHOLD = ":rehash-threshold", C_PURECOPY = ":purecopy", "data", "size", "test", "weakness",
    "rehash-size", "rehash-threshold", "purecopy",
    // Garbage collection's list (`alloc.c`).
    "conses", "symbols", "strings", "string-bytes", "vectors", "vector-slots", "floats", "intervals", "buffers", "heap",
    // Variables of the printer and reader.
    "print-length", "print-level", "print-escape-newlines", "print-escape-nonascii", "print-escape-multibyte",
    "print-escape-control-characters", "print-quoted", "print-gensym", "print-circle", "print-continuous-numbering",
    "print-number-table", "print-charset-text-property", "print-integers-as-characters", "float-output-format",
    "read-circle", "read-symbol-shorthands", "overriding-plist-environment", "case-fold-search", "external-debugging-output", "text-quoting-style", "buffer-or-string-p", "grave", "straight", "charset", "face", "category", "default", "char-property-alias-alist",
    "default-text-properties",
    // Watchers (`data.c`).
    "watchers", "set", "makunbound", "unlet", "add-variable-watcher",
    // The evaluator (`eval.c`).
    C_DOCUMENTATION = ":documentation", "defvaralias", "many", "unevalled", "inhibit-changing-match-data", "search-spaces-regexp",
    "debugger-may-continue", C_DEBUG_ON_EXIT = ":debug-on-exit", "trapping-constant", "top-level", "debug-early", "inhibit-redisplay", "internal-when-entered-debugger", "num-nonmacro-input-events",
    "debug-on-next-call", "command-debug-status", "interactive-form", "defalias-fset-function", "lexical", "macroexp--expand-all",
    "message", "commandp", "definition-prefixes", "function-history", "gc-idle",
    // Features (`fns.c`).
    "subfeatures", "provide", "after-load-alist", "emacs",
    // Types and functions (`data.c`).
    "wrong-length-argument", "sub-char-table", "user-ptr", "autoload-do-load", "command-modes",
    // The compiler.
    "not",
    // Text (`syntax.c`, `search.c`).
    "syntax-table", "syntax-table-p", "invalid-regexp", "list",
    // Tables of characters (`category.c`, `chartab.c`).
    "category-table", "category-table-p", "categoryp", "categorysetp", "char-code-property-table",
    "char-code-property-alist", "load",
}
