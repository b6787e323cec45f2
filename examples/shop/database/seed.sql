-- The same rows every time: nothing here is random. `SET shop.orders = '500'` before makes a smaller
-- shop; 50,000 orders are 211,100 rows (100 cities, 1,000 products, 10,000 customers, 150,000 lines).

INSERT INTO cities (id, name, country)
SELECT i,
       (ARRAY['North', 'South', 'East', 'West', 'Old', 'New', 'Upper', 'Lower', 'Great', 'Little'])[1 + (i - 1) % 10]
       || ' ' ||
       (ARRAY['Haven', 'Bridge', 'Field', 'Mill', 'Ford', 'Wood', 'Hill', 'Well', 'Port', 'Moor'])[1 + (i - 1) / 10],
       (ARRAY['DE', 'FR', 'IT', 'NL', 'PL', 'SE', 'ES'])[1 + i % 7]
  FROM generate_series(1, 100) AS i;

INSERT INTO products (id, name, price)
SELECT i,
       (ARRAY['Red', 'Blue', 'Green', 'Black', 'White'])[1 + i % 5] || ' ' ||
       (ARRAY['mug', 'lamp', 'chair', 'desk', 'shelf', 'clock', 'rug', 'vase'])[1 + i % 8] || ' ' || i,
       ((i * 7919) % 20000 + 99)::numeric / 100
  FROM generate_series(1, 1000) AS i;

-- One customer in eleven has told no city.
INSERT INTO customers (id, name, email, city_id, password_hash)
SELECT i,
       (ARRAY['Ada', 'Ben', 'Cleo', 'Dan', 'Eve', 'Finn', 'Gro', 'Hal', 'Ida', 'Jon', 'Kim', 'Leo'])[1 + i % 12]
       || ' ' ||
       (ARRAY['Baker', 'Smith', 'Weaver', 'Miller', 'Fisher', 'Mason', 'Carter'])[1 + i % 7] || ' ' || i,
       'customer' || i || '@example.com',
       CASE WHEN i % 11 <> 0 THEN 1 + (i * 31) % 100 END,
       md5('secret ' || i)
  FROM generate_series(1, greatest(1, coalesce(current_setting('shop.orders', true)::integer, 50000) / 5)) AS i;

INSERT INTO orders (id, customer_id, status, placed_at)
SELECT i,
       1 + (i * 7919) % (SELECT count(*) FROM customers),
       (ARRAY['new', 'paid', 'sent', 'sent'])[1 + i % 4],
       timestamptz '2026-01-01 00:00:00+00' + i * interval '97.125 seconds'
  FROM generate_series(1::bigint, coalesce(current_setting('shop.orders', true)::integer, 50000)) AS i;

-- One to five lines an order, three on average.
INSERT INTO order_lines (order_id, product_id, qty, price)
SELECT o.id, p.id, 1 + (o.id + n) % 4, p.price
  FROM orders o
 CROSS JOIN LATERAL generate_series(1, 1 + o.id % 5) AS n
  JOIN products p ON p.id = 1 + (o.id * 13 + n * 101) % 1000
 ORDER BY o.id, n;

SELECT setval(pg_get_serial_sequence('cities', 'id'), (SELECT max(id) FROM cities)),
       setval(pg_get_serial_sequence('products', 'id'), (SELECT max(id) FROM products)),
       setval(pg_get_serial_sequence('customers', 'id'), (SELECT max(id) FROM customers)),
       setval(pg_get_serial_sequence('orders', 'id'), (SELECT max(id) FROM orders));

ANALYZE cities, products, customers, orders, order_lines;
