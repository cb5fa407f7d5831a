;;; cl-loop.el --- Common Lisp's loop  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; The clauses are read one after the other.  What they do in a round is a list
;; of steps in `cl--loop-body': tests, which end the loop if they give nil, and
;; actions.  Everything up to the last test becomes the condition of a `while',
;; the rest is its body, and behind it come the forms that advance variables.
;; A loop over a hash table or an obarray has a mapping function in place of the
;; `while', which a failing test leaves.

;;; Code:

(require 'macroexp)
(require 'cl-lib)

(defvar cl--loop-args)
(defvar cl--loop-name)
(defvar cl--loop-bindings)
(defvar cl--loop-symbols)
(defvar cl--loop-body)
(defvar cl--loop-steps)
(defvar cl--loop-initially)
(defvar cl--loop-finally)
(defvar cl--loop-result)
(defvar cl--loop-explicit)
(defvar cl--loop-value)
(defvar cl--loop-accumulator)
(defvar cl--loop-accumulators)
(defvar cl--loop-flag)
(defvar cl--loop-first)
(defvar cl--loop-map)

(defmacro cl-loop (&rest loop-args)
  "Do the clauses LOOP-ARGS: `for', `collect', `while', `finally' and so on."
  (declare (debug (&rest &or symbolp form)))
  (if (cl--loop-simple-p loop-args)
      `(cl-block nil (while t ,@loop-args))
    (let ((cl--loop-args (append loop-args '(cl-end-loop)))
          (cl--loop-name nil)
          (cl--loop-bindings nil)
          (cl--loop-symbols nil)
          (cl--loop-body nil)
          (cl--loop-steps nil)
          (cl--loop-initially nil)
          (cl--loop-finally nil)
          (cl--loop-result nil)
          (cl--loop-explicit nil)
          (cl--loop-value nil)
          (cl--loop-accumulator nil)
          (cl--loop-accumulators nil)
          (cl--loop-flag nil)
          (cl--loop-first nil)
          (cl--loop-map nil))
      (while (not (eq (car cl--loop-args) 'cl-end-loop))
        (cl--loop-clause))
      (cl--loop-form))))

(defun cl--loop-simple-p (forms)
  "Return non-nil if FORMS are no clauses, but forms to be repeated."
  (let ((simple t))
    (dolist (form forms)
      (when (and form (not (eq form t)) (symbolp form))
        (setq simple nil)))
    simple))

;;;; Assembly

(defun cl--loop-form ()
  "Return the form of the loop whose clauses were read."
  (when cl--loop-first
    (push `(setq ,cl--loop-first nil) cl--loop-steps)
    (push (list (list cl--loop-first t)) cl--loop-bindings))
  (let* ((parts (cl--loop-split (reverse cl--loop-body)))
         (tests (car parts))
         (body (append (cdr parts) (reverse cl--loop-steps)))
         (end (append (reverse cl--loop-finally)
                      (list (or cl--loop-explicit cl--loop-result))))
         (looping (if cl--loop-map
                      (cl--loop-mapping tests body)
                    `(while ,(cl--loop-and tests) ,@body)))
         (forms
          (append (reverse cl--loop-initially)
                  (list looping)
                  (cond ((null cl--loop-flag) end)
                        ((or (cdr end) (car end))
                         `((if ,cl--loop-flag
                               ,(macroexp-progn end)
                             ,cl--loop-value)))
                        (t (list cl--loop-value))))))
    (dolist (group cl--loop-bindings)
      (setq forms
            (list (cond ((cdr group) `(let ,group ,@forms))
                        ((and (eq (car-safe (car forms)) 'let*)
                              (null (cdr forms)))
                         `(let* (,@group ,@(cadr (car forms)))
                            ,@(cddr (car forms))))
                        (t `(let* ,group ,@forms))))))
    (when cl--loop-symbols
      (setq forms `((cl-symbol-macrolet ,cl--loop-symbols ,@forms))))
    `(cl-block ,cl--loop-name ,@forms)))

(defun cl--loop-mapping (tests body)
  "Return the form that maps over TESTS and BODY by `cl--loop-map'."
  (let ((finish (make-symbol "--cl-finish--")))
    `(cl-block ,finish
       ,(funcall cl--loop-map
                 (if tests
                     `((or ,(cl--loop-and tests)
                           (cl-return-from ,finish nil))
                       ,@body)
                   body)))))

