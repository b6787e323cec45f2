SELECT b.isbn, b.title, a.name AS author,
       (SELECT list({number: c.id, shelf: c.shelf, lent: c.lent} ORDER BY c.id)
          FROM stock.copies c WHERE c.isbn = b.isbn) AS copies
  FROM stock.books b
  LEFT JOIN stock.authors a ON a.id = b.author_id
