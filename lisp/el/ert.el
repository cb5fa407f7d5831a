;;; ert.el --- Tests and their assertions  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A test is the property `ert--test' of its name.  It fails if its body signals:
;; it runs with our debugger, which is called before the signal unwinds, so that
;; the result has the backtrace.  What runs tests in batch mode is in another
;; file.

;;; Code:

(require 'cl-lib)

(define-error 'ert-test-failed "Test failed")
(define-error 'ert-test-skipped "Test skipped")

(defvar ert-quiet nil
  "Whether only what is unexpected is shown.")
(defvar ert-batch-backtrace-right-margin 70
  "The length of a line of a backtrace.")
(defvar ert-batch-print-length 10
  "How many elements of a list are shown of a failed test.")
(defvar ert-batch-print-level 5
  "How deep lists are shown of a failed test.")

(defvar ert--infos nil
  "What `ert-info' tells where a test is, the innermost first.")
(defvar ert--should-execution-observer nil
  "A function that is called with the description of each assertion.")

(cl-defstruct ert-test
  name documentation body most-recent-result (expected-result-type :passed)
  tags)

(cl-defstruct ert-test-result messages should-forms (duration 0))
(cl-defstruct (ert-test-passed (:include ert-test-result)))
(cl-defstruct (ert-test-result-with-condition (:include ert-test-result))
  condition backtrace infos)
(cl-defstruct (ert-test-quit (:include ert-test-result-with-condition)))
(cl-defstruct (ert-test-failed (:include ert-test-result-with-condition)))
(cl-defstruct (ert-test-skipped (:include ert-test-result-with-condition)))
(cl-defstruct (ert-test-aborted-with-non-local-exit
               (:include ert-test-result)))

;;;; Tests

