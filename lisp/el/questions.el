;;; questions.el --- Questions to whoever runs the program  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; Prompts go to the standard output, answers come from the standard input.

;;; Code:

(defun read-minibuffer (prompt &optional initial-contents)
  "Read a Lisp object, after PROMPT is shown, and return it unevaluated.
INITIAL-CONTENTS is for a terminal."
  (read-from-minibuffer prompt initial-contents nil t))

(defun eval-minibuffer (prompt &optional initial-contents)
  "Read a Lisp expression, after PROMPT is shown, and return its value.
INITIAL-CONTENTS is for a terminal."
  (eval (read-minibuffer prompt initial-contents)))

(defun y-or-n-p (prompt)
  "Ask PROMPT until the answer is `y' or `n'; return t for `y'."
  (let ((question (concat prompt
                          (if (or (zerop (length prompt))
                                  (eq (aref prompt (1- (length prompt))) ?\s))
                              ""
                            " ")
                          "(y or n) "))
        (answer nil)
        (again ""))
    (while (not answer)
      (let ((line (downcase (read-string (concat again question)))))
        (cond ((member line '("y" "yes")) (setq answer 'yes))
              ((member line '("n" "no")) (setq answer 'no)))
        (setq again "Please answer y or n.  ")))
    (eq answer 'yes)))

(defun read-number (prompt &optional default _hist)
  "Read a number, after PROMPT is shown; DEFAULT is that of an empty line."
  (let ((value nil)
        (default (if (consp default) (car default) default)))
    (when default
      (setq prompt
            (if (string-match "\\(\\):[ \t]*\\'" prompt)
                (replace-match (format " (default %s)" default) t t prompt 1)
              (replace-regexp-in-string "[ \t]*\\'"
                                        (format " (default %s) " default)
                                        prompt t t))))
    (while (not (numberp value))
      (let ((line (read-from-minibuffer prompt)))
        (setq value
              (condition-case nil
                  (cond ((zerop (length line)) default)
                        (t (car (read-from-string line))))
                (error nil)))
        (unless (numberp value)
          (message "Please enter a number."))))
    value))

(defun format-prompt (prompt default &rest args)
  "Return PROMPT, formatted with ARGS, as one that shows DEFAULT, and a colon."
  (concat (if args (apply #'format prompt args) prompt)
          (and default
               (or (not (stringp default)) (> (length default) 0))
               (format " (default %s)"
                       (if (consp default) (car default) default)))
          ": "))

;;; questions.el ends here
