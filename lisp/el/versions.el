;;; versions.el --- Version numbers  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defvar version-separator "."
  "What is between the numbers of a version.")

(defvar version-regexp-alist
  '(("^[-._+ ]?snapshot$" . -4)
    ("^[-._+]$" . -4)
    ("^[-._+ ]?\\(cvs\\|git\\|bzr\\|svn\\|hg\\|darcs\\)$" . -4)
    ("^[-._+ ]?unknown$" . -4)
    ("^[-._+ ]?alpha$" . -3)
    ("^[-._+ ]?beta$" . -2)
    ("^[-._+ ]?\\(pre\\|rc\\)$" . -1))
  "Regexps of words in a version, with the numbers they stand for.")

(defun version-to-list (ver)
  "Return the list of numbers that the version string VER stands for."
  (unless (stringp ver)
    (error "Version must be a string"))
  (when (and (>= (length ver) (length version-separator))
             (string-equal (substring ver 0 (length version-separator))
                           version-separator))
    (setq ver (concat "0" ver)))
  (unless (string-match-p "^[0-9]" ver)
    (error "Invalid version syntax: `%s' (must start with a number)" ver))
  (save-match-data
    (let ((position 0)
          (case-fold-search t)
          (numbers nil)
          (found nil))
      (while (and (setq found (string-match "[0-9]+" ver position))
                  (= found position))
        (push (string-to-number (substring ver position (match-end 0)))
              numbers)
        (setq position (match-end 0))
        ;; What is up to the next number is a separator, or a word.
        (when (and (setq found (string-match "[^0-9]+" ver position))
                   (= found position))
          (let ((word (substring ver position (match-end 0)))
                (end (match-end 0)))
            (if (string= word version-separator)
                (setq position end)
              (push (versions--word word ver (= end (length ver))) numbers)
              (setq position end)))))
      (nreverse numbers))))

(defun versions--word (word ver last)
  "Return the number that WORD, at the end of the version VER if LAST, stands for."
  (let ((rest version-regexp-alist))
    (while (and rest (not (string-match (caar rest) word)))
      (setq rest (cdr rest)))
    (cond
     (rest (cdar rest))
     ((and last (string-match "^[-._+ ]?\\([a-zA-Z]\\)$" word))
      (- (downcase (aref word (match-beginning 1))) (1- ?a)))
     (t (error "Invalid version syntax: `%s'" ver)))))

(defun version-list-not-zero (lst)
  "Return the first number of LST that is not 0, or 0."
  (while (and lst (zerop (car lst)))
    (setq lst (cdr lst)))
  (or (car lst) 0))

(defun versions--compare (l1 l2)
  "Return a number that is to 0 as the list of numbers L1 is to L2."
  (while (and l1 l2 (= (car l1) (car l2)))
    (setq l1 (cdr l1)
          l2 (cdr l2)))
  (cond ((and l1 l2)
         (cond ((< (car l1) (car l2)) -1)
               ((> (car l1) (car l2)) 1)
               ;; What is no number is neither.
               (t 0.0e+NaN)))
        (l1 (version-list-not-zero l1))
        (l2 (- (version-list-not-zero l2)))
        (t 0)))

(defun version-list-< (l1 l2)
  "Return t if the list of numbers L1 is a lower version than L2."
  (< (versions--compare l1 l2) 0))

(defun version-list-= (l1 l2)
  "Return t if the lists of numbers L1 and L2 are the same version."
  (= (versions--compare l1 l2) 0))

(defun version-list-<= (l1 l2)
  "Return t if the list of numbers L1 is not a higher version than L2."
  (<= (versions--compare l1 l2) 0))

(defun version< (v1 v2)
  "Return t if the version string V1 is lower than V2."
  (version-list-< (version-to-list v1) (version-to-list v2)))

(defun version<= (v1 v2)
  "Return t if the version string V1 is not higher than V2."
  (version-list-<= (version-to-list v1) (version-to-list v2)))

(defun version= (v1 v2)
  "Return t if the version strings V1 and V2 are the same version."
  (version-list-= (version-to-list v1) (version-to-list v2)))

;;; versions.el ends here
