;;; regexp-opt.el --- Regexps of sets of strings  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; A set of strings becomes a tree: what all begin or end with is taken out,
;; single characters become a class, and what is left is cut in two behind those
;; that begin with the same character as the first.

;;; Code:

;;;###autoload
(defun regexp-opt (strings &optional paren)
  "Return a regexp that matches any of STRINGS.
PAREN says what is around it: nil a shy group, if one is needed, a string what
begins the group, `words' and `symbols' a group between bounds of these, and
anything else a group."
  (save-match-data
    (let* ((open (cond ((stringp paren) paren) (paren "\\(")))
           (regexp
            (cond
             ((null strings)
              (concat (or open "\\(?:") regexp-unmatchable "\\)"))
             (t
              (regexp-opt--group (delete-dups
                                  (sort (copy-sequence strings) #'string-lessp))
                                 (or open t)
                                 (not open))))))
      (cond ((eq paren 'words) (concat "\\<" regexp "\\>"))
            ((eq paren 'symbols) (concat "\\_<" regexp "\\_>"))
            (t regexp)))))

(defun regexp-opt--common (strings)
  "Return what all STRINGS begin with."
  (let* ((first (car strings))
         (size (length first)))
    (dolist (string (cdr strings))
      (let ((same (compare-strings first 0 size string 0 nil)))
        (unless (eq same t)
          (setq size (min size (1- (abs same)) (length string))))))
    (substring first 0 size)))

(defun regexp-opt--reversed (strings)
  "Return STRINGS, each from its end to its start."
  (mapcar #'reverse strings))

(defun regexp-opt--single-p (strings)
  "Return non-nil if the first of STRINGS and another are one character long."
  (and (= (length (car strings)) 1)
       (let ((found nil))
         (dolist (string (cdr strings))
           (when (= (length string) 1)
             (setq found t)))
         found)))

(defun regexp-opt--group (strings paren lax)
  "Return a regexp that matches any of STRINGS, which are sorted.
PAREN is what begins the group, t for a shy one, nil for none.  If LAX, a
character or a class needs none."
  (let* ((open (cond ((stringp paren) paren) (paren "\\(?:") (t "")))
         (close (if paren "\\)" ""))
         (open-char (if lax "" open))
         (close-char (if lax "" close)))
    (cond
     ((null (cdr strings))
      (if (= (length (car strings)) 1)
          (concat open-char (regexp-quote (car strings)) close-char)
        (concat open (regexp-quote (car strings)) close)))
     ((equal (car strings) "")
      (concat open-char (regexp-opt--group (cdr strings) t t) "?" close-char))
     ((regexp-opt--single-p strings)
      (let ((letters nil)
            (rest nil))
        (dolist (string strings)
          (if (= (length string) 1)
              (push (aref string 0) letters)
            (push string rest)))
        (if rest
            (concat open (regexp-opt--group (nreverse rest) nil nil) "\\|"
                    (regexp-opt-charset letters) close)
          (concat open-char (regexp-opt-charset letters) close-char))))
     (t (regexp-opt--parts strings open close)))))

(defun regexp-opt--parts (strings open close)
  "Return a regexp of STRINGS, of which at most one is a single character.
It is between OPEN and CLOSE."
  (let* ((prefix (regexp-opt--common strings))
         (suffix (and (equal prefix "")
                      (reverse (regexp-opt--common
                                (regexp-opt--reversed strings))))))
    (cond
     ((not (equal prefix ""))
      (concat open (regexp-quote prefix)
              (regexp-opt--group
               (mapcar (lambda (string) (substring string (length prefix)))
                       strings)
               t t)
              close))
     ((not (equal suffix ""))
      (concat open
              (regexp-opt--group
               (sort (mapcar (lambda (string)
                               (substring string 0 (- (length suffix))))
                             strings)
                     #'string-lessp)
               t t)
              (regexp-quote suffix) close))
     (t
      (let ((char (aref (car strings) 0))
            (half nil))
        (while (and strings (eq (aref (car strings) 0) char))
          (push (pop strings) half))
        (concat open (regexp-opt--group (nreverse half) nil nil)
                "\\|" (regexp-opt--group strings nil nil) close))))))

;;;###autoload
(defun regexp-opt-charset (chars)
  "Return a regexp that matches any of CHARS."
  (let ((sorted (delete-dups (sort (copy-sequence chars) #'<)))
        (text "")
        (bracket "")
        (caret "")
        (dash ""))
    (if (null (cdr sorted))
        (if sorted (regexp-quote (string (car sorted))) regexp-unmatchable)
      (when (memq ?\] sorted) (setq bracket "]"))
      (when (memq ?^ sorted) (setq caret "^"))
      (when (memq ?- sorted) (setq dash "-"))
      (setq sorted (delq ?\] (delq ?^ (delq ?- sorted))))
      (while sorted
        (let* ((start (pop sorted))
               (end start))
          (while (eq (car sorted) (1+ end))
            (setq end (pop sorted)))
          (setq text
                (concat text
                        (if (> end (+ start 2))
                            (string start ?- end)
                          (apply #'string (number-sequence start end)))))))
      (if (and (equal text "") (equal bracket ""))
          (concat "[" dash caret "]")
        (concat "[" bracket text caret dash "]")))))

;;;###autoload
(defun regexp-opt-depth (regexp)
  "Return how many groups REGEXP has that are not shy."
  (save-match-data
    (string-match regexp "")
    (let ((count 0)
          (start 0)
          (size (length regexp)))
      (while (< start size)
        (cond
         ((and (eq (aref regexp start) ?\\) (< (1+ start) size))
          (when (and (eq (aref regexp (1+ start)) ?\()
                     (not (eq (string-match "\\?[0-9]*:" regexp (+ start 2))
                              (+ start 2))))
            (setq count (1+ count)))
          (setq start (+ start 2)))
         ((eq (aref regexp start) ?\[)
          (setq start (regexp-opt--class-end regexp start)))
         (t (setq start (1+ start)))))
      count)))

(defun regexp-opt--class-end (regexp start)
  "Return where the class of REGEXP that begins at START ends."
  (if (eq (string-match "\\[^?]?\\(?:\\[:[a-z]+:]\\|[^]]\\)*]" regexp start)
          start)
      (match-end 0)
    (1+ start)))

(provide 'regexp-opt)

;;; regexp-opt.el ends here
