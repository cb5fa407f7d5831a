;; What both sides of the differential tests load.  -*- lexical-binding: t -*-

(require 'cl-lib)
(require 'seq)
(require 'map)
(require 'subr-x)
(require 'ring)
(require 'thunk)
(require 'ert)
(require 'benchmark)
(require 'nadvice)
(require 'inline)
(require 'cl-generic)
(require 'rx)
(require 'let-alist)
(require 'warnings)

(defvar diff-a 1 "A variable that tests set.")
(defvar diff-b nil "A variable that tests set.")
(defvar diff-c '(1 2 3) "A variable that tests set.")
(defvar diff-list nil "A variable that tests set.")

(mapc (lambda (s) (internal--define-uninitialized-variable s))
      '(diff-l1 diff-l2 diff-l3 diff-l4 diff-l5 diff-l6 diff-l7))

(defvar diff-plists (cons (copy-sequence (symbol-plist nil)) (copy-sequence (symbol-plist t)))
  "The properties of nil and t at first.")

(defun diff-reset ()
  "Undo what a test may have done to variables and functions."
  (setq diff-a 1 diff-b nil diff-c (list 1 2 3) diff-list nil)
  (random "seed")
  (mapc (lambda (s) (setplist s nil)) '(diff-a diff-b diff-c diff-list foo bar a diff-p diff-f1 diff-f2 diff-f3))
  (setplist nil (copy-sequence (car diff-plists)))
  (setplist t (copy-sequence (cdr diff-plists)))
  (mapc (lambda (s) (fset s nil)) '(diff-a diff-b diff-c diff-list diff-f1 diff-f2 diff-f3 diff-m1 foo bar a t))
  (mapc (lambda (s) (makunbound s)) '(diff-none diff-w diff-var diff-const diff-option foo bar)))

(defun diff-circle (n k)
  "A list of 1 to N whose end is element K."
  (let ((list nil) (i n))
    (while (> i 0)
      (setq list (cons i list))
      (setq i (1- i)))
    (setcdr (nthcdr (1- n) list) (nthcdr k list))
    list))

(defun diff-table (test &rest entries)
  "A hash table of the given test and entries."
  (let ((table (make-hash-table :test test)))
    (while entries
      (puthash (car entries) (car (cdr entries)) table)
      (setq entries (cdr (cdr entries))))
    table))

(put 'diff-chars 'char-table-extra-slots 2)
(defun diff-char-table (init &rest entries)
  "A char-table with two extra slots and the given ranges and values."
  (let ((table (make-char-table 'diff-chars init)))
    (while entries
      (set-char-table-range table (car entries) (car (cdr entries)))
      (setq entries (cdr (cdr entries))))
    table))

(put 'diff-error 'error-conditions '(diff-error error))
(put 'diff-error 'error-message "Wanted")

(defvar diff-written nil "The characters that `diff-writer' was called with, last first.")
(defun diff-writer (c)
  "A stream: note the character C."
  (setq diff-written (cons c diff-written)))

(defun diff-output (function)
  "What FUNCTION prints."
  (setq diff-written nil)
  (let* ((standard-output 'diff-writer)
         (value (funcall function)))
    (list value (apply (function string) (reverse diff-written)))))

(defun diff-remove (directory)
  "Remove DIRECTORY and all in it."
  (mapc (lambda (name)
          (let ((file (concat directory "/" name)))
            (if (and (file-directory-p file) (not (file-symlink-p file)))
                (if (not (member name '("." ".."))) (diff-remove file))
              (delete-file file))))
        (directory-files directory))
  (delete-directory-internal directory))

(defun diff-in-directory (function)
  "What FUNCTION gives in a new directory, whose name is hidden."
  (let* ((directory (make-temp-file-internal "/tmp/diff" t "" nil))
         (default-directory (concat directory "/"))
         (result (condition-case error (funcall function) (error (list 'signals error)))))
    (diff-remove directory)
    (let ((text (prin1-to-string result)))
      (mapc (lambda (name)
              (while (string-match (regexp-quote name) text)
                (setq text (replace-match "DIR" t t text))))
            (list directory (file-name-nondirectory directory)))
      text)))

(defun diff-try (&rest functions)
  "What each of FUNCTIONS gives or signals."
  (mapcar (lambda (function) (condition-case error (funcall function) (error error))) functions))

(defmacro diff-each (&rest forms)
  "What each of FORMS gives or signals."
  (cons 'diff-try (mapcar (lambda (form) (list 'lambda nil form)) forms)))

(defmacro diff-with-files (&rest forms)
  "What each of FORMS gives or signals in a new directory with some files."
  (list 'diff-in-directory
        (list 'lambda nil
              '(progn (write-region "one\n" nil "a") (write-region "second" nil "b") (make-directory-internal "d")
                      (write-region "" nil "d/x") (make-symbolic-link "a" "l") (make-symbolic-link "d" "ld")
                      (make-symbolic-link "none" "broken") (set-file-times "a" 200000) (set-file-times "b" 100000) (set-file-modes "b" 384))
              (cons 'diff-each forms))))

(defun diff-text (file)
  "How many bytes FILE has."
  (nth 7 (file-attributes file)))

(defun diff-ascii (text)
  "TEXT in the printing characters of ASCII."
  (mapconcat (lambda (c) (if (and (< 31 c) (< c 127)) (char-to-string c) (format "\\{%x}" c))) text ""))

(defun diff-answer (text)
  "What reading and evaluating TEXT gives, printed."
  (diff-ascii
   (let ((result (condition-case error
                     (list 'value (eval (car (read-from-string text)) t))
                   (t (cons 'error error)))))
     ;; Emacs has not quite forgotten an error of the last printing.
     (prin1-to-string nil)
     (let ((print-circle t))
       (prin1-to-string result)))))

(defun diff-loop ()
  "Answer lines of the standard input until it ends."
  (let ((line nil))
    (while (setq line (condition-case nil (read-from-minibuffer "") (error nil)))
      (princ (diff-answer line))
      (terpri))))
