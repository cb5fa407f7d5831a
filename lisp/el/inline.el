;;; inline.el --- Functions that calls expand to in place  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; `define-inline' makes two functions of one body: the ordinary one, in which
;; the quoted code is done, and a compiler macro, in which it is returned.

;;; Code:

(require 'macroexp)

(defmacro inline-quote (_exp)
  "Return the code of EXP, in which ,X stands for the code of X."
  (error "inline-quote can only be used within define-inline"))

(defmacro inline-const-p (_exp)
  "Return non-nil if the value of EXP is known."
  (error "inline-const-p can only be used within define-inline"))

(defmacro inline-const-val (_exp)
  "Return the value of EXP, if it is known."
  (error "inline-const-val can only be used within define-inline"))

(defmacro inline-error (_format &rest _args)
  "Signal an error."
  (error "inline-error can only be used within define-inline"))

(defmacro inline-letevals (_vars &rest _body)
  "Do BODY with VARS evaluated once."
  (declare (indent 1))
  (error "inline-letevals can only be used within define-inline"))

(defmacro define-inline (name args &rest body)
  "Define NAME as a function with ARGS whose calls are expanded in place.
BODY computes the code with `inline-quote' and kin."
  (declare (indent defun) (doc-string 3))
  (let* ((parsed (macroexp-parse-body body))
         (declarations (apply #'append
                              (mapcar (lambda (form)
                                        (and (eq 'declare (car-safe form))
                                             (cdr form)))
                                      (car parsed))))
         (documentation (and (stringp (car (car parsed)))
                             (list (car (car parsed)))))
         (body (cdr parsed))
         (inliner (intern (format "%s--inliner" name))))
    (unless (memq '&key args)
      `(progn
         (defun ,name ,args
           ,@documentation
           (declare ,@declarations (compiler-macro ,inliner))
           ,@(inline--expand body (inline--doing)))
         :autoload-end
         (eval-and-compile
           (defun ,inliner (inline--form ,@args)
             (ignore inline--form)
             (catch 'inline--just-use
               ,@(inline--expand body (inline--returning)))))))))

(defun inline--expand (body macros)
  "Return the forms of BODY expanded with MACROS, an alist."
  (macroexp-unprogn
   (macroexpand-all (macroexp-progn body)
                    (append macros macroexpand-all-environment))))

(defun inline--doing ()
  "Return the macros of a body that is done."
  `((inline-quote . inline--unquoted)
    (inline-const-p . ,(lambda (_) t))
    (inline-const-val . ,(lambda (exp) exp))
    (inline-error . ,(lambda (&rest args) `(error ,@args)))
    (inline-letevals
     . ,(lambda (vars &rest body)
          `(let* ,(delq nil (mapcar (lambda (var) (and (consp var) var)) vars))
             ,@body)))))

(defun inline--unquoted (exp)
  "Return the code EXP with the unquoted parts as they are."
  (cond ((not (consp exp)) exp)
        ((eq (car exp) '\,) (cadr exp))
        ((and (memq (car exp) '(quote function))
              (eq (car-safe (cadr exp)) '\,))
         (cadr (cadr exp)))
        ((eq (car-safe (car exp)) '\,@)
         (if (cdr exp)
             (error "A spliced argument must be the last: %S" exp)
           (list 'inline--rest (cadr (car exp)))))
        (t
         (let ((rest (inline--unquoted (cdr exp))))
           (if (eq (car-safe rest) 'inline--rest)
               `(apply #',(car exp) ,(cadr rest))
             (cons (inline--unquoted (car exp)) rest))))))

(defun inline--returning ()
  "Return the macros of a body that returns code."
  `((inline-quote . ,(lambda (exp) (list '\` exp)))
    (inline-const-p . ,(lambda (exp) `(inline--const-p ,exp)))
    (inline-const-val
     . ,(lambda (exp)
          (macroexp-let2 nil form exp
            `(if (inline--const-p ,form)
                 (inline--value ,form)
               (throw 'inline--just-use inline--form)))))
    (inline-error
     . ,(lambda (&rest args)
          (ignore args)
          '(throw 'inline--just-use inline--form)))
    (inline-letevals . inline--evaluated)))

(defun inline--const-p (form)
  "Return non-nil if the value of FORM is known."
  (or (macroexp-const-p form) (eq 'function (car-safe form))))

(defun inline--value (form)
  "Return the value of FORM, which is constant."
  (if (memq (car-safe form) '(quote function)) (cadr form) form))

(defun inline--evaluated (vars &rest body)
  "Return code that does BODY, with VARS standing for what may be copied."
  (let ((result (macroexp-progn body)))
    (dolist (var (reverse vars))
      (setq result
            (if (symbolp var)
                `(macroexp-let2 macroexp-copyable-p ,var ,var ,result)
              `(macroexp-let2 macroexp-copyable-p ,(car var) ,(cadr var)
                 ,result))))
    result))

(provide 'inline)

;;; inline.el ends here
