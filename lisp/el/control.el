;;; control.el --- Macros of control and binding  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defmacro eval-when-compile (&rest body)
  "Evaluate BODY when the macro is expanded; the value is a constant."
  (list 'quote (eval (cons 'progn body) lexical-binding)))

(defmacro eval-and-compile (&rest body)
  "Evaluate BODY when the macro is expanded, and when a file is loaded."
  (list 'quote (eval (cons 'progn body) lexical-binding)))

(defmacro with-demoted-errors (format &rest body)
  "Do BODY; an error becomes a message by FORMAT, and the value is nil."
  (let* ((err (make-symbol "err"))
         (given (stringp format))
         (body (if (and given body) body (cons format body))))
    `(condition-case-unless-debug ,err
         ,(if (cdr body) (cons 'progn body) (car body))
       (error (message ,(if given format "Error: %S") ,err) nil))))

(defmacro dlet (binders &rest body)
  "Bind the variables of BINDERS dynamically around BODY."
  (let ((variables (mapcar (lambda (binder)
                             (if (consp binder) (car binder) binder))
                           binders)))
    `(let (_)
       ,@(mapcar (lambda (variable) `(defvar ,variable)) variables)
       (let ,binders ,@body))))

(defmacro letrec (binders &rest body)
  "Bind the variables of BINDERS, which their values may refer to, and do BODY."
  (let ((recursive nil)
        (rest binders)
        (leading nil))
    ;; Leading bindings whose value refers to nothing need no recursion.
    (while (and rest (let ((binder (car rest)))
                       (or (not (consp binder))
                           (macroexp-const-p (cadr binder)))))
      (push (pop rest) leading))
    (setq recursive rest)
    (let ((inner (if recursive
                     `(let ,(mapcar (lambda (binder)
                                      (if (consp binder) (car binder) binder))
                                    recursive)
                        ,@(delq nil
                                (mapcar (lambda (binder)
                                          (and (consp binder) (cdr binder)
                                               `(setq ,(car binder)
                                                      ,(cadr binder))))
                                        recursive))
                        ,@body)
                   (macroexp-progn body))))
      (if leading
          `(let* ,(nreverse leading) ,inner)
        inner))))

(defmacro defvar-local (symbol value &optional docstring)
  "Define SYMBOL as a variable that each buffer has its own value of."
  `(progn (defvar ,symbol ,value ,docstring)
          (make-variable-buffer-local ',symbol)))

(defmacro setq-local (&rest pairs)
  "Set each variable of PAIRS in the current buffer to the value behind it."
  (unless (= (logand (length pairs) 1) 0)
    (error "PAIRS must have an even number of variable/value members"))
  (let ((forms nil))
    (while pairs
      (push `(set (make-local-variable ',(pop pairs)) ,(pop pairs)) forms))
    (macroexp-progn (nreverse forms))))

(defmacro ignore-error (condition &rest body)
  "Do BODY; the value is nil if it signals CONDITION, one or a list of them."
  (declare (indent 1))
  `(condition-case nil (progn ,@body) (,condition nil)))

(defalias 'condition-case-no-debug #'condition-case-unless-debug)

(defvar control--collector nil
  "The function of characters that prints to a string.
The printer gives it the raw bytes of a unibyte string as such, where other
functions get numbers below 256.")

(defmacro with-output-to-string (&rest body)
  "Do BODY and return what it printed."
  (declare (indent 0))
  (let ((chars (make-symbol "chars")))
    `(let* ((,chars nil)
            (control--collector (lambda (char) (push char ,chars)))
            (standard-output control--collector))
       ,@body
       (setq ,chars (string-to-multibyte (concat (nreverse ,chars))))
       ;; Raw bytes are octal digits; the form needs nothing of this file.
       (if (string-match-p "[\x3fff80-\x3fffff]" ,chars)
           (mapconcat (lambda (char)
                        (if (>= char #x3fff80)
                            (format "\\%o" (- char #x3fff00))
                          (string char)))
                      ,chars "")
         ,chars))))

(defmacro degrees-to-radians (x)
  "Return the angle X, in degrees, in radians."
  (list '* degrees-to-radians x))

(defmacro radians-to-degrees (x)
  "Return the angle X, in radians, in degrees."
  (list '* radians-to-degrees x))

(defmacro with-local-quit (&rest body)
  "Do BODY; a quit ends it, and is noted for later."
  (declare (indent 0))
  `(condition-case nil
       (let ((inhibit-quit nil))
         ,@body)
     (quit (setq quit-flag t) nil)))

(defmacro while-no-input (&rest body)
  "Do BODY, as long as no input arrives."
  (declare (indent 0))
  (macroexp-progn body))

(defmacro dont-compile (&rest body)
  "Do BODY, which a compiler leaves as it is."
  (declare (indent 0))
  (list 'eval (list 'quote (macroexp-progn body))))

(defalias 'inline 'progn
  "Do the forms; a compiler expands what it can.")

(defmacro with-file-modes (modes &rest body)
  "Do BODY; new files get the permissions MODES."
  (declare (indent 1))
  (let ((before (make-symbol "umask")))
    `(let ((,before (default-file-modes)))
       (unwind-protect
           (progn
             (set-default-file-modes ,modes)
             ,@body)
         (set-default-file-modes ,before)))))

(defmacro with-no-warnings (&rest body)
  "Do BODY; a compiler does not warn of it."
  (macroexp-progn body))

(defmacro with-suppressed-warnings (_warnings &rest body)
  "Do BODY; a compiler does not give certain warnings of it."
  (macroexp-progn body))

(defmacro declare-function (_function _file &rest _arguments)
  "Tell a compiler that a function is defined elsewhere."
  nil)

(defmacro def-edebug-spec (symbol spec)
  "Set the debugging specification of the macro SYMBOL to SPEC."
  `(put (quote ,symbol) 'edebug-form-spec (quote ,spec)))

(defun def-edebug-elem-spec (name spec)
  "Set the debugging specification of the elements called NAME to SPEC, a list."
  (when (string-match-p "\\`[&:]" (symbol-name name))
    (error "Edebug spec name cannot start with '&' or ':'"))
  (unless (consp spec)
    (error "Edebug spec has to be a list: %S" spec))
  (put name 'edebug-elem-spec spec))

(defmacro noreturn (form)
  "Do FORM, which must not return."
  `(prog1 ,form
     (error "Form marked with `noreturn' did return")))

(defmacro 1value (form)
  "Do FORM."
  form)

(defmacro defgroup (symbol members doc &rest arguments)
  "Declare SYMBOL as a group of user options."
  `(custom-declare-group ',symbol ,members ,doc ,@arguments))

(defmacro defcustom (symbol standard doc &rest arguments)
  "Declare SYMBOL as a user option with the value STANDARD."
  `(custom-declare-variable
    ',symbol
    ,(if lexical-binding
         ``(funcall #',(lambda () "" ,standard))
       `',standard)
    ,doc
    ,@arguments))

;;; control.el ends here
