;;; vocabulary.el --- List what the workloads call  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; The workloads keep to a small part of Emacs Lisp, so that a young runtime can
;; run them.  This program reads them and prints each special form, macro,
;; primitive and Lisp function that they use and don't define, with the number of
;; files that use it:
;;
;;     emacs -Q --batch -l emacs/vocabulary.el -f tenure-vocabulary

;;; Code:

(defvar tenure-vocabulary-directory
  (expand-file-name ".." (file-name-directory load-file-name))
  "Directory of the workloads.")

(defvar tenure-vocabulary-used nil
  "Names used in the current file.")

(defun tenure-vocabulary-walk-all (forms)
  "Note the functions used in each of FORMS."
  (while (consp forms)
    (tenure-vocabulary-walk (pop forms))))

(defun tenure-vocabulary-walk-template (template)
  "Note the functions used in the unquoted parts of TEMPLATE."
  (cond ((not (consp template)))
        ((memq (car template) '(\, \,@)) (tenure-vocabulary-walk-all (cdr template)))
        (t
         (tenure-vocabulary-walk-template (car template))
         (tenure-vocabulary-walk-template (cdr template)))))

(defun tenure-vocabulary-walk (form)
  "Note the functions used in FORM."
  (when (consp form)
    (let ((head (car form))
          (rest (cdr form)))
      (when (symbolp head)
        (push head tenure-vocabulary-used))
      (pcase head
        ('quote nil)
        ('function
         (if (symbolp (car rest))
             (push (car rest) tenure-vocabulary-used)
           (tenure-vocabulary-walk (car rest))))
        ('\` (tenure-vocabulary-walk-template (car rest)))
        ((or 'defun 'defmacro 'defsubst) (tenure-vocabulary-walk-all (nthcdr 2 rest)))
        ('lambda (tenure-vocabulary-walk-all (cdr rest)))
        ((or 'let 'let*)
         (dolist (binding (car rest))
           (tenure-vocabulary-walk-all (cdr-safe binding)))
         (tenure-vocabulary-walk-all (cdr rest)))
        ((or 'dolist 'dotimes)
         (tenure-vocabulary-walk-all (cdar rest))
         (tenure-vocabulary-walk-all (cdr rest)))
        ('cond (mapc #'tenure-vocabulary-walk-all rest))
        ('condition-case
         (tenure-vocabulary-walk (nth 1 rest))
         (dolist (handler (nthcdr 2 rest))
           (tenure-vocabulary-walk-all (cdr handler))))
        (_ (tenure-vocabulary-walk-all rest))))))

(defun tenure-vocabulary-kind (name)
  "Return what NAME is in this Emacs."
  (let ((function (symbol-function name)))
    (while (and function (symbolp function))
      (setq function (symbol-function function)))
    (cond ((null function) "unknown here")
          ((eq 'macro (car-safe function)) "macro")
          ((subr-native-elisp-p function) "Lisp function")
          ((and (subrp function) (eq 'unevalled (cdr (subr-arity function))))
           "special form")
          ((subrp function) "primitive")
          (t "Lisp function"))))

(defun tenure-vocabulary ()
  "Print what the workloads use and don't define."
  (let ((files (make-hash-table :test 'eq)))
    (dolist (file (directory-files tenure-vocabulary-directory t "\\.el\\'"))
      (setq tenure-vocabulary-used nil)
      (with-temp-buffer
        (insert-file-contents file)
        (condition-case nil
            (while t
              (tenure-vocabulary-walk (read (current-buffer))))
          (end-of-file nil)))
      (dolist (name (delete-dups tenure-vocabulary-used))
        (unless (string-prefix-p "tenure-" (symbol-name name))
          (puthash name (1+ (gethash name files 0)) files))))
    (let ((lines nil))
      (maphash (lambda (name count)
                 (push (format "%s\t%s\t%d" (tenure-vocabulary-kind name) name count)
                       lines))
               files)
      (princ (mapconcat #'identity (sort lines #'string<) "\n"))
      (terpri))))

;;; vocabulary.el ends here
