;;; environment.el --- Variables of the environment  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defun setenv-internal (env variable value keep-empty)
  "Return the list ENV with VARIABLE set to VALUE, or without it if that is nil.
With KEEP-EMPTY a variable without value stays in it."
  (let ((pattern (concat "\\`" (regexp-quote variable) "\\(=\\|\\'\\)"))
        (case-fold-search nil)
        (scan env)
        (found nil))
    (while (and scan (not found))
      (if (string-match-p pattern (car scan))
          (setq found scan)
        (setq scan (cdr scan))))
    (cond
     ((and value found)
      (setcar found (concat variable "=" value))
      env)
     (value (cons (concat variable "=" value) env))
     ((and found keep-empty)
      (setcar found variable)
      env)
     (found (delq (car found) env))
     (keep-empty (cons variable env))
     (t env))))

(defun substitute-env-vars (string &optional when-undefined)
  "Return STRING with the values of variables for $NAME and ${NAME}.
$$ stands for a dollar sign.  WHEN-UNDEFINED says what happens to variables that
are not set: nil makes them empty, a function is called with their names, and
anything else leaves them."
  (replace-regexp-in-string
   "\\$\\(?:\\([[:alnum:]_]+\\)\\|{\\(\\(?:.\\|\n\\)+?\\)}\\|\\$\\)"
   (lambda (match)
     (if (equal match "$$")
         "$"
       (let* ((name (if (eq (aref match 1) ?{)
                        (substring match 2 -1)
                      (substring match 1)))
              (value (getenv name)))
         (cond (value value)
               ((null when-undefined) "")
               ((functionp when-undefined) (funcall when-undefined name))
               (t match)))))
   string t t))

(defun setenv (variable &optional value substitute-env-vars)
  "Set VARIABLE of the environment to VALUE, or take it away if that is nil.
With SUBSTITUTE-ENV-VARS, $NAME in VALUE stands for the value of NAME."
  (when (and substitute-env-vars value)
    (setq value (substitute-env-vars value)))
  (when (string-match-p "=" variable)
    (error "Environment variable name `%s' contains `='" variable))
  (setq process-environment
        (setenv-internal process-environment variable value t))
  (when (equal variable "TZ")
    (set-time-zone-rule value))
  value)

(defmacro with-environment-variables (variables &rest body)
  "Do BODY with VARIABLES, a list of (NAME VALUE), in the environment."
  (declare (indent 1))
  (unless (consp variables)
    (error "Invalid VARIABLES: %s" variables))
  `(let ((process-environment (copy-sequence process-environment)))
     ,@(mapcar (lambda (variable)
                 `(setenv ,(car variable) ,(cadr variable)))
               variables)
     ,@body))

;;; environment.el ends here
