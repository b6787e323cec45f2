CREATE TABLE authors (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE books (
    isbn      text PRIMARY KEY,
    title     text NOT NULL,
    author_id integer REFERENCES authors (id)          -- some books have none
);

CREATE TABLE copies (
    id    integer PRIMARY KEY,
    isbn  text NOT NULL REFERENCES books (isbn),
    shelf text NOT NULL,
    lent  boolean NOT NULL DEFAULT false,
    note  text                                         -- nobody else's business
);

INSERT INTO authors VALUES (1, 'Mary Shelley'), (2, 'Jules Verne');
INSERT INTO books VALUES ('9780141439471', 'Frankenstein', 1),
                         ('9780140449266', 'Twenty Thousand Leagues under the Sea', 2),
                         ('9780199536955', 'Beowulf', NULL);
INSERT INTO copies VALUES (1, '9780141439471', 'A3', false), (2, '9780141439471', 'A3', true),
                          (3, '9780140449266', 'C1', false);
