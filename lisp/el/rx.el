;;; rx.el --- Regexps written as expressions  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; An expression is translated to a cons of PARTS, a list of texts and of forms
;; whose values are texts, and of how it binds: t for what a postfix may follow,
;; `seq' for what may stand in a sequence, `left' and `right' for what may only
;; stand at its start or end, and nil for alternatives.

;;; Code:

(require 'regexp-opt)

(defvar rx--definitions nil
  "The local definitions: lists of a name, arguments and a body, or of two.")
(defvar rx--greedy t
  "Whether the operators that obey `minimal-match' are greedy.")
(defvar rx--names nil
  "What `rx' in a pattern of `pcase' has bound so far: names, last first.
It is t where no names may be bound.")

(defconst rx--classes
  '((digit . digit) (numeric . digit) (num . digit) (control . cntrl)
    (cntrl . cntrl) (hex-digit . xdigit) (hex . xdigit) (xdigit . xdigit)
    (blank . blank) (graphic . graph) (graph . graph) (printing . print)
    (print . print) (alphanumeric . alnum) (alnum . alnum) (letter . alpha)
    (alphabetic . alpha) (alpha . alpha) (ascii . ascii) (nonascii . nonascii)
    (lower . lower) (lower-case . lower) (punctuation . punct) (punct . punct)
    (space . space) (whitespace . space) (white . space) (upper . upper)
    (upper-case . upper) (word . word) (wordchar . word) (unibyte . unibyte)
    (multibyte . multibyte))
  "The names of the classes of characters.")

(defconst rx--symbols
  '((nonl "." . t) (not-newline "." . t) (any "." . t)
    (anychar "[^z-a]" . t) (anything "[^z-a]" . t)
    (unmatchable "\\`a\\`" . seq)
    (bol "^" . left) (line-start "^" . left)
    (eol "$" . right) (line-end "$" . right)
    (bos "\\`" . t) (string-start "\\`" . t) (bot "\\`" . t)
    (buffer-start "\\`" . t)
    (eos "\\'" . t) (string-end "\\'" . t) (eot "\\'" . t)
    (buffer-end "\\'" . t)
    (point "\\=" . t) (word-boundary "\\b" . t) (not-word-boundary "\\B" . t)
    (symbol-start "\\_<" . t) (symbol-end "\\_>" . t)
    (bow "\\<" . t) (word-start "\\<" . t) (eow "\\>" . t) (word-end "\\>" . t)
    (not-wordchar "\\W" . t))
  "Symbols, the regexps they stand for, and how these bind.")

(defconst rx--syntaxes
  '((whitespace . ?-) (punctuation . ?.) (word . ?w) (symbol . ?_)
    (open-parenthesis . ?\() (close-parenthesis . ?\))
    (expression-prefix . ?\') (string-quote . ?\") (paired-delimiter . ?$)
    (escape . ?\\) (character-quote . ?/) (comment-start . ?<)
    (comment-end . ?>) (string-delimiter . ?|) (comment-delimiter . ?!))
  "The names of the classes of syntax.")

(defconst rx--categories
  '((space-for-indent . ?\s) (base . ?.) (consonant . ?0) (base-vowel . ?1)
    (upper-diacritical-mark . ?2) (lower-diacritical-mark . ?3)
    (tone-mark . ?4) (symbol . ?5) (digit . ?6)
    (vowel-modifying-diacritical-mark . ?7) (vowel-sign . ?8)
    (semivowel-lower . ?9) (not-at-end-of-line . ?<)
    (not-at-beginning-of-line . ?>) (alpha-numeric-two-byte . ?A)
    (chinese-two-byte . ?C) (chinse-two-byte . ?C) (greek-two-byte . ?G)
    (japanese-hiragana-two-byte . ?H) (indian-two-byte . ?I)
    (japanese-katakana-two-byte . ?K) (strong-left-to-right . ?L)
    (korean-hangul-two-byte . ?N) (strong-right-to-left . ?R)
    (cyrillic-two-byte . ?Y) (combining-diacritic . ?^) (ascii . ?a)
    (arabic . ?b) (chinese . ?c) (ethiopic . ?e) (greek . ?g) (korean . ?h)
    (indian . ?i) (japanese . ?j) (japanese-katakana . ?k) (latin . ?l)
    (lao . ?o) (tibetan . ?q) (japanese-roman . ?r) (thai . ?t)
    (vietnamese . ?v) (hebrew . ?w) (cyrillic . ?y) (can-break . ?|))
  "The names of the categories of characters.")

