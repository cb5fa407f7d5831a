;;; lists.el --- Functions of lists  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defun butlast (list &optional n)
  "Return a copy of LIST without its last N elements; N defaults to 1."
  (if (and n (<= n 0))
      list
    (nbutlast (copy-sequence list) n)))

(defun nbutlast (list &optional n)
  "Cut the last N elements off LIST in place; N defaults to 1."
  (let ((keep (- (length list) (or n 1))))
    (cond ((and n (<= n 0)) list)
          ((> keep 0)
           (setcdr (nthcdr (1- keep) list) nil)
           list))))

(defun delete-dups (list)
  "Delete from LIST in place what is `equal' to an earlier element."
  (let ((seen (make-hash-table :test 'equal))
        (tail list))
    (when tail
      (puthash (car tail) t seen)
      (while (cdr tail)
        (if (gethash (cadr tail) seen)
            (setcdr tail (cddr tail))
          (puthash (cadr tail) t seen)
          (setq tail (cdr tail)))))
    list))

(defun delete-consecutive-dups (list &optional circular)
  "Delete from LIST in place what is `equal' to the element before it.
If CIRCULAR, the first element comes after the last."
  (let ((tail list)
        (last nil))
    (while (cdr tail)
      (if (equal (car tail) (cadr tail))
          (setcdr tail (cddr tail))
        (setq last tail
              tail (cdr tail))))
    (when (and circular last (equal (car tail) (car list)))
      (setcdr last nil)))
  list)

(defun remove (element sequence)
  "Return a copy of SEQUENCE without what is `equal' to ELEMENT."
  (delete element (if (nlistp sequence)
                      sequence
                    (copy-sequence sequence))))

(defun remq (element list)
  "Return LIST without what is `eq' to ELEMENT; parts may be shared."
  (while (and (eq element (car list)) (setq list (cdr list))))
  (if (memq element list)
      (delq element (copy-sequence list))
    list))

(defun number-sequence (from &optional to step)
  "Return a list of the numbers from FROM to TO, STEP apart."
  (if (or (not to) (= from to))
      (list from)
    (let ((step (or step 1))
          (i 0)
          (next from)
          (result nil))
      (when (= step 0)
        (error "The increment can not be zero"))
      (while (if (> step 0) (<= next to) (>= next to))
        (push next result)
        (setq i (1+ i)
              next (+ from (* i step))))
      (nreverse result))))

(defun copy-tree (tree &optional vecp)
  "Return a copy of TREE, its conses, and its vectors too if VECP."
  (if (consp tree)
      (let ((result nil))
        (while (consp tree)
          (let ((first (car tree)))
            (push (if (or (consp first) (and vecp (vectorp first)))
                      (copy-tree first vecp)
                    first)
                  result))
          (setq tree (cdr tree)))
        (nconc (nreverse result)
               (if (and vecp (vectorp tree)) (copy-tree tree vecp) tree)))
    (if (and vecp (vectorp tree))
        (let ((copy (copy-sequence tree))
              (i (length tree)))
          (while (>= (setq i (1- i)) 0)
            (aset copy i (copy-tree (aref copy i) vecp)))
          copy)
      tree)))

(defun flatten-tree (tree)
  "Return a list of the atoms of TREE other than nil, in order."
  (let ((result nil)
        (pending (list tree)))
    (while pending
      (let ((next (car pending)))
        (setq pending (cdr pending))
        (while (consp next)
          (push (cdr next) pending)
          (setq next (car next)))
        (when next
          (push next result))))
    (nreverse result)))

(defalias 'flatten-list #'flatten-tree)

(defun ensure-list (object)
  "Return OBJECT if it is a list, else a list of it."
  (if (listp object) object (list object)))

(defun alist-get (key alist &optional default remove testfn)
  "Return the value at KEY in ALIST, or DEFAULT if there is none.
TESTFN compares keys, `eq' by default.  REMOVE matters for `setf' only."
  (ignore remove)
  (let ((pair (if (not (and testfn (not (eq testfn 'eq))))
                  (assq key alist)
                (assoc key alist testfn))))
    (if pair (cdr pair) default)))

(defun assoc-default (key alist &optional test default)
  "Return the value of the first element of ALIST whose key matches KEY.
An element may be no cons and is a key then, whose value is DEFAULT.
TEST is called with the element's key and KEY; it is `equal' by default."
  (let ((found nil)
        (value nil))
    (while (and alist (not found))
      (let ((element (car alist)))
        (when (funcall (or test #'equal)
                       (if (consp element) (car element) element)
                       key)
          (setq found t
                value (if (consp element) (cdr element) default))))
      (setq alist (cdr alist)))
    value))

(defun assoc-delete-all (key alist &optional test)
  "Delete from ALIST in place the pairs whose key is KEY, by TEST."
  (let ((test (or test #'equal)))
    (lists--delete-pairs (lambda (pair) (funcall test (car pair) key)) alist)))

(defun assq-delete-all (key alist)
  "Delete from ALIST in place the pairs whose key is `eq' to KEY."
  (lists--delete-pairs (lambda (pair) (eq (car pair) key)) alist))

(defun rassq-delete-all (value alist)
  "Delete from ALIST in place the pairs whose value is `eq' to VALUE."
  (lists--delete-pairs (lambda (pair) (eq (cdr pair) value)) alist))

(defun lists--delete-pairs (predicate alist)
  "Delete from ALIST in place the conses for which PREDICATE holds."
  (while (and (consp (car alist)) (funcall predicate (car alist)))
    (setq alist (cdr alist)))
  (let ((tail alist))
    (while (cdr tail)
      (if (and (consp (cadr tail)) (funcall predicate (cadr tail)))
          (setcdr tail (cddr tail))
        (setq tail (cdr tail)))))
  alist)

(defun add-to-list (list-var element &optional append compare-fn)
  "Add ELEMENT to the value of LIST-VAR unless it is there, and return that.
It goes to the end if APPEND.  COMPARE-FN is `equal' by default."
  (let* ((list (symbol-value list-var))
         (rest list))
    (if (cond ((or (null compare-fn) (eq compare-fn #'equal))
               (member element list))
              ((eq compare-fn #'eq) (memq element list))
              ((eq compare-fn #'eql) (memql element list))
              (t (while (and rest
                             (not (funcall compare-fn element (car rest))))
                   (setq rest (cdr rest)))
                 rest))
        list
      (set list-var (if append
                        (append list (list element))
                      (cons element list))))))

(defun member-ignore-case (element list)
  "Return the tail of LIST from a string on that equals ELEMENT but for case."
  (while (and list
              (not (and (stringp (car list))
                        (string-equal-ignore-case--p element (car list)))))
    (setq list (cdr list)))
  list)

(defun string-equal-ignore-case--p (a b)
  "Return non-nil if the strings A and B are equal but for case."
  (eq t (compare-strings a 0 nil b 0 nil t)))

(defun add-to-ordered-list (list-var element &optional order)
  "Add ELEMENT to the value of LIST-VAR, a list sorted by the orders of elements.
ORDER, a number, becomes that of ELEMENT; elements without one come last."
  (let ((orders (get list-var 'list-order)))
    (unless orders
      (put list-var 'list-order
           (setq orders (make-hash-table :weakness 'key :test 'eq))))
    (when order
      (puthash element (and (numberp order) order) orders))
    (unless (memq element (symbol-value list-var))
      (set list-var (cons element (symbol-value list-var))))
    (set list-var (sort (symbol-value list-var)
                        (lambda (a b)
                          (let ((first (gethash a orders))
                                (second (gethash b orders)))
                            (if (and first second)
                                (< first second)
                              (and first t))))))))

(defvar history-length 100
  "How many elements a list of history keeps.")
(defvar history-delete-duplicates nil
  "Whether an element of history is there only once.")

(defun add-to-history (history-var newelt &optional maxelt keep-all)
  "Put NEWELT at the front of the history in HISTORY-VAR.
The list keeps MAXELT elements.  If KEEP-ALL, even an empty or repeated one is
put there."
  (unless maxelt
    (setq maxelt (or (get history-var 'history-length) history-length)))
  (let ((history (symbol-value history-var))
        (size (length newelt)))
    (when (or keep-all
              (not (equal newelt (car history)))
              (= size 0))
      (when (or keep-all (> size 0))
        (when history-delete-duplicates
          (setq history (delete newelt history)))
        (setq history (cons newelt history))
        (when (integerp maxelt)
          (if (>= 0 maxelt)
              (setq history nil)
            (let ((tail (nthcdr (1- maxelt) history)))
              (when (consp tail)
                (setcdr tail nil)))))
        (set history-var history)))))

(defun caaaar (x)
  "Return the car of the car of the car of the car of X."
  (car (car (car (car x)))))

(defun caaadr (x)
  "Return the car of the car of the car of the cdr of X."
  (car (car (car (cdr x)))))

(defun caadar (x)
  "Return the car of the car of the cdr of the car of X."
  (car (car (cdr (car x)))))

(defun caaddr (x)
  "Return the car of the car of the cdr of the cdr of X."
  (car (car (cdr (cdr x)))))

(defun cadaar (x)
  "Return the car of the cdr of the car of the car of X."
  (car (cdr (car (car x)))))

(defun cadadr (x)
  "Return the car of the cdr of the car of the cdr of X."
  (car (cdr (car (cdr x)))))

(defun caddar (x)
  "Return the car of the cdr of the cdr of the car of X."
  (car (cdr (cdr (car x)))))

(defun cdaaar (x)
  "Return the cdr of the car of the car of the car of X."
  (cdr (car (car (car x)))))

(defun cdaadr (x)
  "Return the cdr of the car of the car of the cdr of X."
  (cdr (car (car (cdr x)))))

(defun cdadar (x)
  "Return the cdr of the car of the cdr of the car of X."
  (cdr (car (cdr (car x)))))

(defun cdaddr (x)
  "Return the cdr of the car of the cdr of the cdr of X."
  (cdr (car (cdr (cdr x)))))

(defun cddaar (x)
  "Return the cdr of the cdr of the car of the car of X."
  (cdr (cdr (car (car x)))))

(defun cddadr (x)
  "Return the cdr of the cdr of the car of the cdr of X."
  (cdr (cdr (car (cdr x)))))

(defun cdddar (x)
  "Return the cdr of the cdr of the cdr of the car of X."
  (cdr (cdr (cdr (car x)))))

(defun xor (cond1 cond2)
  "Return the one of COND1 and COND2 that is non-nil, or nil if both are."
  (cond ((not cond1) cond2)
        ((not cond2) cond1)))

;;; lists.el ends here
