;;; editor.el --- A session in a text editor  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; Title: A session in a text editor
;; Stresses: pauses that a user feels: short requests in bursts, idle time between them, a live set of lines and caches
;; Default-scale: 300
;; Live-size: 18.1 MB
;; Allocation-rate: 112 MB/s, 131.8 MB in all

;;; Commentary:

;; Buffers are vectors of lines with undo lists; commands come from a keymap and
;; run in bursts: typing, moving, editing.  After each command the visible lines
;; are fontified and a mode line is made, as in a redisplay; between bursts the
;; editor is idle and fontifies some more lines.  Idle time is not slept through.
;;
;; A command with its redisplay is one request.  A runtime that defines
;; `tenure-request-begin' and `tenure-request-end' gets to time each of them; one
;; that defines `gc-idle' is told of each idle time.  All three take no argument.
;; SCALE is the number of lines of each of the four buffers in units of 30, of
;; known symbols in units of 40, and of bursts in units of 4.

;;; Code:

(defconst tenure-editor--height 20
  "Number of lines that are visible.")

(defconst tenure-editor--undo-limit 400
  "Number of changes that a buffer can undo.")

(defvar tenure-editor--seed 1
  "State of the pseudo-random generator.")

(defvar tenure-editor--buffer nil
  "The current buffer.")

(defvar tenure-editor--buffers nil
  "Vector of all buffers.")

(defvar tenure-editor--kill-ring nil
  "Killed texts, newest first.")

(defvar tenure-editor--keymap nil
  "Hash table from key to command.")

(defvar tenure-editor--symbols nil
  "Hash table from the name of a known symbol to its documentation.")

(defvar tenure-editor--argument nil
  "The argument of the running command.")

(defvar tenure-editor--undoing nil
  "Non-nil while changes must not be recorded.")

(defvar tenure-editor--requests 0
  "Number of commands so far.")

(defvar tenure-editor--errors 0
  "Number of commands that signalled an error.")

(defvar tenure-editor--sum 0
  "Checksum of what was displayed and saved.")

(put 'tenure-editor-error 'error-conditions '(tenure-editor-error error))
(put 'tenure-editor-error 'error-message "Command failed")

(defun tenure-editor--random (limit)
  "Return the next pseudo-random integer below LIMIT."
  (setq tenure-editor--seed (% (* tenure-editor--seed 48271) 2147483647))
  (% tenure-editor--seed limit))

(defun tenure-editor--pick (vector)
  "Return a random element of VECTOR."
  (aref vector (tenure-editor--random (length vector))))

(defun tenure-editor--note (number)
  "Let the checksum depend on NUMBER."
  (setq tenure-editor--sum (% (+ (* 31 tenure-editor--sum) number) 1000003)))

(defun tenure-editor--fail (reason)
  "Signal that a command cannot be done for REASON."
  (signal 'tenure-editor-error (list reason)))

;;;; Buffers

;; A buffer is a record with the slots name, lines, number of lines, line and
;; column of point, undo list, number of recorded changes, and saved text.
;; A line is a cons of its text and its faces; faces are nil until fontified.

(defsubst tenure-editor--lines () (aref tenure-editor--buffer 2))
(defsubst tenure-editor--count () (aref tenure-editor--buffer 3))
(defsubst tenure-editor--row () (aref tenure-editor--buffer 4))
(defsubst tenure-editor--column () (aref tenure-editor--buffer 5))

(defun tenure-editor--make-buffer (name)
  "Return a buffer called NAME with one empty line."
  (let ((lines (make-vector 64 nil)))
    (aset lines 0 (list ""))
    (record 'tenure-editor-buffer name lines 1 0 0 nil 0 nil)))

(defsubst tenure-editor--text (row)
  "Return the text of the line at ROW."
  (car (aref (tenure-editor--lines) row)))

(defun tenure-editor--move (row column)
  "Put point at ROW and COLUMN, as near as the text allows."
  (let ((row (max 0 (min row (1- (tenure-editor--count))))))
    (aset tenure-editor--buffer 4 row)
    (aset tenure-editor--buffer 5
          (max 0 (min column (length (tenure-editor--text row)))))))

(defun tenure-editor--remember (change)
  "Push CHANGE on the undo list, which keeps to its limit."
  (unless tenure-editor--undoing
    (let ((changes (cons change (aref tenure-editor--buffer 6)))
          (number (1+ (aref tenure-editor--buffer 7))))
      (when (> number (* 2 tenure-editor--undo-limit))
        (setcdr (nthcdr (1- tenure-editor--undo-limit) changes) nil)
        (setq number tenure-editor--undo-limit))
      (aset tenure-editor--buffer 6 changes)
      (aset tenure-editor--buffer 7 number))))

(defun tenure-editor--set-line (row text)
  "Make TEXT the text of the line at ROW."
  (let ((line (aref (tenure-editor--lines) row)))
    (tenure-editor--remember (cons row (car line)))
    (setcar line text)
    (setcdr line nil)))

(defun tenure-editor--insert-line (row text)
  "Insert a line with TEXT before the one at ROW."
  (let ((lines (tenure-editor--lines))
        (index (tenure-editor--count)))
    (when (= index (length lines))
      (setq lines (vconcat lines (make-vector index nil)))
      (aset tenure-editor--buffer 2 lines))
    (while (> index row)
      (aset lines index (aref lines (1- index)))
      (setq index (1- index)))
    (aset lines row (list text))
    (aset tenure-editor--buffer 3 (1+ (tenure-editor--count)))
    (tenure-editor--remember (list 'inserted row))))

(defun tenure-editor--delete-line (row)
  "Delete the line at ROW and return its text."
  (let* ((lines (tenure-editor--lines))
         (last (1- (tenure-editor--count)))
         (text (car (aref lines row)))
         (index row))
    (while (< index last)
      (aset lines index (aref lines (1+ index)))
      (setq index (1+ index)))
    (aset lines last nil)
    (aset tenure-editor--buffer 3 last)
    (tenure-editor--remember (list 'deleted row text))
    text))

(defun tenure-editor--insert (text)
  "Insert TEXT, which has no newline, at point."
  (let* ((row (tenure-editor--row))
         (column (tenure-editor--column))
         (old (tenure-editor--text row)))
    (tenure-editor--set-line row (concat (substring old 0 column)
                                         text
                                         (substring old column)))
    (tenure-editor--move row (+ column (length text)))))

(defun tenure-editor--split-line ()
  "Break the line at point."
  (let* ((row (tenure-editor--row))
         (column (tenure-editor--column))
         (old (tenure-editor--text row)))
    (tenure-editor--insert-line (1+ row) (substring old column))
    (tenure-editor--set-line row (substring old 0 column))
    (tenure-editor--move (1+ row) 0)))

(defun tenure-editor--join-line ()
  "Join the line of point with the one after it."
  (let* ((row (tenure-editor--row))
         (column (tenure-editor--column)))
    (when (= (1+ row) (tenure-editor--count))
      (tenure-editor--fail 'end-of-buffer))
    (let ((next (tenure-editor--delete-line (1+ row))))
      (tenure-editor--set-line row (concat (tenure-editor--text row) next)))
    (tenure-editor--move row column)))

;;;; Tokens and faces

(defconst tenure-editor--keywords
  (let ((table (make-hash-table :test 'equal)))
    (dolist (word '("defun" "let" "let*" "if" "when" "while" "setq" "cond"))
      (puthash word 'keyword table))
    table)
  "Hash table from word to face.")

(defsubst tenure-editor--word-char-p (char)
  "Return non-nil if CHAR is part of a word."
  (or (and (>= char ?a) (<= char ?z))
      (and (>= char ?0) (<= char ?9))
      (= char ?-)
      (= char ?*)))

(defun tenure-editor--word-end (text start)
  "Return the end of the word of TEXT that begins at START."
  (let ((size (length text))
        (end start))
    (while (and (< end size) (tenure-editor--word-char-p (aref text end)))
      (setq end (1+ end)))
    end))

(defun tenure-editor--fontify (text)
  "Return a list of (START END . FACE) for TEXT."
  (let ((faces nil)
        (size (length text))
        (i 0))
    (while (< i size)
      (let ((char (aref text i))
            (end (1+ i)))
        (cond ((= char ?\;)
               (setq end size)
               (push (cons i (cons end 'comment)) faces))
              ((tenure-editor--word-char-p char)
               (setq end (tenure-editor--word-end text i))
               (let* ((word (substring text i end))
                      (face (gethash word tenure-editor--keywords)))
                 (cond (face
                        (push (cons i (cons end face)) faces))
                       ((gethash word tenure-editor--symbols)
                        (push (cons i (cons end 'known)) faces)))))
              ((memq char '(?\( ?\)))
               (push (cons i (cons end 'parenthesis)) faces)))
        (setq i end)))
    (or (nreverse faces) (list (cons 0 (cons size 'plain))))))

(defun tenure-editor--ensure-faces (row)
  "Return the faces of the line at ROW, making them if necessary."
  (let ((line (aref (tenure-editor--lines) row)))
    (or (cdr line)
        (setcdr line (tenure-editor--fontify (car line))))))

(defun tenure-editor--redisplay ()
  "Fontify what is visible and return the mode line."
  (let* ((start (max 0 (- (tenure-editor--row)
                          (/ tenure-editor--height 2))))
         (end (min (tenure-editor--count) (+ start tenure-editor--height)))
         (row start)
         (shown 0))
    (while (< row end)
      (setq shown (+ shown (cadr (car (tenure-editor--ensure-faces row)))))
      (setq row (1+ row)))
    (tenure-editor--note shown)
    (format "%s  %d%%  L%d C%d  %d changes"
            (aref tenure-editor--buffer 1)
            (/ (* 100 (tenure-editor--row)) (tenure-editor--count))
            (1+ (tenure-editor--row))
            (tenure-editor--column)
            (aref tenure-editor--buffer 7))))

;;;; Commands

(defun tenure-editor--self-insert ()
  "Insert the character that is the argument."
  (tenure-editor--insert (char-to-string tenure-editor--argument)))

(defun tenure-editor--indentation (text)
  "Return the number of spaces at the start of TEXT."
  (let ((column 0))
    (while (and (< column (length text)) (= ?\s (aref text column)))
      (setq column (1+ column)))
    column))

(defun tenure-editor--newline ()
  "Break the line and indent the new one like it."
  (let ((indentation (tenure-editor--indentation
                      (tenure-editor--text (tenure-editor--row)))))
    (tenure-editor--split-line)
    (when (> indentation 0)
      (tenure-editor--insert (make-string indentation ?\s)))))

(defun tenure-editor--backspace ()
  "Delete the character before point."
  (let* ((row (tenure-editor--row))
         (column (tenure-editor--column))
         (old (tenure-editor--text row)))
    (cond ((> column 0)
           (tenure-editor--set-line row (concat (substring old 0 (1- column))
                                                (substring old column)))
           (tenure-editor--move row (1- column)))
          ((> row 0)
           (tenure-editor--move (1- row)
                                (length (tenure-editor--text (1- row))))
           (tenure-editor--join-line))
          (t
           (tenure-editor--fail 'beginning-of-buffer)))))

(defun tenure-editor--next-line ()
  "Move down by the argument."
  (let ((row (+ (tenure-editor--row) tenure-editor--argument)))
    (unless (and (>= row 0) (< row (tenure-editor--count)))
      (tenure-editor--fail 'end-of-buffer))
    (tenure-editor--move row (tenure-editor--column))))

(defun tenure-editor--forward-char ()
  "Move forward by the argument in this line, or over its end."
  (let ((column (+ (tenure-editor--column) tenure-editor--argument)))
    (cond ((< column 0)
           (tenure-editor--move (1- (tenure-editor--row)) most-positive-fixnum))
          ((> column (length (tenure-editor--text (tenure-editor--row))))
           (tenure-editor--move (1+ (tenure-editor--row)) 0))
          (t
           (tenure-editor--move (tenure-editor--row) column)))))

(defun tenure-editor--goto-line ()
  "Move to the line that is the argument, counted round the end."
  (tenure-editor--move (% tenure-editor--argument (tenure-editor--count)) 0))

(defun tenure-editor--kill (text)
  "Put TEXT on the kill ring, which keeps thirty texts."
  (setq tenure-editor--kill-ring (cons text tenure-editor--kill-ring))
  (let ((end (nthcdr 29 tenure-editor--kill-ring)))
    (when end
      (setcdr end nil))))

(defun tenure-editor--kill-line ()
  "Kill the rest of the line, or its end."
  (let* ((row (tenure-editor--row))
         (column (tenure-editor--column))
         (old (tenure-editor--text row)))
    (if (= column (length old))
        (progn
          (tenure-editor--join-line)
          (tenure-editor--kill "\n"))
      (tenure-editor--kill (substring old column))
      (tenure-editor--set-line row (substring old 0 column)))))

(defun tenure-editor--yank ()
  "Insert the killed text whose number is the argument."
  (let ((text (nth tenure-editor--argument tenure-editor--kill-ring)))
    (cond ((null text) (tenure-editor--fail 'kill-ring-too-short))
          ((string= text "\n") (tenure-editor--split-line))
          ((< (length (tenure-editor--text (tenure-editor--row))) 160)
           (tenure-editor--insert text))
          (t (tenure-editor--fail 'line-too-long)))))

(defun tenure-editor--search ()
  "Move behind the next occurrence of the argument, over the end if need be."
  (let* ((count (tenure-editor--count))
         (row (tenure-editor--row))
         (left count)
         (found (string-search tenure-editor--argument
                               (tenure-editor--text row)
                               (tenure-editor--column))))
    (while (and (not found) (> left 0))
      (setq row (% (1+ row) count))
      (setq left (1- left))
      (setq found (string-search tenure-editor--argument
                                 (tenure-editor--text row))))
    (unless found
      (tenure-editor--fail 'search-failed))
    (tenure-editor--move row (+ found (length tenure-editor--argument)))))

(defun tenure-editor--replace ()
  "Replace words from point on, in forty lines.
The argument is a cons of the old word and the new one."
  (let* ((from (car tenure-editor--argument))
         (to (cdr tenure-editor--argument))
         (row (tenure-editor--row))
         (end (min (tenure-editor--count) (+ row 40)))
         (count 0))
    (while (< row end)
      (let* ((text (tenure-editor--text row))
             (start 0)
             (pieces nil)
             (found (string-search from text)))
        (when found
          (while found
            (push (substring text start found) pieces)
            (push to pieces)
            (setq count (1+ count))
            (setq start (+ found (length from)))
            (setq found (string-search from text start)))
          (push (substring text start) pieces)
          (tenure-editor--set-line row (apply #'concat (nreverse pieces)))))
      (setq row (1+ row)))
    (tenure-editor--move (tenure-editor--row) (tenure-editor--column))
    (tenure-editor--note count)))

(defun tenure-editor--collect-words (first last prefix table)
  "Enter the words with PREFIX on the lines from FIRST to before LAST in TABLE."
  (while (< first last)
    (let* ((text (tenure-editor--text first))
           (size (length text))
           (i 0))
      (while (< i size)
        (let ((end (tenure-editor--word-end text i)))
          (when (and (> (- end i) (length prefix))
                     (string= prefix (substring text i (+ i (length prefix)))))
            (puthash (substring text i end) first table))
          (setq i (1+ end)))))
    (setq first (1+ first))))

(defun tenure-editor--complete ()
  "Complete the word before point from the lines around it."
  (let* ((row (tenure-editor--row))
         (column (tenure-editor--column))
         (text (tenure-editor--text row))
         (start column)
         (table (make-hash-table :test 'equal))
         (words nil))
    (while (and (> start 0)
                (tenure-editor--word-char-p (aref text (1- start))))
      (setq start (1- start)))
    (when (= start column)
      (tenure-editor--fail 'no-word))
    (let ((prefix (substring text start (min column (+ start 2)))))
      (tenure-editor--collect-words (max 0 (- row 60))
                                    (min (tenure-editor--count) (+ row 60))
                                    prefix table))
    (maphash (lambda (word _row) (push word words)) table)
    (unless words
      (tenure-editor--fail 'no-completion))
    (setq words (sort words #'string<))
    (let ((word (nth (/ (length words) 2) words)))
      (tenure-editor--note (length words))
      (tenure-editor--set-line row (concat (substring text 0 start)
                                           word
                                           (substring text column)))
      (tenure-editor--move row (+ start (length word))))))

(defun tenure-editor--depth-change (text)
  "Return the number of opening less that of closing parentheses in TEXT."
  (let ((depth 0))
    (dotimes (i (length text))
      (let ((char (aref text i)))
        (cond ((= char ?\() (setq depth (1+ depth)))
              ((= char ?\)) (setq depth (1- depth))))))
    depth))

(defun tenure-editor--indent ()
  "Indent thirty lines from the line of point on."
  (let* ((row (tenure-editor--row))
         (end (min (tenure-editor--count) (+ row 30)))
         (depth 0))
    (while (< row end)
      (let* ((text (tenure-editor--text row))
             (old (tenure-editor--indentation text))
             (new (* 2 (max 0 (min depth 10)))))
        (unless (= old new)
          (tenure-editor--set-line row (concat (make-string new ?\s)
                                               (substring text old))))
        (setq depth (+ depth (tenure-editor--depth-change text))))
      (setq row (1+ row)))
    (tenure-editor--move (tenure-editor--row) (tenure-editor--column))))

(defun tenure-editor--undo ()
  "Undo the changes of the last command that made some."
  (let ((changes (aref tenure-editor--buffer 6))
        (number (aref tenure-editor--buffer 7))
        (tenure-editor--undoing t)
        (row nil))
    (while (and changes (null (car changes)))
      (setq changes (cdr changes))
      (setq number (1- number)))
    (unless changes
      (tenure-editor--fail 'no-undo-information))
    (while (and changes (car changes))
      (let ((change (car changes)))
        (cond ((eq (car change) 'inserted)
               (setq row (cadr change))
               (tenure-editor--delete-line row))
              ((eq (car change) 'deleted)
               (setq row (cadr change))
               (tenure-editor--insert-line row (car (cddr change))))
              (t
               (setq row (car change))
               (tenure-editor--set-line row (cdr change)))))
      (setq changes (cdr changes))
      (setq number (1- number)))
    (aset tenure-editor--buffer 6 changes)
    (aset tenure-editor--buffer 7 number)
    (tenure-editor--move row 0)))

(defun tenure-editor--index ()
  "Move to the definition whose number is the argument, counted round the end."
  (let ((index nil))
    (dotimes (row (tenure-editor--count))
      (let ((text (tenure-editor--text row)))
        (when (eq 0 (string-search "(defun " text))
          (push (cons (substring text 7 (tenure-editor--word-end text 7)) row)
                index))))
    (unless index
      (tenure-editor--fail 'no-definition))
    (setq index (sort index (lambda (a b) (string< (car a) (car b)))))
    (tenure-editor--move
     (cdr (nth (% tenure-editor--argument (length index)) index))
     0)))

(defun tenure-editor--describe ()
  "Look up the documentation of the word at point."
  (let* ((text (tenure-editor--text (tenure-editor--row)))
         (start (tenure-editor--column))
         (word (substring text start (tenure-editor--word-end text start)))
         (entry (gethash word tenure-editor--symbols)))
    (unless entry
      (tenure-editor--fail 'no-documentation))
    (tenure-editor--note (length (format "%s %S\n\n%s" word
                                         (car entry) (cdr entry))))))

(defun tenure-editor--contents ()
  "Return the text of the current buffer."
  (let ((lines nil)
        (row (tenure-editor--count)))
    (while (> row 0)
      (setq row (1- row))
      (push (tenure-editor--text row) lines))
    (mapconcat (lambda (line) line) lines "\n")))

(defun tenure-editor--save ()
  "Keep the text of the current buffer."
  (let ((text (tenure-editor--contents)))
    (aset tenure-editor--buffer 8 text)
    (tenure-editor--note (length text))))

(defun tenure-editor--switch-buffer ()
  "Make the buffer whose number is the argument current."
  (setq tenure-editor--buffer (aref tenure-editor--buffers
                                    tenure-editor--argument)))

(defun tenure-editor--make-keymap ()
  "Return a hash table from key to command."
  (let ((keymap (make-hash-table :test 'eq)))
    (dolist (binding '((self tenure-editor--self-insert)
                       (return tenure-editor--newline)
                       (backspace tenure-editor--backspace)
                       (down tenure-editor--next-line)
                       (right tenure-editor--forward-char)
                       (goto tenure-editor--goto-line)
                       (kill tenure-editor--kill-line)
                       (yank tenure-editor--yank)
                       (search tenure-editor--search)
                       (replace tenure-editor--replace)
                       (complete tenure-editor--complete)
                       (indent tenure-editor--indent)
                       (undo tenure-editor--undo)
                       (index tenure-editor--index)
                       (describe tenure-editor--describe)
                       (save tenure-editor--save)
                       (switch tenure-editor--switch-buffer)))
      (puthash (car binding) (cadr binding) keymap))
    keymap))

;;;; The command loop

(defun tenure-editor--press (key &optional argument)
  "Run the command of KEY with ARGUMENT, then redisplay, as one request."
  (when (fboundp 'tenure-request-begin)
    (funcall 'tenure-request-begin))
  (setq tenure-editor--requests (1+ tenure-editor--requests))
  (condition-case err
      (let ((tenure-editor--argument argument)
            (changes (aref tenure-editor--buffer 6)))
        (funcall (gethash key tenure-editor--keymap))
        ;; A nil separates the changes of two commands.
        (unless (or (eq key 'undo)
                    (eq changes (aref tenure-editor--buffer 6)))
          (tenure-editor--remember nil)))
    (tenure-editor-error
     (setq tenure-editor--errors (1+ tenure-editor--errors))
     (tenure-editor--note (length (symbol-name (cadr err))))))
  (tenure-editor--note (length (tenure-editor--redisplay)))
  (when (fboundp 'tenure-request-end)
    (funcall 'tenure-request-end)))

(defun tenure-editor--idle ()
  "Spend idle time: fontify a few lines ahead and tell the collector."
  (let ((row (tenure-editor--random (tenure-editor--count))))
    (dotimes (_ 30)
      (when (< row (tenure-editor--count))
        (tenure-editor--ensure-faces row))
      (setq row (1+ row))))
  (when (fboundp 'gc-idle)
    (funcall 'gc-idle)))

;;;; The user

(defun tenure-editor--name ()
  "Return a random name of a function."
  (concat (tenure-editor--pick ["buffer" "line" "window" "region" "word"])
          "-"
          (tenure-editor--pick ["size" "start" "end" "next" "count" "list"])
          (tenure-editor--pick ["" "" "*" "-1" "-2" "-all"])))

(defun tenure-editor--code-line ()
  "Return a random line of code."
  (let ((kind (tenure-editor--random 8))
        (a (tenure-editor--name))
        (b (tenure-editor--name)))
    (cond ((= kind 0) (concat "(defun " a " (" b ")"))
          ((= kind 1) (concat "  (let ((" a " (" b ")))"))
          ((= kind 2) (concat "    (when (" a " " b ")"))
          ((= kind 3) (concat "      (setq " a " (1+ " b ")))"))
          ((= kind 4) (concat "    (" a " " b " " (tenure-editor--name) "))"))
          ((= kind 5) (concat "  ;; The " a " of the " b "."))
          ((= kind 6) (concat "    (while (< " a " " b ") (" a ")))"))
          (t ""))))

(defun tenure-editor--type-burst ()
  "Type a few lines of code, with some mistakes."
  (dotimes (_ 2)
    (let ((text (tenure-editor--code-line)))
      (dotimes (i (length text))
        (when (= 0 (tenure-editor--random 25))
          (tenure-editor--press 'self ?x)
          (tenure-editor--press 'backspace))
        (tenure-editor--press 'self (aref text i))))
    (tenure-editor--press 'return)))

(defun tenure-editor--move-burst ()
  "Move about."
  (cond ((= 0 (tenure-editor--random 2))
         (tenure-editor--press 'goto (tenure-editor--random 100000)))
        ((= 0 (tenure-editor--random 2))
         (tenure-editor--press 'index (tenure-editor--random 100000)))
        (t
         (tenure-editor--press 'switch (tenure-editor--random 4))))
  (dotimes (_ 6)
    (tenure-editor--press 'search (tenure-editor--name))
    (tenure-editor--press 'describe)
    (dotimes (_ 6)
      (tenure-editor--press 'down (- (tenure-editor--random 9) 3))
      (tenure-editor--press 'right (- (tenure-editor--random 9) 3)))))

(defun tenure-editor--edit-burst ()
  "Change things."
  (dotimes (_ 3)
    (tenure-editor--press 'kill))
  (tenure-editor--press 'down 2)
  (dotimes (_ 3)
    (tenure-editor--press 'yank (tenure-editor--random 3)))
  (tenure-editor--press 'replace (cons (tenure-editor--name)
                                       (tenure-editor--name)))
  (tenure-editor--press 'complete)
  (tenure-editor--press 'indent)
  (dotimes (_ (tenure-editor--random 6))
    (tenure-editor--press 'undo))
  (when (= 0 (tenure-editor--random 3))
    (tenure-editor--press 'save)))

(defun tenure-editor--burst ()
  "Press a number of keys."
  (let ((kind (tenure-editor--random 5)))
    (cond ((< kind 2) (tenure-editor--type-burst))
          ((< kind 4) (tenure-editor--move-burst))
          (t (tenure-editor--edit-burst)))))

;;;; The session

(defun tenure-editor--define-symbols (count)
  "Return a table of documentation for COUNT symbols."
  (let ((table (make-hash-table :test 'equal)))
    (dotimes (i count)
      (let ((name (if (= 0 (% i 4))
                      (tenure-editor--name)
                    (format "%s-%d" (tenure-editor--name) i))))
        (puthash name
                 (cons (list 'a '&optional 'b)
                       (concat "Return the " name " of "
                               (tenure-editor--name) ".\n"
                               "It is not related to "
                               (tenure-editor--name) "."))
                 table)))
    table))

(defun tenure-editor--fill-buffer (count)
  "Put COUNT lines of code into the current buffer, with nothing to undo."
  (let ((tenure-editor--undoing t))
    (dotimes (row count)
      (tenure-editor--insert-line row (tenure-editor--code-line))))
  (tenure-editor--move 0 0))

(defun tenure-editor--check-undo ()
  "Check that undoing all changes of a burst gives the old text."
  (setq tenure-editor--buffer (tenure-editor--make-buffer "scratch"))
  (tenure-editor--fill-buffer 10)
  (let ((before (tenure-editor--contents)))
    (tenure-editor--press 'goto 5)
    (tenure-editor--type-burst)
    (tenure-editor--edit-burst)
    (while (aref tenure-editor--buffer 6)
      (tenure-editor--press 'undo))
    (unless (string= before (tenure-editor--contents))
      (error "The text after undoing differs"))))

(defun tenure-editor--hash (string)
  "Return a hash of STRING."
  (let ((hash (length string)))
    (dotimes (i (length string))
      (setq hash (logand (+ (* 33 hash) (aref string i)) #xffffff)))
    hash))

(defun tenure-editor-entry (scale)
  "Run the workload at SCALE and return (REQUESTS ERRORS CHECKSUM)."
  (let* ((tenure-editor--seed 49979687)
         (tenure-editor--requests 0)
         (tenure-editor--errors 0)
         (tenure-editor--sum 0)
         (tenure-editor--kill-ring nil)
         (tenure-editor--undoing nil)
         (tenure-editor--keymap (tenure-editor--make-keymap))
         (tenure-editor--symbols (tenure-editor--define-symbols (* 40 scale)))
         (tenure-editor--buffers (make-vector 4 nil))
         (tenure-editor--buffer nil))
    (dotimes (i 4)
      (setq tenure-editor--buffer (tenure-editor--make-buffer
                                   (format "file-%d.el" i)))
      (aset tenure-editor--buffers i tenure-editor--buffer)
      (tenure-editor--fill-buffer (* 30 scale)))
    (dotimes (_ (* 4 scale))
      (tenure-editor--burst)
      (tenure-editor--idle))
    (dotimes (i 4)
      (setq tenure-editor--buffer (aref tenure-editor--buffers i))
      (tenure-editor--note (tenure-editor--hash (tenure-editor--contents))))
    (tenure-editor--check-undo)
    (list tenure-editor--requests tenure-editor--errors tenure-editor--sum)))

(defconst tenure-editor-expected
  '((1 . (581 10 839750))
    (20 . (5303 265 395189))
    (300 . (82320 3177 691642)))
  "Alist of (SCALE . RESULT).")

;;; editor.el ends here
