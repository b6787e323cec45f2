"""Statements of MySQL and MariaDB, each with its verdict; of several the last one is judged."""

import pytest

from streammesh.planning.migrations.showing import WORDS
from tests.unit.planning.migrations.support import last, verdicts, words

CASES = [
    (
        "breaks",
        "ALTER TABLE `cities` CHANGE `name` `title` text NOT NULL COMMENT 'a;b'",
        "ci.title",
    ),
    ("breaks", "ALTER TABLE cities CHANGE COLUMN name title text NOT NULL AFTER id", "ci.title"),
    ("breaks", "ALTER TABLE order_lines RENAME COLUMN qty TO quantity", "l.quantity"),
    ("breaks", "ALTER TABLE orders MODIFY status text NULL", "can give NULL"),
    ("breaks", "ALTER TABLE orders MODIFY COLUMN id bigint unsigned NOT NULL", "decimal(20,0)"),
    ("breaks", "ALTER TABLE customers DROP email", "field email"),
    ("breaks", "ALTER TABLE cities DROP PRIMARY KEY", "no primary key"),
    ("breaks", "ALTER TABLE products RENAME goods", "read shop.goods"),
    ("breaks", "RENAME TABLE audit TO old, products TO goods", "write public.goods in `tables`"),
    ("breaks", "DROP TABLE IF EXISTS `cities`, audit", "public.cities is gone"),
    ("breaks", "/*!40101 ALTER TABLE cities DROP name */", "field customer.city"),
    ("breaks", "ALTER TABLE orders ADD v int AS (id + 1) VIRTUAL", "virtual"),
    ("changes", "ALTER TABLE order_lines MODIFY qty bigint NOT NULL", "integer → bigint"),
    ("changes", "ALTER TABLE cities MODIFY country varchar(80) NOT NULL FIRST", "(80)"),
    ("changes", "ALTER TABLE customers MODIFY city_id int NOT NULL", "NULL becomes"),
    (
        "harmless",
        "ALTER TABLE orders ADD n varchar(9) CHARACTER SET utf8mb4 DEFAULT 'x' AFTER id",
        "",
    ),
    ("harmless", "ALTER TABLE orders ADD (a int unsigned, b tinyint(1)), ALGORITHM=INPLACE", ""),
    (
        "harmless",
        "ALTER TABLE orders ADD INDEX ix (status(10) DESC), ADD FULLTEXT KEY f (status)",
        "",
    ),
    ("harmless", "ALTER TABLE cities DROP PRIMARY KEY, ADD PRIMARY KEY (id)", ""),
    ("harmless", "ALTER TABLE cities DROP FOREIGN KEY fk_country, DROP INDEX ix", "no key"),
    ("harmless", "DROP INDEX ix ON cities", "no product relies"),
    ("harmless", "ALTER TABLE order_lines ENGINE=InnoDB, AUTO_INCREMENT = 7", "stored"),
    ("harmless", "ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'new'", "existing rows"),
    (
        "harmless",
        "CREATE TABLE t (id int unsigned NOT NULL AUTO_INCREMENT, e enum('x','y') DEFAULT 'x',"
        " d datetime(6) DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, PRIMARY KEY (id),"
        " KEY ix (e), UNIQUE KEY u (d)) ENGINE=InnoDB",
        "public.t is not captured",
    ),
    ("harmless", "CREATE TABLE copies LIKE cities", "public.copies is not captured"),
    ("harmless", "SET NAMES utf8mb4 # the usual; one", "session"),
    ("harmless", "REPLACE INTO cities VALUES (1, \"it's # x\", 'y')", "rows are inserted"),
    (
        "harmless",
        "UPDATE orders o JOIN cities c ON c.id = o.id SET o.status = 'x' WHERE 1",
        "status",
    ),
    ("harmless", "USE other; DROP TABLE cities", "other.cities is not captured"),
    ("unjudged", "ALTER TABLE orders CONVERT TO CHARACTER SET utf8mb4", "which texts"),
    ("unjudged", "PREPARE s FROM 'DROP TABLE orders'", "dynamic SQL"),
    ("unjudged", "CALL p()", "the procedure"),
]


@pytest.mark.parametrize(("verdict", "sql", "said"), CASES, ids=[one[1][:60] for one in CASES])
def test_a_statement_is_judged(verdict: str, sql: str, said: str) -> None:
    found = last(sql, "mysql")
    assert (WORDS[found.verdict], said in words(found)) == (verdict, True), words(found)


def test_bodies_of_routines_are_one_statement() -> None:
    sql = """DELIMITER //
CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW BEGIN
  IF NEW.id > 1 THEN SET NEW.status = 'x'; END IF;
END//
DELIMITER ;
CREATE PROCEDURE p() BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DROP TABLE cities; END;
ALTER TABLE cities DROP name;
"""
    assert verdicts(sql, "mariadb") == ["unjudged", "unjudged", "breaks"]
