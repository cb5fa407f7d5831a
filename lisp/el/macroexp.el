;;; macroexp.el --- Words for writing macros  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defun macroexp-progn (forms)
  "Return a form that does FORMS."
  (if (cdr forms) (cons 'progn forms) (car forms)))

(defun macroexp-unprogn (form)
  "Return a non-empty list of forms that does what FORM does."
  (if (eq (car-safe form) 'progn)
      (or (cdr form) '(nil))
    (list form)))

(defun macroexp-let* (bindings form)
  "Return FORM with BINDINGS around it."
  (cond ((null bindings) form)
        ((eq 'let* (car-safe form))
         `(let* ,(append bindings (cadr form)) ,@(cddr form)))
        (t `(let* ,bindings ,form))))

(defun macroexp-if (test then else)
  "Return a form that does THEN if TEST is non-nil, else ELSE."
  (cond ((eq (car-safe else) 'if)
         (cond ((equal then (nth 2 else))
                `(if (or ,test ,(nth 1 else)) ,then ,@(nthcdr 3 else)))
               (t
                `(cond (,test ,@(macroexp-unprogn then))
                       (,(nth 1 else) ,@(macroexp-unprogn (nth 2 else)))
                       ,@(let ((rest (nthcdr 3 else)))
                           (if rest (list (cons t rest))))))))
        ((eq (car-safe else) 'cond)
         `(cond (,test ,@(macroexp-unprogn then)) ,@(cdr else)))
        (t `(if ,test ,then ,@(and else (macroexp-unprogn else))))))

(defun macroexp-quote (value)
  "Return a form whose value is VALUE."
  (if (and (not (memq value '(nil t)))
           (or (symbolp value) (consp value) (and (arrayp value) nil)))
      (list 'quote value)
    value))

(defun macroexp-const-p (form)
  "Return non-nil if FORM always has the same value."
  (or (and (not (symbolp form))
           (or (not (consp form))
               (eq (car form) 'quote)
               (and (eq (car form) 'function) (symbolp (cadr form)))))
      (keywordp form)
      (memq form '(nil t))))

(defun macroexp-copyable-p (form)
  "Return non-nil if FORM may be evaluated more than once."
  (or (symbolp form) (macroexp-const-p form)))

(defun macroexp-warn-and-return (message form &optional _compile-only)
  "Show MESSAGE as a warning, and return FORM."
  (message "%s" (if (stringp message) (concat "Warning: " message) message))
  form)

(defmacro macroexp-let2 (test sym exp &rest body)
  "Bind SYM to a form that is safe to copy and has the value of EXP; do BODY.
BODY gives a form, and the variable that holds the value is bound around it if
TEST, or `macroexp-const-p', does not hold for the value of EXP."
  (let ((body-sym (make-symbol "body"))
        (exp-sym (make-symbol "exp"))
        (test (if (memq test '(nil)) 'macroexp-const-p test)))
    `(let* ((,exp-sym ,exp)
            (,sym (if (,test ,exp-sym)
                      ,exp-sym
                    (make-symbol ,(symbol-name sym))))
            (,body-sym ,(macroexp-progn body)))
       (if (eq ,sym ,exp-sym)
           ,body-sym
         (macroexp-let* (list (list ,sym ,exp-sym)) ,body-sym)))))

(defmacro macroexp-let2* (test bindings &rest body)
  "Do BODY with `macroexp-let2' for each of BINDINGS, in order."
  (if (null bindings)
      (macroexp-progn body)
    (let ((binding (car bindings)))
      `(macroexp-let2 ,test
           ,(if (consp binding) (car binding) binding)
           ,(if (consp binding) (cadr binding) binding)
         (macroexp-let2* ,test ,(cdr bindings) ,@body)))))

(defun macroexp-parse-body (body)
  "Return a cons of the declarations at the start of BODY, and the rest."
  (let ((declarations nil))
    (while (and (cdr body)
                (or (stringp (car body))
                    (memq (car-safe (car body))
                          '(:documentation declare interactive cl-declare))))
      (push (pop body) declarations))
    (cons (nreverse declarations) body)))

(defun macroexp-macroexpand (form environment)
  "Return FORM expanded as long as it is a macro call, with ENVIRONMENT."
  (macroexpand form environment))

(defun macroexp-file-name ()
  "Return the name of the file that is being loaded, or nil."
  load-file-name)

(defun macroexp-compiling-p ()
  "Return non-nil if macros are being expanded for a compiler."
  ;; Compilers keep notes of declared functions in the environment.
  (and (assq 'declare-function macroexpand-all-environment) t))

(provide 'macroexp)

;;; macroexp.el ends here
