;;; pcase.el --- Pattern matching  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A clause becomes tests in order, the condition of a clause of `cond', and
;; bindings of variables around its body.  A part of the value that is looked at
;; more than once is kept in a variable bound around the `cond'.  A form within a
;; pattern sees the variables before it by a `let*' of its own.

;;; Code:

(require 'macroexp)

(defvar pcase--temps nil
  "The variables that hold parts of the value.")
(defvar pcase--tests nil
  "The tests of a clause so far, the last first.")
(defvar pcase--vars nil
  "The variables of a clause so far: (NAME . FORM) for each, the last first.")

;;;; Matching

(defmacro pcase (exp &rest cases)
  "Do the first of CASES, (PATTERN BODY...), whose pattern the value of EXP fits."
  (declare (indent 1))
  (pcase--expand exp cases))

(defmacro pcase-exhaustive (exp &rest cases)
  "Like `pcase', but signal an error if no pattern fits."
  (declare (indent 1))
  (let ((value (make-symbol "x")))
    `(let ((,value ,exp))
       (pcase ,value
         ,@cases
         (_ (error "No clause matching `%S'" ,value))))))

(defun pcase--expand (exp cases)
  "Return the form of `pcase' for EXP and CASES."
  (let* ((pcase--temps nil)
         (value (if (symbolp exp) exp (make-symbol "val")))
         (clauses nil)
         (open t))
    (while (and cases open)
      (let* ((case (pop cases))
             (parts (pcase--clause (car case) value))
             (test (pcase--and (car parts))))
        (when (eq test t)
          (setq open nil))
        (push (cons test
                    (pcase--bind (cdr parts) (or (cdr case) '(nil))))
              clauses)))
    (let ((form (pcase--cond (nreverse clauses)))
          (bindings (append (unless (eq value exp) (list (list value exp)))
                            (reverse pcase--temps))))
      (if bindings `(let* ,bindings ,form) form))))

(defun pcase--clause (pattern value)
  "Return the tests and the variables of matching VALUE by PATTERN."
  (let ((pcase--tests nil)
        (pcase--vars nil))
    (pcase--match pattern value)
    (cons (reverse pcase--tests) pcase--vars)))

(defun pcase--and (tests)
  "Return a form that is non-nil if all of TESTS are."
  (cond ((null tests) t)
        ((cdr tests) (cons 'and tests))
        (t (car tests))))

(defun pcase--cond (clauses)
  "Return a form that does the first of CLAUSES whose test holds."
  (cond ((and clauses (eq (caar clauses) t))
         (macroexp-progn (cdar clauses)))
        ((and clauses (null (cdr clauses)))
         `(if ,(caar clauses) ,(macroexp-progn (cdar clauses))))
        (t (cons 'cond clauses))))

(defun pcase--bind (vars body)
  "Return BODY, a list of forms, with VARS bound around it."
  (if vars
      (list `(let ,(mapcar (lambda (var) (list (car var) (cdr var)))
                           (reverse vars))
               ,@body))
    body))

(defun pcase--temp ()
  "Return a new variable that holds a part of the value."
  (let ((temp (make-symbol "x")))
    (push temp pcase--temps)
    temp))

(defun pcase--test (form)
  "Have the match fail if FORM gives nil."
  (push form pcase--tests))

(defun pcase--see (form)
  "Return FORM with the variables it mentions bound around it."
  (let ((vars nil))
    (dolist (var pcase--vars)
      (when (pcase--mentions (car var) form)
        (push (list (car var) (cdr var)) vars)))
    (if vars `(let* ,vars ,form) form)))

(defun pcase--mentions (symbol form)
  "Return non-nil if SYMBOL is somewhere in FORM."
  (let ((found nil))
    (while (and (consp form) (not found))
      (setq found (pcase--mentions symbol (car form))
            form (cdr form)))
    (or found
        (eq form symbol)
        (and (vectorp form) (pcase--mentions symbol (append form nil))))))

(defun pcase--self-quoting-p (pattern)
  "Return non-nil if PATTERN matches itself."
  (or (keywordp pattern) (integerp pattern) (stringp pattern)))

(defun pcase--match (pattern value)
  "Add the tests and variables of matching VALUE, a cheap form, by PATTERN."
  (cond
   ((eq pattern '_))
   ((pcase--self-quoting-p pattern)
    (pcase--test (pcase--constant pattern value)))
   ((and (symbolp pattern) pattern (not (eq pattern t)))
    (let ((old (assq pattern pcase--vars)))
      (if old
          (pcase--test `(eq ,(cdr old) ,value))
        (push (cons pattern value) pcase--vars))))
   ((not (consp pattern)) (error "Unknown pattern `%S'" pattern))
   (t
    (let ((head (car pattern)))
      (cond
       ((eq head 'quote)
        (pcase--test (pcase--constant (cadr pattern) value)))
       ((eq head '\`) (pcase--match-quasi (cadr pattern) value))
       ((eq head 'pred)
        (pcase--test (pcase--call (cadr pattern) value)))
       ((eq head 'guard)
        (pcase--test (pcase--see (cadr pattern))))
       ((eq head 'and)
        (dolist (part (cdr pattern))
          (pcase--match part value)))
       ((eq head 'or) (pcase--match-or (cdr pattern) value))
       ((eq head 'app)
        (let ((temp (pcase--temp)))
          (pcase--test `(progn
                          (setq ,temp ,(pcase--call (cadr pattern) value))
                          t))
          (pcase--match (nth 2 pattern) temp)))
       (t (pcase--match (pcase--macroexpand pattern) value)))))))

(defun pcase--macroexpand (pattern)
  "Return what PATTERN, a call of a macro of patterns, stands for."
  (let ((expander (and (symbolp (car pattern))
                       (pcase--expander (car pattern)))))
    (if expander
        (apply expander (cdr pattern))
      (error "Unknown %s pattern: %S" (car pattern) pattern))))

(defun pcase--expander (name)
  "Return the function that expands patterns of NAME, or nil."
  (get name 'pcase-macroexpander))

(defun pcase--constant (constant value)
  "Return a form that tells whether VALUE is CONSTANT."
  (cond ((null constant) `(null ,value))
        ((symbolp constant) `(eq ,value ',constant))
        ((integerp constant) `(eql ,value ,constant))
        ((stringp constant) `(equal ,value ,constant))
        (t `(equal ,value ',constant))))

(defun pcase--call (function value)
  "Return a form that calls FUNCTION, as patterns write it, for VALUE."
  (cond
   ((symbolp function) (list function value))
   ((eq (car-safe function) 'not)
    `(not ,(pcase--call (cadr function) value)))
   ((eq (car-safe function) 'lambda)
    (pcase--see-value `(funcall #',function) value))
   ((eq (car-safe function) 'function)
    (if (symbolp (cadr function))
        (list (cadr function) value)
      (pcase--see-value `(funcall ,function) value)))
   ((consp function) (pcase--see-value function value))
   (t `(funcall ,function ,value))))

(defun pcase--see-value (call value)
  "Return CALL with VALUE as its last argument; it sees the variables."
  (if (let ((seen nil))
        (dolist (var pcase--vars)
          (when (pcase--mentions (car var) call)
            (setq seen t)))
        seen)
      ;; A variable could hide one of that name in VALUE.
      (let ((temp (pcase--temp)))
        `(progn (setq ,temp ,value)
                ,(pcase--see (append call (list temp)))))
    (append call (list value))))

(defun pcase--match-quasi (pattern value)
  "Add the tests and variables of matching VALUE by the backquoted PATTERN."
  (cond
   ((eq (car-safe pattern) '\,)
    (pcase--match (cadr pattern) value))
   ((consp pattern)
    (let ((cell (if (symbolp value) value (pcase--temp))))
      (pcase--test `(consp ,(if (eq cell value) value `(setq ,cell ,value))))
      (pcase--match-quasi (car pattern) `(car ,cell))
      (pcase--match-quasi (cdr pattern) `(cdr ,cell))))
   ((vectorp pattern)
    (let ((vector (if (symbolp value) value (pcase--temp)))
          (i 0))
      (pcase--test `(vectorp ,(if (eq vector value)
                                  value
                                `(setq ,vector ,value))))
      (pcase--test `(= (length ,vector) ,(length pattern)))
      (mapc (lambda (part)
              (pcase--match-quasi part `(aref ,vector ,i))
              (setq i (1+ i)))
            pattern)))
   (t (pcase--test (pcase--constant pattern value)))))

(defun pcase--match-or (patterns value)
  "Add the tests and variables of matching VALUE by one of PATTERNS."
  (cond
   ((null patterns) (error "Please avoid it"))
   ((null (cdr patterns)) (pcase--match (car patterns) value))
   ((pcase--constants patterns)
    (let* ((constants (pcase--constants patterns))
           (other (delq nil (mapcar (lambda (constant)
                                      (not (symbolp constant)))
                                    constants)))
           (deep (delq nil (mapcar (lambda (constant)
                                     (not (or (symbolp constant)
                                              (integerp constant))))
                                   constants))))
      (pcase--test `(,(cond (deep 'member) (other 'memql) (t 'memq))
                     ,value ',constants))))
   (t
    (let* ((outer pcase--vars)
           (alternatives
            (mapcar (lambda (pattern)
                      (let ((pcase--tests nil)
                            (pcase--vars outer))
                        (pcase--match pattern value)
                        (cons (reverse pcase--tests)
                              (butlast pcase--vars (length outer)))))
                    patterns))
           (temps nil))
      (dolist (alternative alternatives)
        (dolist (var (cdr alternative))
          (unless (assq (car var) temps)
            (push (cons (car var) (pcase--temp)) temps))))
      (pcase--test
       (cons 'or
             (mapcar
              (lambda (alternative)
                (pcase--and
                 (append
                  (car alternative)
                  (and temps
                       `((progn
                           (setq ,@(apply
                                    #'append
                                    (mapcar
                                     (lambda (temp)
                                       (list (cdr temp)
                                             (cdr (assq (car temp)
                                                        (cdr alternative)))))
                                     temps)))
                           t))))))
              alternatives)))
      (dolist (temp temps)
        (push temp pcase--vars))))))

(defun pcase--constants (patterns)
  "Return the constants that PATTERNS are, or nil if one is none."
  (let ((constants nil)
        (all t))
    (dolist (pattern patterns)
      (cond ((pcase--self-quoting-p pattern) (push pattern constants))
            ((and (eq (car-safe pattern) 'quote)
                  (let ((constant (cadr pattern)))
                    (or (symbolp constant) (integerp constant)
                        (stringp constant))))
             (push (cadr pattern) constants))
            (t (setq all nil))))
    (and all (nreverse constants))))

;;;; Taking apart

(defun pcase--parts (pattern value)
  "Return bindings, in order, of the variables of PATTERN to parts of VALUE.
The value is taken to fit; where it does not, parts are nil."
  (cond
   ((or (eq pattern '_) (pcase--self-quoting-p pattern)) nil)
   ((and (symbolp pattern) pattern (not (eq pattern t)))
    (list (list pattern value)))
   ((not (consp pattern)) (error "Unknown pattern `%S'" pattern))
   (t
    (let ((head (car pattern)))
      (cond
       ((memq head '(quote pred guard)) nil)
       ((eq head '\`) (pcase--parts-quasi (cadr pattern) value))
       ((eq head 'and)
        (apply #'append
               (mapcar (lambda (part) (pcase--parts part value))
                       (cdr pattern))))
       ((eq head 'or) (pcase--parts (cadr pattern) value))
       ((eq head 'app)
        (let ((temp (make-symbol "x"))
              (pcase--vars nil))
          (cons (list temp (pcase--call (cadr pattern) value))
                (pcase--parts (nth 2 pattern) temp))))
       (t (pcase--parts (pcase--macroexpand pattern) value)))))))

(defun pcase--parts-quasi (pattern value)
  "Return bindings of the variables of the backquoted PATTERN to parts of VALUE."
  (cond
   ((eq (car-safe pattern) '\,) (pcase--parts (cadr pattern) value))
   ((consp pattern)
    (let* ((cell (if (symbolp value) value (make-symbol "x")))
           (first (pcase--parts-quasi (car pattern) `(car-safe ,cell)))
           (rest (pcase--parts-quasi (cdr pattern) `(cdr-safe ,cell))))
      (append (and (or first rest) (not (eq cell value))
                   (list (list cell value)))
              first rest)))
   ((vectorp pattern)
    (let ((vector (if (symbolp value) value (make-symbol "x")))
          (i -1))
      (append (unless (eq vector value) (list (list vector value)))
              (apply #'append
                     (mapcar (lambda (part)
                               (pcase--parts-quasi
                                part `(aref ,vector ,(setq i (1+ i)))))
                             pattern)))))))

(defmacro pcase-let* (bindings &rest body)
  "Do BODY with BINDINGS, of (PATTERN VALUE), made one after the other."
  (declare (indent 1))
  (let ((all nil))
    (dolist (binding bindings)
      (let ((pattern (car binding))
            (value (cadr binding)))
        (setq all
              (append all
                      (if (or (symbolp value) (symbolp pattern))
                          (if (eq pattern '_)
                              (list (list (make-symbol "_") value))
                            (pcase--parts pattern value))
                        (let ((temp (make-symbol "x")))
                          (cons (list temp value)
                                (pcase--parts pattern temp))))))))
    (if all `(let* ,all ,@body) (macroexp-progn body))))

(defmacro pcase-let (bindings &rest body)
  "Do BODY with BINDINGS, of (PATTERN VALUE), all values being computed first."
  (declare (indent 1))
  (cond
   ((null (cdr bindings)) `(pcase-let* ,bindings ,@body))
   ((not (memq nil (mapcar (lambda (binding)
                             (and (symbolp (car binding)) (car binding)
                                  (not (eq (car binding) '_))
                                  t))
                           bindings)))
    `(let ,bindings ,@body))
   (t
    (let ((temps (mapcar (lambda (binding)
                           (list (make-symbol "x") (cadr binding)))
                         bindings)))
      `(let ,temps
         (pcase-let* ,(let ((left temps))
                        (mapcar (lambda (binding)
                                  (list (car binding) (car (pop left))))
                                bindings))
           ,@body))))))

(defmacro pcase-dolist (spec &rest body)
  "Do BODY for each element of a list, which a pattern takes apart.
SPEC is (PATTERN LIST)."
  (declare (indent 1))
  (if (and (symbolp (car spec)) (car spec) (not (eq (car spec) '_)))
      `(dolist ,spec ,@body)
    (let ((element (make-symbol "x")))
      `(dolist (,element ,@(cdr spec))
         (pcase-let* ((,(car spec) ,element)) ,@body)))))

(defmacro pcase-setq (pat val &rest args)
  "Set the variables of the pattern PAT to the parts of VAL.
More patterns and values may follow in ARGS."
  (let ((form
         (if (and (symbolp pat) (not (memq pat '(nil t _))))
             `(setq ,pat ,val)
           (let* ((value (make-symbol "x"))
                  (sets nil)
                  (bindings
                   (mapcar (lambda (binding)
                             (if (eq (car binding)
                                     (intern-soft (symbol-name (car binding))))
                                 (let ((temp (make-symbol "x")))
                                   (setq sets (append sets
                                                      (list (car binding) temp)))
                                   (list temp (cadr binding)))
                               binding))
                           (pcase--parts pat value))))
             `(let* ((,value ,val) ,@bindings)
                ,@(and sets (list (cons 'setq sets)))
                nil)))))
    (if args
        `(progn ,form (pcase-setq ,@args))
      form)))

(defmacro pcase-lambda (lambda-list &rest body)
  "Return a function of LAMBDA-LIST, whose elements may be patterns, doing BODY."
  (declare (doc-string 2) (indent defun))
  (let* ((parsed (macroexp-parse-body body))
         (patterns nil)
         (args (mapcar (lambda (arg)
                         (if (symbolp arg)
                             arg
                           (let ((name (make-symbol "arg")))
                             (push (list arg name) patterns)
                             name)))
                       lambda-list)))
    `(lambda ,args
       ,@(car parsed)
       (pcase-let* ,(nreverse patterns) ,@(cdr parsed)))))

;;;; Other patterns

(defmacro pcase-defmacro (name args &rest body)
  "Define patterns (NAME ARGS...), for which BODY gives another pattern."
  (declare (indent 2) (doc-string 3))
  (let ((function (intern (format "%s--pcase-macroexpander" name))))
    `(progn
       (defun ,function ,args ,@body)
       (define-symbol-prop ',name 'pcase-macroexpander #',function))))

(defun let--pcase-macroexpander (pattern expression)
  "Return the pattern for PATTERN being matched by the value of EXPRESSION."
  `(app (lambda (_) ,expression) ,pattern))
(put 'let 'pcase-macroexpander #'let--pcase-macroexpander)

(defun cl-type--pcase-macroexpander (type)
  "Return the pattern for objects of TYPE."
  `(pred (pcase--flip cl-typep ',type)))
(put 'cl-type 'pcase-macroexpander #'cl-type--pcase-macroexpander)

(defmacro pcase--flip (function arg1 arg2)
  "Call FUNCTION with ARG1 and ARG2 the other way round."
  `(,function ,arg2 ,arg1))

(defun cl-struct--pcase-macroexpander (type &rest fields)
  "Return the pattern for structures of TYPE whose FIELDS fit.
A field is a name, or (NAME PATTERN)."
  `(and (pred (pcase--flip cl-typep ',type))
        ,@(mapcar (lambda (field)
                    (let ((name (if (consp field) (car field) field))
                          (pattern (if (consp field) (cadr field) field)))
                      `(app ,(if (eq (cl-struct-sequence-type type) 'list)
                                 `(nth ,(cl-struct-slot-offset type name))
                               `(pcase--flip
                                 aref ,(cl-struct-slot-offset type name)))
                            ,pattern)))
                  fields)))
(put 'cl-struct 'pcase-macroexpander #'cl-struct--pcase-macroexpander)

;; The patterns of `rx' are in its file.
(unless (get 'rx 'pcase-macroexpander)
  (put 'rx 'pcase-macroexpander
       (lambda (&rest regexps)
         (require 'rx)
         (apply (get 'rx 'pcase-macroexpander) regexps))))

(provide 'pcase)

;;; pcase.el ends here
