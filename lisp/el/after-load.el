;;; after-load.el --- Code that waits for a file or feature  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; An element of `after-load-alist' is (FEATURE FUNCTION...) or (REGEXP
;; FUNCTION...).  `provide' calls the functions of a feature; `load' calls
;; `do-after-load-evaluation', which looks at the regexps.

;;; Code:

(defmacro with-eval-after-load (file &rest body)
  "Do BODY when FILE, a name or a feature, is loaded; now, if it is."
  `(eval-after-load ,file (lambda () ,@body)))

(defun eval-after-load (file form)
  "Evaluate FORM when FILE, a name or a feature, is loaded; now, if it is.
FORM may be a function, which is called."
  (let ((function (if (functionp form) form (lambda () (eval form t)))))
    (if (symbolp file)
        (if (featurep file)
            (after-load--now file function)
          (after-load--wait file (after-load--at-end function)))
      (let ((name (after-load--loaded-name file)))
        (if name
            (after-load--now name function)
          (after-load--wait (after-load--pattern file) function))))))

(defun after-load--now (key function)
  "Call FUNCTION for KEY, which is loaded, and at each later load."
  (let ((value (funcall function)))
    (after-load--wait (if (symbolp key) key (after-load--pattern key)) function)
    value))

(defun after-load--wait (key function)
  "Have FUNCTION called when KEY is loaded."
  (let ((entry (assoc key after-load-alist)))
    (unless entry
      (setq entry (list key))
      (push entry after-load-alist))
    (nconc entry (list function))
    nil))

(defun after-load--at-end (function)
  "Return a function that calls FUNCTION, at the end of a file being loaded."
  (lambda ()
    (if (not load-file-name)
        (funcall function)
      (let ((file load-file-name))
        (after-load--wait
         (cons 'file file)
         (let ((done nil))
           (lambda ()
             (unless done
               (setq done t)
               (funcall function)))))))))

(defun after-load--base (file)
  "Return the name of FILE without directory and suffixes."
  (let ((name (file-name-nondirectory file)))
    (dolist (suffix '(".gz" ".el" ".elc"))
      (when (string-suffix-p suffix name)
        (setq name (substring name 0 (- (length suffix))))))
    name))

(defun after-load--pattern (file)
  "Return the key of FILE in `after-load-alist'."
  (cons 'name file))

(defun after-load--matches-p (key file)
  "Return non-nil if KEY is that of the absolute name FILE."
  (cond ((eq (car-safe key) 'file) (equal (cdr key) file))
        ((eq (car-safe key) 'name)
         (or (equal (cdr key) file)
             (equal (after-load--base (cdr key)) (after-load--base file))))))

(defun after-load--loaded-name (file)
  "Return the name in `load-history' that FILE stands for, or nil."
  (let ((files load-history)
        (key (after-load--pattern file))
        (found nil))
    (while (and files (not found))
      (when (and (stringp (car (car files)))
                 (after-load--matches-p key (car (car files))))
        (setq found (car (car files))))
      (setq files (cdr files)))
    found))

(defun do-after-load-evaluation (file)
  "Call what waits for the absolute name FILE, which was loaded."
  (dolist (entry (copy-sequence after-load-alist))
    (when (after-load--matches-p (car entry) file)
      (mapc #'funcall (copy-sequence (cdr entry)))))
  (run-hook-with-args 'after-load-functions file))

(defvar after-load-functions nil
  "Functions that are called with the absolute name of each loaded file.")

;;; after-load.el ends here