(defun cl--loop-split (steps)
  "Return the STEPS up to the last test as tests, and the actions behind it.
They are (TESTS . ACTIONS); an action before a test is done in its course."
  (let ((tests nil)
        (actions nil))
    (dolist (step steps)
      (if (eq (car step) 'test)
          (setq tests (cons (macroexp-progn
                             (append (nreverse actions) (list (cdr step))))
                            tests)
                actions nil)
        (push (cdr step) actions)))
    (cons (nreverse tests) (nreverse actions))))

(defun cl--loop-and (tests)
  "Return a form that is non-nil if all of TESTS are."
  (cond ((null tests) t)
        ((cdr tests) (cons 'and tests))
        (t (car tests))))

(defun cl--loop-test (form)
  "Have the loop end if FORM gives nil."
  (push (cons 'test form) cl--loop-body))

(defun cl--loop-do (form)
  "Have FORM done in each round."
  (push (cons 'do form) cl--loop-body))

(defun cl--loop-bind (variable &optional value)
  "Bind VARIABLE to the form VALUE around the loop."
  (push (list (list variable value)) cl--loop-bindings))

(defun cl--loop-fresh (value &optional name)
  "Return a new variable, named NAME, that is bound to VALUE around the loop."
  (let ((variable (make-symbol (or name "--cl-var--"))))
    (cl--loop-bind variable value)
    variable))

(defun cl--loop-ensure-flag ()
  "Return the variable that says whether the loop ended by itself."
  (or cl--loop-flag
      (setq cl--loop-flag (cl--loop-fresh t "--cl-flag--"))))

(defun cl--loop-ensure-value ()
  "Return the variable with the value of a loop that was left."
  (or cl--loop-value
      (setq cl--loop-value (cl--loop-fresh nil))))

;;;; Clauses

(defun cl--loop-next ()
  "Take the next of the words and forms."
  (unless cl--loop-args
    (error "Malformed `cl-loop' macro"))
  (pop cl--loop-args))

(defun cl--loop-peek (&rest words)
  "Return non-nil if the next word is one of WORDS."
  (memq (car cl--loop-args) words))

(defun cl--loop-clause ()
  "Read a clause."
  (unless cl--loop-args
    (error "Malformed `cl-loop' macro"))
  (let ((word (cl--loop-next)))
    (cond
     ((eq word 'named) (setq cl--loop-name (cl--loop-next)))
     ((eq word 'initially)
      (when (cl--loop-peek 'do) (cl--loop-next))
      (dolist (form (cl--loop-forms 'initially))
        (push form cl--loop-initially)))
     ((eq word 'finally) (cl--loop-read-finally))
     ((memq word '(for as)) (cl--loop-read-for))
     ((eq word 'repeat)
      (let ((count (cl--loop-fresh (cl--loop-next))))
        (cl--loop-test `(>= (setq ,count (1- ,count)) 0))))
     ((memq word '(collect collecting))
      (let ((what (cl--loop-next)))
        (cl--loop-accumulate
         nil t
         (lambda (var default)
           (if default `(push ,what ,var)
             `(setq ,var (nconc ,var (list ,what))))))))
     ((memq word '(append appending nconc nconcing))
      (let* ((what (cl--loop-next))
             (fresh (memq word '(nconc nconcing))))
        (cl--loop-accumulate
         nil t
         (lambda (var default)
           (cond (default
                  `(setq ,var (nconc (,(if fresh 'nreverse 'reverse) ,what)
                                     ,var)))
                 (fresh `(setq ,var (nconc ,var ,what)))
                 (t `(setq ,var (append ,var ,what))))))))
     ((memq word '(concat vconcat))
      (let ((what (cl--loop-next)))
        (cl--loop-accumulate
         (if (eq word 'concat) "" []) nil
         (lambda (var _default) `(setq ,var (,word ,var ,what))))))
     ((memq word '(sum summing))
      (let ((what (cl--loop-next)))
        (cl--loop-accumulate
         0 nil (lambda (var _default) `(cl-incf ,var ,what)))))
     ((memq word '(count counting))
      (let ((what (cl--loop-next)))
        (cl--loop-accumulate
         0 nil (lambda (var _default) `(if ,what (cl-incf ,var))))))
     ((memq word '(maximize minimize maximizing minimizing))
      (cl--loop-read-extreme (if (memq word '(maximize maximizing)) 'max 'min)))
     ((eq word 'with) (cl--loop-read-with))
     ((eq word 'while) (cl--loop-test (cl--loop-next)))
     ((eq word 'until) (cl--loop-test `(not ,(cl--loop-next))))
     ((memq word '(always never))
      (let ((flag (cl--loop-ensure-flag))
            (what (cl--loop-next)))
        (cl--loop-test `(setq ,flag ,(if (eq word 'always) what `(not ,what))))
        (setq cl--loop-result t)))
     ((eq word 'thereis)
      (let ((flag (cl--loop-ensure-flag))
            (value (cl--loop-ensure-value)))
        (cl--loop-test `(setq ,flag (not (setq ,value ,(cl--loop-next)))))))
     ((memq word '(if when unless)) (cl--loop-read-if (eq word 'unless)))
     ((memq word '(do doing))
      (dolist (form (cl--loop-forms 'do))
        (cl--loop-do form)))
     ((eq word 'return)
      (let ((flag (cl--loop-ensure-flag))
            (value (cl--loop-ensure-value)))
        (cl--loop-test `(setq ,value ,(cl--loop-next) ,flag nil))))
     ((and (symbolp word) (get word 'cl-loop-handler))
      (funcall (get word 'cl-loop-handler)))
     (t (error "Expected a cl-loop keyword, found %s" word)))
    (when (cl--loop-peek 'and)
      (cl--loop-next)
      (cl--loop-clause))))

(defun cl--loop-forms (word)
  "Take the forms that come next; there must be one behind WORD."
  (unless (consp (car cl--loop-args))
    (error "Syntax error on `%s' clause" word))
  (let ((forms nil))
    (while (consp (car cl--loop-args))
      (push (cl--loop-next) forms))
    (nreverse forms)))

(defun cl--loop-read-finally ()
  "Read what is behind `finally'."
  (cond ((cl--loop-peek 'return)
         (cl--loop-next)
         (setq cl--loop-explicit (or (cl--loop-next) ''nil)))
        (t
         (when (cl--loop-peek 'do 'doing) (cl--loop-next))
         (unless (consp (car cl--loop-args))
           (error "Syntax error on `finally' clause"))
         (if (and (eq (caar cl--loop-args) 'return) (null cl--loop-name))
             (setq cl--loop-explicit (or (nth 1 (cl--loop-next)) ''nil))
           (dolist (form (cl--loop-forms 'finally))
             (push form cl--loop-finally))))))

(defun cl--loop-read-with ()
  "Read what is behind `with'."
  (let ((group nil)
        (patterns nil)
        (more t))
    (while more
      (let* ((variable (cl--loop-next))
             (value (when (cl--loop-peek '=)
                      (cl--loop-next)
                      (cl--loop-next))))
        (when (consp variable)
          (setq patterns t
                value (cl--loop-fresh value)))
        (setq group (append group (cl--loop-destructure variable value))))
      (when (setq more (cl--loop-peek 'and))
        (cl--loop-next)))
    (if patterns
        (dolist (binding group)
          (push (list binding) cl--loop-bindings))
      (push group cl--loop-bindings))))

(defun cl--loop-accumulate (initial reversed make)
  "Read `into' if it is there, and have values accumulated.
INITIAL is what there is at first.  If REVERSED, a value without `into' is put
together from its end.  MAKE is a function of the variable, and of whether it
is that without `into', to a form."
  (if (cl--loop-peek 'into)
      (let ((variable (progn (cl--loop-next) (cl--loop-next))))
        (unless (memq variable cl--loop-accumulators)
          (push variable cl--loop-accumulators)
          (cl--loop-bind variable initial))
        (cl--loop-do (funcall make variable nil)))
    (unless cl--loop-accumulator
      (setq cl--loop-accumulator (cl--loop-fresh initial)
            cl--loop-result (if reversed
                                `(nreverse ,cl--loop-accumulator)
                              cl--loop-accumulator)))
    (cl--loop-do (funcall make cl--loop-accumulator t))))

(defun cl--loop-read-extreme (function)
  "Read what is behind `maximize' or `minimize'; FUNCTION is `max' or `min'."
  (let ((what (cl--loop-next)))
    (cl--loop-accumulate
     nil nil
     (lambda (var _default)
       (macroexp-let2 macroexp-copyable-p value what
         `(setq ,var (if ,var (,function ,var ,value) ,value)))))))

(defun cl--loop-read-if (unless)
  "Read a condition and its clauses.  UNLESS says what it is."
  (let* ((condition (cl--loop-next))
         (then (cl--loop-branch))
         (else (when (cl--loop-peek 'else)
                 (cl--loop-next)
                 (cl--loop-branch))))
    (when (cl--loop-peek 'end)
      (cl--loop-next))
    (when unless
      (setq then (prog1 else (setq else then))))
    (let* ((tests (or (assq 'test then) (assq 'test else)))
           (first (cl--loop-branch-form then tests))
           (second (cl--loop-branch-form else tests))
           (it (or (cl--loop-mentions 'it first)
                   (cl--loop-mentions 'it second)))
           (test (if it 'it condition))
           (form (if second
                     `(if ,test ,first ,@(macroexp-unprogn second))
                   `(if ,test ,first))))
      (when it
        (setq form `(let ((it ,condition)) ,form)))
      (if tests
          (cl--loop-test form)
        (cl--loop-do form)))))

(defun cl--loop-branch ()
  "Read a clause, and those joined by `and'; return their steps in order."
  (let ((cl--loop-body nil))
    (cl--loop-clause)
    (reverse cl--loop-body)))

(defun cl--loop-branch-form (steps tests)
  "Return a form that does STEPS.
If TESTS, its value is nil if a test fails, and non-nil otherwise."
  (cond ((not tests)
         (and steps (macroexp-progn (mapcar #'cdr steps))))
        ((null steps) t)
        (t
         (let ((parts (cl--loop-split steps)))
           (cl--loop-and
            (append (car parts)
                    (and (cdr parts)
                         (list `(progn ,@(cdr parts) t)))))))))

(defun cl--loop-mentions (symbol form)
  "Return non-nil if SYMBOL is somewhere in FORM."
  (let ((found nil))
    (while (and (consp form) (not found))
      (setq found (cl--loop-mentions symbol (car form))
            form (cdr form)))
    (or found (eq form symbol))))

(defun cl--loop-destructure (variable value)
  "Return bindings, in order, of VARIABLE or of its parts to VALUE."
  (if (or (null variable) (symbolp variable))
      (list (list (or variable (make-symbol "--cl-var--")) value))
    (let* ((dotted (cdr (last variable)))
           (rest (or dotted (make-symbol "--cl-var--")))
           (bindings (list (list rest value))))
      (while (consp variable)
        (let ((part (pop variable)))
          (setq bindings
                (append bindings
                        (cl--loop-destructure
                         part
                         (if (or variable dotted)
                             `(pop ,rest)
                           `(car ,rest)))))))
      bindings)))

;;; cl-loop.el ends here
