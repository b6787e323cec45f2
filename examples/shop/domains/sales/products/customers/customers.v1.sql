SELECT c.id AS customer_id, c.name, c.email, ci.name AS city,
       (SELECT list(o.id ORDER BY o.id) FROM shop.orders o WHERE o.customer_id = c.id) AS orders
  FROM shop.customers c
  LEFT JOIN shop.cities ci ON ci.id = c.city_id
