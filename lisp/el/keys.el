;;; keys.el --- The keys that a text names  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defconst keys--names
  '(("NUL" . ?\0) ("RET" . ?\r) ("LFD" . ?\n) ("TAB" . ?\t) ("ESC" . ?\e)
    ("SPC" . ?\s) ("DEL" . ?\d))
  "The names of characters that have one.")

(defconst keys--modifiers
  '((?A . ?\A-\0) (?C . ?\C-\0) (?H . ?\H-\0) (?M . ?\M-\0) (?S . ?\S-\0)
    (?s . ?\s-\0))
  "The letters of modifiers, and their bits.")

(defun kbd (keys)
  "Return the sequence of keys that the text KEYS names.
It is a string if all keys can be in one, else a vector."
  (let ((rest keys)
        (result nil))
    (while (string-match "[^ \t\n\f]+" rest)
      (let* ((word (match-string 0 rest))
             (after (match-end 0)))
        (cond
         ((string-match "\\`\\(?:;;\\|REM\\'\\)" word)
          ;; A remark goes to the end of the line.
          (setq after (or (string-match "\n" rest after) (length rest))))
         ((string-match "\\`<<\\([^ \t\n\f]+\\)>>\\'" word)
          (setq result (append (list ?\r)
                               (reverse (append (match-string 1 word) nil))
                               (list ?\M-x)
                               result)))
         ;; Such a name may have spaces.
         ((let ((case-fold-search nil))
            (string-match
             (concat "\\`[ \t\n\f]*\\(?:\\([0-9]+\\)\\*\\)?"
                     "\\(\\(?:[ACHMsS]-\\)*\\)<\\([^<>\n]*\\)>")
             rest))
          (let ((times (match-string 1 rest))
                (modifiers (match-string 2 rest))
                (name (match-string 3 rest)))
            (setq after (match-end 0))
            (dotimes (_ (if times (string-to-number times) 1))
              (push (if (string= name "")
                        (error "No key between < and >")
                      (intern (concat modifiers name)))
                    result))))
         (t (setq result (append (reverse (keys--word word)) result))))
        (setq rest (substring rest after))))
    (setq result (nreverse result))
    (keys--sequence (keys--without-macro result))))

(defun keys--word (word)
  "Return a list of the keys that WORD names."
  (let ((times 1)
        (keys nil)
        (case-fold-search nil))
    (when (string-match "\\`\\([0-9]+\\)\\*." word)
      (setq times (string-to-number (match-string 1 word))
            word (substring word (1+ (match-end 1)))))
    (setq keys (keys--modified word))
    (apply #'append (make-list times keys))))

(defun keys--modified (word)
  "Return a list of the keys that WORD names, which may begin with modifiers."
  (let ((whole word)
        (bits 0)
        (prefix ""))
    (while (string-match "\\`[ACHMsS]-." word)
      (setq bits (logior bits (cdr (assq (aref word 0) keys--modifiers)))
            prefix (concat prefix (substring word 0 2))
            word (substring word 2)))
    (when (string-match "\\`\\^.\\'" word)
      (setq bits (logior bits ?\C-\0)
            word (substring word 1)))
    (let* ((named (cdr (assoc word keys--names)))
           (chars (cond (named (list named))
                        ((string-match "\\`\\\\[0-7]+\\'" word)
                         (list (string-to-number (substring word 1) 8)))
                        (t (append word nil)))))
      (cond
       ((= bits 0) chars)
       ((and (= bits ?\M-\0) (string-match "\\`-?[0-9]+\\'" word))
        (mapcar (lambda (char) (logior char ?\M-\0)) chars))
       ((cdr chars)
        (error "%s must prefix a single character, not %s" prefix word))
       ((null chars) (append whole nil))
       (t (list (keys--with-bits (car chars) bits)))))))

(defun keys--with-bits (char bits)
  "Return CHAR with the modifiers BITS; some control characters have their own."
  (let ((control (/= 0 (logand bits ?\C-\0)))
        (others (logand bits (lognot ?\C-\0))))
    (cond ((and control (or (<= ?@ char ?_) (<= ?a char ?z)))
           (logior (logand char 31) others))
          (t (logior char bits)))))

(defun keys--without-macro (keys)
  "Return KEYS without `C-x (' around them, as a keyboard macro has it."
  (let ((n (length keys)))
    (if (and (>= n 4)
             (eq (nth 0 keys) ?\C-x)
             (eq (nth 1 keys) ?\()
             (eq (nth (- n 2) keys) ?\C-x)
             (eq (nth (- n 1) keys) ?\)))
        (butlast (nthcdr 2 keys) 2)
      keys)))

(defun keys--sequence (keys)
  "Return KEYS as a string, or as a vector if not all can be in one."
  (let ((plain t))
    (dolist (key keys)
      (unless (and (integerp key) (<= 0 key 127))
        (setq plain nil)))
    (if plain
        (concat keys)
      (vconcat keys))))

(defalias 'read-kbd-macro #'kbd)

;;; keys.el ends here
