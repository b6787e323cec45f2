SELECT o.id AS order_id, o.placed_at, o.status,
       {name: c.name, city: ci.name, country: ci.country} AS customer,
       (SELECT list({product: p.name, quantity: l.qty, amount: l.qty * l.price} ORDER BY l.id)
          FROM shop.order_lines l
          JOIN shop.products p ON p.id = l.product_id
         WHERE l.order_id = o.id) AS lines
  FROM shop.orders o
  JOIN shop.customers c ON c.id = o.customer_id
  LEFT JOIN shop.cities ci ON ci.id = c.city_id