;;;; Putting together

(defun rx--join (parts)
  "Return PARTS with neighbouring texts made one."
  (let ((result nil))
    (dolist (part parts)
      (if (and (stringp part) (stringp (car result)))
          (setcar result (concat (car result) part))
        (push part result)))
    (nreverse result)))

(defun rx--group-of (item)
  "Return the parts of ITEM in a shy group, unless it needs none."
  (if (eq (cdr item) t)
      (car item)
    (append '("\\(?:") (car item) '("\\)"))))

(defun rx--sequence (items)
  "Return a translation of ITEMS, translations, after each other."
  (let ((whole (or (car items) (cons nil 'seq))))
    (dolist (item (cdr items))
      (let ((left (memq (cdr whole) '(t seq left)))
            (right (memq (cdr item) '(t seq right))))
        (setq whole
              (cons (append (if left (car whole) (rx--group-of whole))
                            (if right (car item) (rx--group-of item)))
                    (cond ((not (and left (eq (cdr whole) 'left)))
                           (if (and right (eq (cdr item) 'right)) 'right 'seq))
                          ((and right (eq (cdr item) 'right)) nil)
                          (t 'left))))))
    whole))

(defun rx--translate-all (forms)
  "Return the translation of the sequence of FORMS."
  (rx--sequence (delq nil (mapcar (lambda (form)
                                    (let ((item (rx--translate form)))
                                      (and (car item) item)))
                                  forms))))

;;;; Sets of characters

;; A set is a list (NEGATED INTERVALS . CLASSES); an interval is a cons.

(defun rx--merge (intervals)
  "Return INTERVALS sorted and without overlaps."
  (let ((result nil))
    (dolist (interval (sort (copy-sequence intervals)
                            (lambda (a b) (< (car a) (car b)))))
      (if (and result (<= (car interval) (1+ (cdar result))))
          (setcar result (cons (caar result)
                               (max (cdar result) (cdr interval))))
        (push (cons (car interval) (cdr interval)) result)))
    (nreverse result)))

(defun rx--interval (start end)
  "Return the interval from START to END."
  (when (< end start)
    (error "Invalid rx `any' range: %c-%c" start end))
  (cons start end))

(defun rx--string-intervals (string)
  "Return the intervals that STRING, an argument of `any', stands for."
  (let ((i 0)
        (size (length string))
        (raw (not (multibyte-string-p string)))
        (intervals nil))
    (while (< i size)
      (let ((start (aref string i)))
        (when (and raw (> start 127))
          (setq start (unibyte-char-to-multibyte start)))
        (if (and (< (+ i 2) size) (eq (aref string (1+ i)) ?-))
            (let ((end (aref string (+ i 2))))
              (when (and raw (> end 127))
                (setq end (unibyte-char-to-multibyte end)))
              (push (rx--interval start end) intervals)
              (setq i (+ i 3)))
          (push (cons start start) intervals)
          (setq i (1+ i)))))
    intervals))

(defun rx--any (args)
  "Return the set of (any . ARGS)."
  (let ((intervals nil)
        (classes nil))
    (dolist (arg args)
      (cond
       ((stringp arg)
        (setq intervals (append (rx--string-intervals arg) intervals)))
       ((characterp arg) (push (cons arg arg) intervals))
       ((and (consp arg) (characterp (car arg)) (characterp (cdr arg)))
        (push (rx--interval (car arg) (cdr arg)) intervals))
       ((and (symbolp arg) (assq arg rx--classes))
        (let ((class (cdr (assq arg rx--classes))))
          (unless (memq class classes)
            (push class classes))))
       (t (error "Invalid rx `any' argument: %s" arg))))
    (cons nil (cons (rx--merge intervals) (nreverse classes)))))

(defun rx--set (form)
  "Return the set that FORM stands for, or nil if it is none."
  (cond
   ((characterp form) (list nil (list (cons form form))))
   ((and (stringp form) (= (length form) 1))
    (list nil (rx--string-intervals form)))
   ((and (symbolp form) (assq form rx--classes))
    (list nil nil (cdr (assq form rx--classes))))
   ((consp form)
    (cond ((memq (car form) '(any in char)) (rx--any (cdr form)))
          ((eq (car form) 'not)
           (let ((set (and (cdr form) (rx--set (cadr form)))))
             (and set (cons (not (car set)) (cdr set)))))
          ((memq (car form) '(or |)) (rx--union (mapcar #'rx--set (cdr form))))
          ((eq (car form) 'intersection)
           (rx--intersection (mapcar #'rx--set (cdr form))))
          ((rx--defined form) (rx--set (rx--expand form)))))
   ((and form (symbolp form) (rx--defined form))
    (rx--set (rx--expand form)))))

(defun rx--complement (intervals)
  "Return the intervals of the characters that are in none of INTERVALS."
  (let ((result nil)
        (from 0))
    (dolist (interval intervals)
      (when (< from (car interval))
        (push (cons from (1- (car interval))) result))
      (setq from (1+ (cdr interval))))
    (when (<= from (max-char))
      (push (cons from (max-char)) result))
    (nreverse result)))

(defun rx--plain (set)
  "Return SET, which has no classes if it is negated, without negation."
  (if (car set)
      (list nil (rx--complement (cadr set)))
    set))

(defun rx--union (sets)
  "Return the union of SETS, or nil if it is not written as one."
  (cond
   ((memq nil sets) nil)
   ((null (delq nil (mapcar (lambda (set) (car set)) sets)))
    (cons nil (cons (rx--merge (apply #'append (mapcar #'cadr sets)))
           (delete-dups (apply #'append (mapcar #'cddr sets))))))
   ((delq nil (mapcar #'cddr sets)) nil)
   (t
    (list t (rx--complement
             (rx--merge (apply #'append
                               (mapcar (lambda (set) (cadr (rx--plain set)))
                                       sets))))))))

(defun rx--intersection (sets)
  "Return the intersection of SETS."
  (when (or (memq nil sets) (delq nil (mapcar #'cddr sets)))
    (error "Bad character set"))
  (let ((outside (mapcar (lambda (set)
                           (rx--complement (cadr (rx--plain set))))
                         sets)))
    (list nil (rx--complement (rx--merge (apply #'append outside))))))

(defun rx--set-text (set)
  "Return the translation of SET."
  (let* ((negated (car set))
         (intervals (cadr set))
         (classes (cddr set))
         (first (car intervals)))
    (cons
     (list
      (cond
       ((and (null intervals) (null classes))
        (if negated "[^z-a]" "\\`a\\`"))
       ((and (null classes) (null (cdr intervals)) (not negated)
             (= (car first) (cdr first)))
        (regexp-quote (char-to-string (car first))))
       ((and negated (null classes) (equal intervals '((?\n . ?\n)))) ".")
       (t (rx--brackets negated intervals classes))))
     (if (or negated intervals classes) t 'seq))))

(defun rx--brackets (negated intervals classes)
  "Return the text of a set: NEGATED, INTERVALS and CLASSES."
  (let ((bracket nil)
        (dash nil)
        (rest nil))
    ;; What has a meaning in brackets has none at certain places.
    (dolist (interval intervals)
      (let ((start (car interval))
            (end (cdr interval)))
        (when (= start ?\])
          (setq bracket interval
                start (1+ end)))
        (when (and (<= start end) (= end ?\]))
          (setq bracket '(?\] . ?\])
                end (1- end)))
        (when (and (<= start end) (= start ?-))
          (setq dash t
                start (1+ start)))
        (when (and (<= start end) (= end ?-) (< end (+ start 2)))
          (setq dash t
                end (1- end)))
        (when (<= start end)
          (push (cons start end) rest))))
    (setq rest (nreverse rest))
    (let ((names (mapconcat (lambda (class) (format "[:%s:]" class)) classes ""))
          (before ""))
      (when bracket
        (push bracket rest))
      (when (eq (caar rest) ?^)
        (cond ((cdr rest)
               (setq rest (cons (cadr rest) (cons (car rest) (cddr rest)))))
              ((and dash (null classes) (not negated))
               (setq before "-"
                     dash nil))
              (t (setq before names
                       names ""))))
      (concat "[" (and negated "^") before
              (mapconcat #'rx--interval-text rest "")
              names (and dash "-") "]"))))

(defun rx--interval-text (interval)
  "Return the text of INTERVAL in brackets."
  (let ((start (car interval))
        (end (cdr interval)))
    (cond ((= start end) (char-to-string start))
          ((= (1+ start) end) (string start end))
          (t (string start ?- end)))))

;;;; Translating

(defun rx--defined (form)
  "Return the definition that FORM, a symbol or a list, is to be expanded by."
  (let* ((name (if (consp form) (car form) form))
         (definition (and (symbolp name)
                          (or (cdr (assq name rx--definitions))
                              (get name 'rx-definition)))))
    (and definition
         (if (consp form) (cdr definition) (null (cdr definition)))
         definition)))

(defun rx--expand (form)
  "Return what FORM, whose name is defined, stands for."
  (let ((definition (rx--defined form)))
    (if (symbolp form)
        (car definition)
      (rx--substitute-arguments (car form) (car definition) (cdr form)
                                (cadr definition)))))

(defun rx--substitute-arguments (name parameters arguments body)
  "Return BODY with ARGUMENTS for PARAMETERS, those of the definition of NAME."
  (let ((bindings nil)
        (given (length arguments))
        (rest parameters)
        (wanted 0)
        (extra nil))
    (while rest
      (if (eq (car rest) '&rest)
          (progn
            (push (cons (cadr rest) (cons '&rest arguments)) bindings)
            (setq extra t
                  arguments nil
                  rest nil))
        (setq wanted (1+ wanted))
        (push (list (car rest) (car arguments)) bindings)
        (setq arguments (cdr arguments)
              rest (cdr rest))))
    (when (or (< given wanted) (and (not extra) (> given wanted)))
      (error "The `%s' form takes %s %d argument(s), got %d"
             name (if extra "at least" "exactly") wanted given))
    (rx--substitute bindings body)))

(defun rx--substitute (bindings form)
  "Return FORM with the names in BINDINGS replaced."
  (cond
   ((symbolp form)
    (let ((binding (assq form bindings)))
      (cond ((null binding) form)
            ((eq (cadr binding) '&rest)
             (error "&rest parameter `%s' not used as a splice" form))
            (t (cadr binding)))))
   ((consp form)
    (let ((result nil))
      (while (consp form)
        (let ((binding (and (symbolp (car form)) (assq (car form) bindings))))
          (if (and binding (eq (cadr binding) '&rest))
              (dolist (argument (cddr binding))
                (push argument result))
            (push (rx--substitute bindings (car form)) result)))
        (setq form (cdr form)))
      (nconc (nreverse result) (and form (rx--substitute bindings form)))))
   (t form)))

(defun rx--translate (form)
  "Return the translation of FORM."
  (cond
   ((stringp form)
    (if (equal form "")
        (cons nil 'seq)
      (cons (list (regexp-quote form)) (if (= (length form) 1) t 'seq))))
   ((characterp form) (cons (list (regexp-quote (char-to-string form))) t))
   ((and form (symbolp form)) (rx--translate-symbol form))
   ((consp form) (rx--translate-form form))
   (t (error "Bad rx expression: %S" form))))

(defun rx--translate-symbol (symbol)
  "Return the translation of SYMBOL."
  (cond
   ((rx--defined symbol) (rx--translate (rx--expand symbol)))
   ((assq symbol rx--symbols)
    (let ((entry (cdr (assq symbol rx--symbols))))
      (cons (list (car entry)) (cdr entry))))
   ((assq symbol rx--classes)
    (cons (list (format "[[:%s:]]" (cdr (assq symbol rx--classes)))) t))
   (t (error "Unknown rx symbol `%s'" symbol))))

(defconst rx--forms
  '((seq . rx--form-seq) (: . rx--form-seq) (sequence . rx--form-seq)
    (and . rx--form-seq)
    (or . rx--form-or) (| . rx--form-or)
    (any . rx--form-any) (in . rx--form-any) (char . rx--form-any)
    (not . rx--form-not) (not-char . rx--form-not-char)
    (intersection . rx--form-intersection)
    (syntax . rx--form-syntax) (not-syntax . rx--form-not-syntax)
    (category . rx--form-category)
    (= . rx--form-exactly) (>= . rx--form-at-least) (** . rx--form-between)
    (repeat . rx--form-repeat)
    (minimal-match . rx--form-minimal) (maximal-match . rx--form-maximal)
    (group . rx--form-group) (submatch . rx--form-group)
    (group-n . rx--form-group-n) (submatch-n . rx--form-group-n)
    (backref . rx--form-backref)
    (literal . rx--form-literal)
    (regexp . rx--form-regexp) (regex . rx--form-regexp)
    (eval . rx--form-eval) (let . rx--form-let))
  "The functions that translate forms.")

(defconst rx--postfixes
  '((zero-or-more . ?*) (0+ . ?*) (one-or-more . ?+) (1+ . ?+)
    (zero-or-one . ??) (opt . ??) (optional . ??)
    (* . "*") (+ . "+") (\? . "?") (?\s . "?")
    (*? . "*?") (+? . "+?") (\?? . "??") (?? . "??"))
  "The operators of repetition; those with a character obey `minimal-match'.")

(defun rx--translate-form (form)
  "Return the translation of FORM, a list."
  (let* ((head (car form))
         (definition (and (symbolp head) (rx--defined form))))
    (cond
     (definition (rx--translate (rx--expand form)))
     ((assq head rx--postfixes)
      (let ((postfix (cdr (assq head rx--postfixes))))
        (if (characterp postfix)
            (rx--postfix (string postfix) (not rx--greedy) (cdr form))
          (rx--postfix postfix nil (cdr form)))))
     ((assq head rx--forms)
      (funcall (cdr (assq head rx--forms)) form))
     ((not (symbolp head)) (error "Bad rx operator `%S'" head))
     (t (error "Unknown rx form `%s'" head)))))

(defun rx--postfix (postfix lazy body)
  "Return the translation of BODY repeated by POSTFIX, a text, if LAZY the least."
  (let ((item (rx--translate-all body)))
    (if (null (car item))
        item
      (cons (append (rx--group-of item)
                    (list (if lazy (concat postfix "?") postfix)))
            'seq))))

(defun rx--counted (text body)
  "Return the translation of BODY repeated as TEXT says."
  (let ((item (rx--postfix text nil body)))
    (if (car item) (cons (car item) t) item)))

(defun rx--form-seq (form) "Translate FORM, (seq ...)." (rx--translate-all (cdr form)))

(defun rx--all-strings (forms)
  "Return FORMS as strings if all are, looking through definitions and `or'."
  (let ((strings nil))
    (catch 'other
      (dolist (form forms)
        (while (and (or (consp form) (and form (symbolp form)))
                    (rx--defined form))
          (setq form (rx--expand form)))
        (cond ((stringp form) (push form strings))
              ((characterp form) (push (char-to-string form) strings))
              ((and (consp form) (memq (car form) '(or |)) (cdr form))
               (let ((inner (rx--all-strings (cdr form))))
                 (unless inner
                   (throw 'other nil))
                 (setq strings (append (reverse inner) strings))))
              (t (throw 'other nil))))
      (nreverse strings))))

(defun rx--form-or (form)
  "Translate FORM, (or ...)."
  (let ((body (cdr form)))
    (cond
     ((null body) (rx--translate 'unmatchable))
     ((null (cdr body)) (rx--translate (car body)))
     ((rx--all-strings body)
      (cons (list (regexp-opt (rx--all-strings body) nil)) t))
     ((let ((union (rx--union (mapcar #'rx--set body))))
        (and union (null (cddr union)) (rx--set-text union))))
     (t
      (cons (append (car (rx--translate (car body)))
                    (apply #'append
                           (mapcar (lambda (part)
                                     (cons "\\|" (car (rx--translate part))))
                                   (cdr body))))
            nil)))))

(defun rx--form-any (form)
  "Translate FORM, (any ...)."
  (rx--set-text (rx--any (cdr form))))

(defun rx--form-intersection (form)
  "Translate FORM, (intersection ...)."
  (rx--set-text (rx--set form)))

(defun rx--form-not-char (form)
  "Translate FORM, (not-char ...)."
  (rx--form-not (list 'not (cons 'any (cdr form)))))

(defun rx--form-not (form)
  "Translate FORM, (not ARGUMENT)."
  (unless (and (cdr form) (null (cddr form)))
    (error "rx `not' form takes exactly one argument"))
  (let ((argument (cadr form)))
    (cond
     ((and (or (consp argument) (symbolp argument)) (rx--defined argument))
      (rx--form-not (list 'not (rx--expand argument))))
     ((eq argument 'word-boundary) (rx--translate 'not-word-boundary))
     ((eq (car-safe argument) 'syntax) (rx--syntax (cdr argument) "\\S"))
     ((eq (car-safe argument) 'category) (rx--category (cdr argument) "\\C"))
     ((and (eq (car-safe argument) 'not) (null (rx--set argument)))
      (rx--translate (cadr argument)))
     ((and (rx--set form)
           (or (memq (car-safe argument) '(any in char not))
               (atom argument)
               (null (cddr (rx--set form)))))
      (rx--set-text (rx--set form)))
     ((memq (car-safe argument) '(or | intersection))
      (error "Bad character set: %S"
             (let ((rest (cdr argument)))
               (while (and (cdr rest) (rx--set (car rest))
                           (null (cddr (rx--set (car rest)))))
                 (setq rest (cdr rest)))
               (car rest))))
     (t (error "Illegal argument to rx `not': %S" argument)))))

(defun rx--syntax (arguments prefix)
  "Return the translation of the syntax in ARGUMENTS behind PREFIX."
  (unless (and arguments (null (cdr arguments)))
    (error "rx `syntax' form takes exactly one argument"))
  (let* ((name (car arguments))
         (code (cdr (assq name rx--syntaxes))))
    (cond
     (code)
     ((characterp name) (setq code name))
     ((and (symbolp name) (= (length (symbol-name name)) 1))
      (setq code (aref (symbol-name name) 0))))
    (unless (and code (or (rassq code rx--syntaxes) (eq code ?\s)))
      (error "Unknown rx syntax name `%s'" name))
    (cons (list (concat prefix (string code))) t)))

(defun rx--form-syntax (form)
  "Translate FORM, (syntax NAME)."
  (rx--syntax (cdr form) "\\s"))

(defun rx--form-not-syntax (form)
  "Translate FORM, (not-syntax NAME)."
  (rx--syntax (cdr form) "\\S"))

(defun rx--category (arguments prefix)
  "Return the translation of the category in ARGUMENTS behind PREFIX."
  (unless (and arguments (null (cdr arguments)))
    (error "rx `category' form takes exactly one argument"))
  (let* ((name (car arguments))
         (code (if (characterp name) name (cdr (assq name rx--categories)))))
    (unless code
      (error "Unknown rx category `%s'" name))
    (cons (list (concat prefix (string code))) t)))

(defun rx--form-category (form)
  "Translate FORM, (category NAME)."
  (rx--category (cdr form) "\\c"))

(defun rx--form-exactly (form)
  "Translate FORM, (= N ...)."
  (unless (natnump (cadr form))
    (error "rx `=' first argument must be nonnegative"))
  (rx--counted (format "\\{%d\\}" (cadr form)) (cddr form)))

(defun rx--form-at-least (form)
  "Translate FORM, (>= N ...)."
  (unless (natnump (cadr form))
    (error "rx `>=' first argument must be nonnegative"))
  (rx--counted (format "\\{%d,\\}" (cadr form)) (cddr form)))

(defun rx--form-between (form)
  "Translate FORM, (** N M ...)."
  (let ((least (nth 1 form))
        (most (nth 2 form)))
    (unless (and (natnump least) (natnump most) (<= least most))
      (error "rx `**' range error"))
    (rx--counted (format "\\{%d,%d\\}" least most) (nthcdr 3 form))))

(defun rx--form-repeat (form)
  "Translate FORM, (repeat N ...) or (repeat N M ...)."
  (cond ((null (nthcdr 2 form))
         (error "rx `repeat' requires at least two arguments"))
        ((and (nthcdr 3 form) (natnump (nth 2 form)))
         (rx--form-between (cons '** (cdr form))))
        (t (rx--form-exactly (cons '= (cdr form))))))

(defun rx--form-minimal (form)
  "Translate FORM, (minimal-match BODY)."
  (let ((rx--greedy nil))
    (rx--translate (cadr form))))

(defun rx--form-maximal (form)
  "Translate FORM, (maximal-match BODY)."
  (let ((rx--greedy t))
    (rx--translate (cadr form))))

(defun rx--form-group (form)
  "Translate FORM, (group ...)."
  (cons (append '("\\(") (car (rx--translate-all (cdr form))) '("\\)")) t))

(defun rx--form-group-n (form)
  "Translate FORM, (group-n N ...)."
  (unless (and (integerp (cadr form)) (> (cadr form) 0))
    (error "rx `group-n' requires a positive number as first argument"))
  (cons (append (list (format "\\(?%d:" (cadr form)))
                (car (rx--translate-all (cddr form)))
                '("\\)"))
        t))

(defun rx--form-backref (form)
  "Translate FORM, (backref N)."
  (let ((argument (cadr form)))
    (when (and (listp rx--names) argument (symbolp argument))
      (let ((rest (memq argument rx--names)))
        (unless rest
          (error "rx `backref' variable must be one of: %s"
                 (mapconcat #'symbol-name rx--names " ")))
        (setq argument (length rest))))
    (unless (and (integerp argument) (<= 1 argument 9))
      (error "rx `backref' requires an argument in the range 1..9"))
    (cons (list (format "\\%d" argument)) t)))

(defun rx--form-let (form)
  "Translate FORM, (let NAME ...) in a pattern of `pcase'."
  (unless (listp rx--names)
    (error "Unknown rx form `let'"))
  (push (cadr form) rx--names)
  (rx--form-group (cdr form)))

(defun rx--form-literal (form)
  "Translate FORM, (literal EXPRESSION)."
  (let ((argument (cadr form)))
    (cond ((stringp argument) (rx--translate argument))
          ((or (symbolp argument) (consp argument))
           (cons (list (list 'regexp-quote argument)) 'seq))
          (t (signal 'wrong-type-argument (list 'stringp argument))))))

(defun rx--form-regexp (form)
  "Translate FORM, (regexp EXPRESSION)."
  (let ((argument (cadr form)))
    (cond ((stringp argument)
           (cons (list argument) (rx--binding argument)))
          ((or (symbolp argument) (consp argument))
           (cons (list argument) nil))
          (t (signal 'wrong-type-argument (list 'stringp argument))))))

(defun rx--binding (regexp)
  "Return t if a postfix may follow REGEXP, a text, as far as is easily seen."
  (save-match-data
    (let ((case-fold-search nil))
      (and (string-match-p
            (concat "\\`\\(?:[^][\\*+?^$]\\|\\\\[^](){}|sScC_]"
                    "\\|\\\\[sScC].\\|\\\\_[<>]"
                    "\\|\\[^?]?\\(?:\\[:[a-z]+:]\\|[^]]\\)*]"
                    "\\|\\\\(\\(?:[^\\]\\|\\\\[^()]\\)*\\\\)\\)\\'")
            regexp)
           t))))

(defun rx--form-eval (form)
  "Translate FORM, (eval EXPRESSION)."
  (rx--translate (eval (cadr form))))

;;;; What programs use

(defun rx--value (parts)
  "Return a form whose value is the text that PARTS are."
  (let ((parts (rx--join parts)))
    (cond ((null parts) "")
          ((cdr parts) (cons 'concat parts))
          (t (car parts)))))

(defun rx--local (definitions)
  "Return the local DEFINITIONS with those that are there already behind them."
  (append (mapcar (lambda (definition)
                    (unless (and (consp definition) (symbolp (car definition))
                                 (cdr definition) (null (nthcdr 3 definition)))
                      (error "Bad `rx-let' binding: %S" definition))
                    (cons (car definition)
                          (if (cddr definition)
                              (cdr definition)
                            (list (cadr definition)))))
                  definitions)
          rx--definitions))

;;;###autoload
(defun rx-to-string (form &optional no-group)
  "Return the regexp that FORM, an expression of `rx', stands for.
It is in a shy group if it needs one, unless NO-GROUP is non-nil."
  (let* ((rx--names t)
         (item (rx--translate form))
         (parts (if no-group (car item) (rx--group-of item))))
    (mapconcat (lambda (part) (if (stringp part) part (eval part))) parts "")))

;;;###autoload
(defmacro rx (&rest regexps)
  "Return the regexp that the sequence of REGEXPS stands for."
  (let ((rx--names t)
        (rx--definitions (or (cdr (assq :rx-locals macroexpand-all-environment))
                             rx--definitions)))
    (rx--value (car (rx--translate-all regexps)))))

;;;###autoload
(defmacro rx-define (name &rest definition)
  "Define NAME, with arguments if DEFINITION has two elements, for `rx'."
  (declare (indent defun))
  (unless (and definition (null (cddr definition)))
    (error "Bad `rx' definition of %S" name))
  `(eval-and-compile
     (put ',name 'rx-definition ',definition)
     ',name))

;;;###autoload
(defmacro rx-let (bindings &rest body)
  "Evaluate BODY with the definitions BINDINGS for `rx'."
  (declare (indent 1))
  (let ((rx--definitions (or (cdr (assq :rx-locals macroexpand-all-environment))
                             rx--definitions)))
    (macroexpand-all (macroexp-progn body)
                     (cons (cons :rx-locals (rx--local bindings))
                           macroexpand-all-environment))))

;;;###autoload
(defmacro rx-let-eval (bindings &rest body)
  "Evaluate BODY with the value of BINDINGS as definitions for `rx-to-string'."
  (declare (indent 1))
  `(let ((rx--definitions (rx--local ,bindings)))
     ,@body))

;;;###autoload
(pcase-defmacro rx (&rest regexps)
  "Match a string that the sequence of REGEXPS matches.
\(let NAME REGEXP...) binds NAME to what its part matched."
  (let* ((rx--names nil)
         (rx--definitions (or (cdr (assq :rx-locals macroexpand-all-environment))
                              rx--definitions))
         (regexp (rx--value (car (rx--translate-all regexps))))
         (names (reverse rx--names))
         (index 0))
    `(and (pred stringp)
          ,@(if (null names)
                (list `(pred (string-match ,regexp)))
              (list
               `(app (lambda (text)
                       (if (string-match ,regexp text)
                           (list ,@(mapcar (lambda (_)
                                             (setq index (1+ index))
                                             `(match-string ,index text))
                                           names))
                         'no))
                     ,(list '\` (mapcar (lambda (name) (list '\, name))
                                        names))))))))

(provide 'rx)

;;; rx.el ends here
