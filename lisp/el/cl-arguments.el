;;; cl-arguments.el --- Argument lists of Common Lisp  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; An argument list in Common Lisp's manner becomes bindings of a `let*', in
;; order, and checks that come behind them.  The list of actual arguments is in
;; a variable, which the bindings shorten step by step.

;;; Code:

(require 'macroexp)

(defvar cl--arguments-bindings)
(defvar cl--arguments-checks)

(defconst cl--arguments-words
  '(&optional &rest &key &allow-other-keys &aux &whole &body &environment)
  "The symbols with a meaning in an argument list.")

(defun cl--arguments-proper (arglist)
  "Return ARGLIST with a dotted tail written as `&rest'."
  (let ((result nil))
    (while (consp arglist)
      (push (pop arglist) result))
    (nreverse (if arglist
                  (cons arglist (cons '&rest result))
                result))))

(defun cl--arguments-bind (variable value)
  "Add a binding of VARIABLE, a symbol or a list of arguments, to VALUE.
A list takes VALUE apart."
  (if (listp variable)
      (cl--arguments-parse variable value)
    (push (list variable value) cl--arguments-bindings)))

(defvar cl--arguments-name nil
  "What a signal of a wrong number of arguments names.")

(defun cl--arguments-wrong (rest before)
  "Return a form that signals that the list in REST has the wrong length.
BEFORE arguments were taken off it."
  `(signal 'wrong-number-of-arguments
           (list ',cl--arguments-name
                 ,(if (= before 0)
                      `(length ,rest)
                    `(+ ,before (length ,rest))))))

(defun cl--arguments-parse (arglist value)
  "Add bindings that take the list VALUE apart by ARGLIST."
  (let* ((args (copy-sequence (cl--arguments-proper arglist)))
         (whole nil)
         (rest nil)
         (rest-pattern nil))
    (when (eq (car args) '&whole)
      (setq whole (cadr args)
            args (cddr args))
      (push (list whole value) cl--arguments-bindings)
      (setq value whole))
    ;; The variable of the rest may serve as that which is shortened.
    (let ((tail (or (memq '&rest args) (memq '&body args))))
      (when (and (cdr tail) (symbolp (cadr tail))
                 (not (memq '&rest (cddr tail))))
        (setq rest (cadr tail))))
    (setq rest-pattern rest
          rest (or rest (make-symbol "--cl-rest--")))
    (push (list rest value) cl--arguments-bindings)
    (cl--arguments-parse-rest args rest (and rest-pattern t) 0)))

(defun cl--arguments-parse-rest (args rest rest-named before)
  "Add bindings that take the list in the variable REST apart by ARGS.
REST-NAMED says that REST is the variable behind `&rest' in ARGS; BEFORE is the
number of arguments that the function itself took."
  (let* ((required nil)
         (count 0)
         (exact (null (or (memq '&optional args) (memq '&rest args)
                          (memq '&body args) (memq '&key args)))))
    (while (and args (not (memq (car args) cl--arguments-words)))
      (push (pop args) required))
    (setq required (nreverse required)
          count (length required))
    (let ((first t)
          (left required))
      (while left
        (let ((variable (pop left)))
          (cl--arguments-bind
           variable
           (cond
            (first
             `(if ,(cond (exact `(= (length ,rest) ,count))
                         ((= count 1) rest)
                         (t `(nthcdr ,(1- count) ,rest)))
                  (pop ,rest)
                ,(cl--arguments-wrong rest 0)))
            (t `(pop ,rest))))
          (setq first nil))))
    ;; With no argument at all there is nothing to hang the check on.
    (when (and exact (= count 0))
      (push `(if ,rest ,(cl--arguments-wrong rest 0)) cl--arguments-checks))
    (when (eq (car args) '&optional)
      (pop args)
      (while (and args (not (memq (car args) cl--arguments-words)))
        (setq count (1+ count))
        (cl--arguments-optional (pop args) rest))
      (unless (or (memq '&rest args) (memq '&body args) (memq '&key args))
        (push `(if ,rest ,(cl--arguments-wrong rest (+ before count)))
              cl--arguments-checks)))
    (when (memq (car args) '(&rest &body))
      (let ((pattern (cadr args)))
        (setq args (cddr args))
        (unless (and rest-named (symbolp pattern))
          (cl--arguments-bind pattern rest))))
    (when (eq (car args) '&key)
      (setq args (cl--arguments-keys (cdr args) rest)))
    (when (eq (car args) '&aux)
      (pop args)
      (while (and args (not (memq (car args) cl--arguments-words)))
        (let ((aux (pop args)))
          (if (consp aux)
              (cl--arguments-bind (car aux) (cadr aux))
            (cl--arguments-bind aux nil)))))
    (when args
      (error "Malformed argument list ends with: %S" args))))

(defun cl--arguments-optional (arg rest)
  "Add bindings for the optional ARG, to be taken off the list in REST."
  (let ((variable (if (consp arg) (car arg) arg))
        (default (if (consp arg) (cadr arg)))
        (given (if (consp arg) (caddr arg))))
    (when given
      (push (list given `(and ,rest t)) cl--arguments-bindings))
    (cl--arguments-bind variable
                        (if default
                            `(if ,rest (pop ,rest) ,default)
                          `(pop ,rest)))))

(defun cl--arguments-keys (args rest)
  "Add bindings for the keywords ARGS, looked up in the list in REST.
Return what is left of ARGS behind them."
  (let ((keywords nil)
        (allowed nil))
    (while (and args (not (memq (car args) cl--arguments-words)))
      (let* ((arg (pop args))
             (spec (if (consp arg) (car arg) arg))
             (variable (if (consp spec) (cadr spec) spec))
             (keyword (if (consp spec)
                          (car spec)
                        (intern (format ":%s"
                                        (let ((name (symbol-name spec)))
                                          (if (eq ?_ (aref name 0))
                                              (substring name 1)
                                            name))))))
             (default (if (consp arg) (cadr arg)))
             (given (if (consp arg) (caddr arg))))
        (push keyword keywords)
        (cl--arguments-key keyword variable default given rest)))
    (setq keywords (nreverse keywords))
    (when (eq (car args) '&allow-other-keys)
      (setq allowed t)
      (pop args))
    (unless allowed
      (push (cl--arguments-check-keys keywords rest) cl--arguments-checks))
    args))

(defun cl--arguments-key (keyword variable default given rest)
  "Add bindings of VARIABLE to the value of KEYWORD in the list in REST.
DEFAULT is its value if it is not there; GIVEN tells whether it is."
  (let ((look `(plist-member ,rest ',keyword)))
    (cond (given
           (push (list given look) cl--arguments-bindings)
           (cl--arguments-bind variable
                               `(if ,given
                                    (prog1 (car (cdr ,given))
                                      (setq ,given t))
                                  ,default)))
          ((null default)
           (cl--arguments-bind variable `(car (cdr ,look))))
          ((macroexp-const-p default)
           (cl--arguments-bind variable
                               `(car (cdr (or ,look
                                              '(nil ,(if (memq (car-safe default)
                                                               '(quote function))
                                                         (cadr default)
                                                       default)))))))
          (t
           (let ((found (make-symbol "--cl-var--")))
             (push (list found look) cl--arguments-bindings)
             (cl--arguments-bind variable
                                 `(if ,found (car (cdr ,found)) ,default)))))))

(defun cl--arguments-check-keys (keywords rest)
  "Return a form that signals if there are others than KEYWORDS in REST."
  (let ((keys (make-symbol "--cl-keys--"))
        (all (append keywords '(:allow-other-keys))))
    `(let ((,keys ,rest))
       (while ,keys
         (cond ((memq (car ,keys) ',all)
                (setq ,keys (cdr (cdr ,keys))))
               ((car (cdr (memq ':allow-other-keys ,rest)))
                (setq ,keys nil))
               (t (error ,(format "Keyword argument %%s not one of %S" keywords)
                         (car ,keys))))))))

(defun cl--arguments-form (arglist value name body)
  "Return a form that binds ARGLIST to the parts of VALUE around the list BODY.
NAME is what the signal of a wrong number of arguments has."
  (let ((cl--arguments-bindings nil)
        (cl--arguments-checks nil)
        (cl--arguments-name name))
    (cl--arguments-parse arglist value)
    (cl--arguments-wrap body)))

(defun cl--arguments-wrap (body)
  "Return the bindings and checks around BODY, a list of forms."
  `(let* ,(nreverse cl--arguments-bindings)
     ,@(nreverse cl--arguments-checks)
     ,@body))

;;;; Functions

(defun cl--arguments-simple-p (args)
  "Return non-nil if ARGS is an argument list of Emacs Lisp."
  (while (and (consp args)
              (symbolp (car args))
              (not (memq (car args)
                         '(&key &aux &body &whole &environment
                                &allow-other-keys))))
    (setq args (cdr args)))
  (null args))

(defun cl--transform-lambda (form block-name)
  "Return the argument list and body of a function for FORM, those of ours.
The body is in a block named BLOCK-NAME unless that is nil."
  (let* ((args (car form))
         (parsed (macroexp-parse-body (cdr form)))
         (declarations (car parsed))
         (body (cdr parsed)))
    (when (and (symbolp args) args)
      (setq args (list '&rest args)))
    (when block-name
      (setq body (list `(cl-block ,block-name ,@body))))
    (if (cl--arguments-simple-p args)
        `(,args
          ,@(if (memq '&rest args)
                (cl--arguments-document args declarations)
              declarations)
          ,@body)
      (cl--arguments-lambda (cl--arguments-proper args)
                            (cl--arguments-document args declarations)
                            body block-name))))

(defun cl--arguments-document (args declarations)
  "Return DECLARATIONS, with the words for ARGS in the documentation."
  (let* ((aux (and (proper-list-p args) (memq '&aux args)))
         (args (if aux (cl-ldiff args aux) args)))
    (if (and aux (not (memq '&rest args)) (cl--arguments-simple-p args))
        declarations
      (let ((doc (and (stringp (car declarations)) (pop declarations))))
        (cons (help-add-fundoc-usage
               doc (let ((print-quoted t)
                         (print-escape-newlines t))
                     (format "%S" (cons 'fn (cl--arguments-usage args)))))
              declarations)))))

(defun cl--arguments-usage (args)
  "Return ARGS with the names of arguments in capitals."
  (let ((kind nil)
        (usage nil))
    (while (consp args)
      (let ((argument (pop args)))
        (when (and (symbolp argument)
                   (eq (aref (concat (symbol-name argument) " ") 0) ?&))
          (setq kind argument))
        (push (if (and (consp argument) (memq kind '(&optional &key)))
                  (cl--arguments-usage-default argument kind)
                (cl--arguments-usage-name argument))
              usage)))
    (nconc (nreverse usage) (and args (cl--arguments-usage-name args)))))

(defun cl--arguments-usage-name (argument)
  "Return ARGUMENT, a name or a list of arguments, with names in capitals."
  (cond ((consp argument) (cl--arguments-usage argument))
        ((symbolp argument) (car (help--make-usage-arguments (list argument))))
        (t argument)))

(defun cl--arguments-usage-default (argument kind)
  "Return ARGUMENT of KIND, (NAME DEFAULT GIVEN), with names in capitals."
  (cons (if (and (eq kind '&key) (consp (car argument)))
            (cons (caar argument)
                  (mapcar #'cl--arguments-usage-name (cdar argument)))
          (cl--arguments-usage-name (car argument)))
        (and (cdr argument)
             (cons (cadr argument)
                   (mapcar #'cl--arguments-usage-name (cddr argument))))))

(defun cl--arguments-lambda (args declarations body name)
  "Return an argument list and body whose arguments are ARGS.
DECLARATIONS and BODY are those of a function called NAME."
  (let ((environment nil)
        (plain nil)
        (cl--arguments-bindings nil)
        (cl--arguments-checks nil)
        (cl--arguments-name name))
    (when (memq '&whole args)
      (error "&whole not currently implemented"))
    (let ((found (memq '&environment args)))
      (when found
        (setq environment (cadr found)
              args (append (cl-ldiff args found) (cddr found)))))
    (when environment
      (push (list environment 'macroexpand-all-environment)
            cl--arguments-bindings))
    ;; What is in front and simple, the function itself takes.
    (while (and args (symbolp (car args))
                (not (memq (car args) cl--arguments-words)))
      (push (pop args) plain))
    (when (eq (car args) '&optional)
      (let ((rest (cdr args)))
        (when (and rest (symbolp (car rest))
                   (not (memq (car rest) cl--arguments-words)))
          (push '&optional plain)
          (while (and rest (symbolp (car rest))
                      (not (memq (car rest) cl--arguments-words)))
            (push (pop rest) plain))
          (setq args (if (and rest (not (memq (car rest) cl--arguments-words)))
                         (cons '&optional rest)
                       rest)))))
    (if (or (null args) (and (memq (car args) '(&rest))
                             (symbolp (cadr args)) (null (cddr args))))
        `((,@(nreverse plain) ,@args)
          ,@declarations
          ,(cl--arguments-wrap body))
      (let* ((named (and (memq (car args) '(&rest &body))
                         (symbolp (cadr args))))
             (rest (if named (cadr args) (make-symbol "--cl-rest--")))
             (count (length (remq '&optional plain))))
        ;; With `&aux' alone there is nothing more to be taken.
        (cond ((eq (car args) '&aux)
               (cl--arguments-parse-rest
                (append '(&rest nil) args) rest t 0)
               (push `(if ,rest ,(cl--arguments-wrong rest count))
                     cl--arguments-checks))
              (t (cl--arguments-parse-rest args rest named count)))
        `((,@(nreverse plain) &rest ,rest)
          ,@declarations
          ,(cl--arguments-wrap body))))))

(defmacro cl-function (func)
  "Return the function FUNC, whose argument list may be Common Lisp's."
  (if (eq (car-safe func) 'lambda)
      (list 'function (cons 'lambda (cl--transform-lambda (cdr func) nil)))
    (list 'function func)))

(defmacro cl-defun (name args &rest body)
  "Define NAME as a function with ARGS in Common Lisp's manner.
BODY is in a block called NAME."
  (declare (doc-string 3) (indent 2))
  `(defun ,name ,@(cl--transform-lambda (cons args body) name)))

(defmacro cl-defmacro (name args &rest body)
  "Define NAME as a macro with ARGS in Common Lisp's manner.
BODY is in a block called NAME."
  (declare (doc-string 3) (indent 2))
  `(defmacro ,name ,@(cl--transform-lambda (cons args body) name)))

(defmacro cl-defsubst (name args &rest body)
  "Define NAME as a function with ARGS whose calls may be expanded in place."
  (declare (doc-string 3) (indent 2))
  (let ((names (cl--defsubst-names args))
        (keys (and (memq '&key args) t)))
    `(progn
       ,@(unless (eq names 'none)
           `((cl-define-compiler-macro ,name
                 (,@(and keys '(&whole cl-whole))
                  ,@(mapcar #'cl--defsubst-quoted args))
               (cl--defsubst-expand
                ',names
                ',(let ((forms (cdr (macroexp-parse-body body))))
                    (if (cl--defsubst-mentions 'cl-return-from forms)
                        `(cl-block ,name ,@forms)
                      (macroexp-progn forms)))
                nil ,(and keys 'cl-whole) ,keys ,@names))))
       (cl-defun ,name ,args ,@body))))

(defun cl--defsubst-names (args)
  "Return the variables of ARGS, or `none' if calls cannot be expanded by them.
That is so if a default value refers to a variable, or if a list is taken."
  (let ((names nil)
        (defaults nil))
    (if (or (not (proper-list-p args))
            (memq '&rest args) (memq '&body args) (memq '&aux args))
        'none
      (dolist (argument args)
        (cond ((memq argument '(&optional &key &allow-other-keys)))
              ((symbolp argument) (push argument names))
              ((or (not (symbolp (car argument))) (cddr argument))
               (push 'none defaults)
               (push 'none names))
              (t (push (car argument) names)
                 (push (cadr argument) defaults))))
      (setq names (nreverse names))
      (if (cl-some (lambda (name) (cl--defsubst-mentions name defaults)) names)
          'none
        names))))

(defun cl--defsubst-quoted (argument)
  "Return ARGUMENT of a list, whose default value is a form, for a macro."
  (if (consp argument)
      `(,(car argument) ',(cadr argument))
    argument))

(defun cl--defsubst-mentions (name form)
  "Return non-nil if NAME is anywhere in FORM."
  (let ((pending (list form))
        (found nil))
    (while (and pending (not found))
      (let ((next (pop pending)))
        (while (and (consp next) (not found))
          (if (consp (car next))
              (push (car next) pending)
            (setq found (eq (car next) name)))
          (setq next (cdr next)))
        (when (and next (eq next name))
          (setq found t))))
    found))

(defun cl--defsubst-expand (argns body simple whole _unsafe &rest argvs)
  "Return BODY with the variables ARGNS standing for the forms ARGVS.
With SIMPLE, these may be copied.  If WHOLE, a call whose arguments have another
order than the variables, is non-nil, the value is that if order could matter."
  (if (and whole (not (cl-every #'cl--defsubst-pure-p argvs)))
      whole
    (let ((bindings nil))
      (cl-mapc (lambda (name value)
                 (if (and (or simple (macroexp-copyable-p value))
                          (cl--defsubst-replaceable-p name body))
                     (setq body (cl-subst value name body))
                   (push (list name value) bindings)))
               argns argvs)
      (if bindings
          `(let ,(nreverse bindings) ,body)
        body))))

(defun cl--defsubst-pure-p (form)
  "Return non-nil if it does not matter when FORM is evaluated."
  (or (macroexp-copyable-p form)
      (and (symbolp (car form))
           (function-get (car form) 'side-effect-free)
           (cl-every #'cl--defsubst-pure-p (cdr form)))))

(defun cl--defsubst-replaceable-p (name form)
  "Return non-nil if a form can be put for each NAME in FORM."
  (cond ((atom form) t)
        ((memq (car form) '(quote function))
         (not (cl--defsubst-mentions name (cdr form))))
        ((or (not (symbolp (car form)))
             (and (or (macrop (car form)) (special-form-p (car form)))
                  (not (memq (car form) '(progn and or if when unless)))))
         (not (cl--defsubst-mentions name form)))
        (t (cl-every (lambda (part) (cl--defsubst-replaceable-p name part))
                     (cdr form)))))

(defmacro cl-destructuring-bind (args expr &rest body)
  "Bind the variables of ARGS to the parts of the list EXPR and do BODY."
  (declare (indent 2))
  (cl--arguments-form args expr args (or body '(nil))))

(defmacro cl-define-compiler-macro (func args &rest body)
  "Define how a compiler may expand calls of FUNC with ARGS, by BODY."
  (let ((whole nil)
        (rest args))
    (when (eq (car-safe args) '&whole)
      (setq whole (cadr args)
            rest (cddr args)))
    (let ((name (intern (format "%s--cmacro" func)))
          (whole (or whole (make-symbol "--whole--"))))
      `(eval-and-compile
         (cl-defun ,name (,whole ,@(cl--arguments-proper rest)) ,@body)
         (put ',func 'compiler-macro #',name)))))

;;; cl-arguments.el ends here