(defun ert-test-boundp (symbol)
  "Return non-nil if SYMBOL names a test."
  (and (get symbol 'ert--test) t))

(defun ert-get-test (symbol)
  "Return the test that SYMBOL names, or signal an error."
  (unless (ert-test-boundp symbol)
    (error "No test named `%S'" symbol))
  (get symbol 'ert--test))

(defun ert-set-test (symbol definition)
  "Make SYMBOL the name of the test DEFINITION."
  (unless symbol
    (error "Attempt to define a test named nil"))
  (define-symbol-prop symbol 'ert--test definition)
  definition)

(defun ert-make-test-unbound (symbol)
  "Let SYMBOL name no test, and return it."
  (cl-remprop symbol 'ert--test)
  symbol)

(defalias 'ert-delete-test #'ert-make-test-unbound)

(defun ert--keys-and-body (forms)
  "Return the keywords and values at the start of FORMS, and the others."
  (let ((keys nil))
    (while (keywordp (car forms))
      (let ((key (pop forms)))
        (unless forms
          (error "Value expected after keyword %S in %S" key forms))
        (push key keys)
        (push (pop forms) keys)))
    (list (nreverse keys) forms)))

;;;###autoload
(cl-defmacro ert-deftest (name () &body docstring-keys-and-body)
  "Define NAME as a test that does the body, which assertions are in.
The body may begin with documentation, and with `:tags' and
`:expected-result' and their values."
  (declare (doc-string 3) (indent 2))
  (unless (symbolp name)
    (signal 'wrong-type-argument (list 'symbolp name)))
  (let* ((documentation (and (stringp (car docstring-keys-and-body))
                             (pop docstring-keys-and-body)))
         (parts (ert--keys-and-body docstring-keys-and-body)))
    (cl-destructuring-bind (&key (expected-result nil expected)
                                 (tags nil tagged))
        (car parts)
      `(cl-macrolet ((skip-unless (form) (list 'ert--skip-unless form)))
         (ert-set-test ',name
                       (make-ert-test
                        :name ',name
                        ,@(and documentation
                               `(:documentation ,documentation))
                        ,@(and expected
                               `(:expected-result-type ,expected-result))
                        ,@(and tagged `(:tags ,tags))
                        :body (lambda ()
                                (let ((lexical-binding ,lexical-binding))
                                  ,@(cadr parts)))))
         ',name))))

(defun ert-fail (data)
  "End the test with a failure that DATA describes."
  (signal 'ert-test-failed (list data)))

(defun ert-skip (data)
  "End the test, which is skipped for the reason DATA."
  (signal 'ert-test-skipped (list data)))

(defun ert-pass ()
  "End the test with success."
  (throw 'ert--pass nil))

(cl-defmacro ert-info ((message-form &key ((:prefix prefix-form) "Info: "))
                       &body body)
  "Do BODY; a failure in it is shown with the text of MESSAGE-FORM."
  (declare (indent 1))
  `(let ((ert--infos (cons (cons ,prefix-form ,message-form) ert--infos)))
     ,@body))

;;;; Assertions

(defun ert--signal-should-execution (description)
  "Tell the observer of the assertion of DESCRIPTION."
  (when ert--should-execution-observer
    (funcall ert--should-execution-observer description)))

(defun ert--special-p (head)
  "Return non-nil if the arguments of HEAD are not all forms to be evaluated."
  (and (symbolp head)
       (special-form-p head)))

(defun ert--expand-should (whole form inner)
  "Return the form of the assertion WHOLE, which asserts something of FORM.
INNER gives it from a form that evaluates FORM, from one whose value is the
description of FORM then, and from a variable with its value."
  (let* ((form (condition-case err
                   (macroexpand-all form macroexpand-all-environment)
                 ;; That a macro signals can be asserted, too.
                 (error `(signal ',(car err) ',(cdr err)))))
         (value (make-symbol "value"))
         (aborted (make-symbol "ert-form-evaluation-aborted"))
         (description (make-symbol "form-description")))
    (if (or (atom form) (ert--special-p (car form)))
        `(let ((,value ',aborted)
               (,description nil))
           ,(funcall inner
                     `(unwind-protect
                          (setq ,value ,form)
                        (setq ,description
                              ,(ert--description whole `',form aborted value nil nil)))
                     description value))
      (let* ((head (if (eq (car form) 'funcall) (cadr form)
                     `(function ,(car form))))
             (arguments (if (eq (car form) 'funcall) (cddr form) (cdr form)))
             (fn (make-symbol "fn"))
             (args (make-symbol "args")))
        `(let* ((,fn ,head)
                (,args (condition-case err
                           (let ((signal-hook-function
                                  #'ert--should-signal-hook))
                             (list ,@arguments))
                         (error (setq ,fn #'signal)
                                (list (car err) (cdr err)))))
                (,value ',aborted)
                (,description nil))
           ,(funcall inner
                     `(unwind-protect
                          (setq ,value (apply ,fn ,args))
                        (setq ,description
                              ,(ert--description whole `(cons ,fn ,args) aborted value
                                                 (car-safe (cdr-safe head)) args)))
                     description value))))))

(defun ert--should-signal-hook (error-symbol data)
  "End the test that is run if ERROR-SYMBOL with DATA is how tests end.
A handler around the arguments of an assertion must not take it."
  (when (and (memq error-symbol '(ert-test-failed ert-test-skipped))
             (eq debugger #'ert--debugger))
    (ert--debugger 'error (cons error-symbol data))))

(defun ert--description (whole form aborted value function arguments)
  "Return a form whose value describes the assertion WHOLE of FORM.
The variable VALUE has the value, which is the symbol ABORTED if there is none.
FUNCTION may have a property that explains it; its ARGUMENTS are a variable.
The form needs nothing of this file, so that what is compiled here can be tested
by another ERT."
  `(append (list ',whole :form ,form)
           (unless (eq ,value ',aborted)
             (list :value ,value))
           ,@(when (and function (symbolp function))
               `((let ((explainer (get ',function 'ert-explainer)))
                   (when (and explainer (not (eq ,value ',aborted)))
                     (list :explanation (apply explainer ,arguments))))))))

(defmacro should (form)
  "Assert that the value of FORM is non-nil, and return it."
  (declare (debug t))
  (ert--expand-should
   `(should ,form) form
   (lambda (evaluate description value)
     `(progn
        (unless ,evaluate
          (ert--signal-should-execution ,description)
          (ert-fail ,description))
        (ert--signal-should-execution ,description)
        ,value))))

(defmacro should-not (form)
  "Assert that the value of FORM is nil."
  (declare (debug t))
  (ert--expand-should
   `(should-not ,form) form
   (lambda (evaluate description value)
     `(progn
        (unless (not ,evaluate)
          (ert--signal-should-execution ,description)
          (ert-fail ,description))
        (ert--signal-should-execution ,description)
        ,value))))

(defmacro ert--skip-unless (form)
  "Skip the test unless the value of FORM is non-nil; an error is like nil."
  (ert--expand-should
   `(skip-unless ,form) form
   (lambda (evaluate description value)
     `(progn
        (unless (ignore-errors ,evaluate)
          (ert-skip ,description))
        ,value))))

(cl-defmacro should-error (form &rest keys &key type exclude-subtypes)
  "Assert that FORM signals an error, and return its condition.
It is of TYPE, a condition or a list of them, and not of a kind of it if
EXCLUDE-SUBTYPES."
  (declare (debug t))
  (unless type
    (setq type ''error))
  (ert--expand-should
   `(should-error ,form ,@keys) form
   (lambda (evaluate description value)
     (let ((signalled (make-symbol "signalled")))
       `(let ((,signalled nil))
          (condition-case condition
              ,evaluate
            (error
             (setq ,signalled t
                   ,value condition)
             (ert--should-error-handle-error
              (lambda () ,description) condition ,type ,exclude-subtypes)))
          (ert--signal-should-execution ,description)
          (unless ,signalled
            (ert-fail (append ,description
                              (list :fail-reason
                                    "did not signal an error"))))
          ,value)))))

(defun ert--should-error-handle-error (description condition type
                                                   exclude-subtypes)
  "Fail with what the function DESCRIPTION gives unless CONDITION is of TYPE.
A kind of TYPE will not do if EXCLUDE-SUBTYPES."
  (let ((conditions (get (car condition) 'error-conditions))
        (types (if (listp type) type (list type)))
        (fail (lambda (reason)
                (ert-fail (append (funcall description)
                                  (list :condition condition
                                        :fail-reason reason))))))
    (unless (or conditions exclude-subtypes)
      (setq conditions (list (car condition))))
    (unless (cl-intersection conditions types)
      (funcall fail (concat "the error signaled did not"
                            " have the expected type")))
    (when (and exclude-subtypes (not (memq (car condition) types)))
      (funcall fail "the error signaled was a subtype of the expected type"))))

;;;; Explanations

(defun ert--explain-atom (x)
  "Return X, or a list of its forms if it is a number."
  (cond ((characterp x) (list x (format "#x%x" x) (format "?%c" x)))
        ((integerp x) (list x (format "#x%x" x)))
        (t x)))

(defun ert--explain-equal (a b)
  "Return a description of the first difference of A and B, or nil."
  (cond
   ((not (eq (type-of a) (type-of b)))
    `(different-types ,a ,b))
   ((consp a)
    (let ((proper-a (proper-list-p a))
          (proper-b (proper-list-p b)))
      (cond
       ((not (eq (not proper-a) (not proper-b)))
        `(one-list-proper-one-improper ,a ,b))
       ((not proper-a)
        (let ((difference (ert--explain-equal (car a) (car b))))
          (if difference
              `(car ,difference)
            (let ((difference (ert--explain-equal (cdr a) (cdr b))))
              (and difference `(cdr ,difference))))))
       ((/= proper-a proper-b)
        `(proper-lists-of-different-length
          ,proper-a ,proper-b ,a ,b
          first-mismatch-at ,(cl-mismatch a b :test #'equal)))
       (t (ert--explain-elements 'list-elt a b)))))
   ((cl-typep a '(or array record))
    (if (/= (length a) (length b))
        `(arrays-of-different-length
          ,(length a) ,(length b) ,a ,b
          ,@(unless (eq (multibyte-string-p a) (multibyte-string-p b))
              `(different-multibyteness ,(multibyte-string-p a)
                                        ,(multibyte-string-p b)))
          first-mismatch-at ,(cl-mismatch a b :test #'equal))
      (ert--explain-elements 'array-elt a b)))
   ((equal a b) nil)
   ((and (symbolp a) (symbolp b) (string= a b))
    `(different-symbols-with-the-same-name ,a ,b))
   (t `(different-atoms ,(ert--explain-atom a) ,(ert--explain-atom b)))))

(defun ert--explain-elements (kind a b)
  "Return a description, of KIND, of the first element in which A and B differ."
  (let ((i 0)
        (size (length a))
        (found nil))
    (while (and (< i size) (not found))
      (let ((difference (if (consp a)
                            (ert--explain-equal (pop a) (pop b))
                          (ert--explain-equal (aref a i) (aref b i)))))
        (when difference
          (setq found `(,kind ,i ,difference))))
      (setq i (1+ i)))
    found))

(put 'equal 'ert-explainer #'ert--explain-equal)

(defun ert-equal-including-properties (a b)
  "Return t if A and B are equal strings with equal properties."
  (equal-including-properties a b))

(provide 'ert)

(tenure-autoloads "tenure/ert-batch")
(tenure-autoloads "tenure/ert-pretty")

;;; ert.el ends here
