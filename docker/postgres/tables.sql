CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer text NOT NULL,
    amount numeric(10, 2) NOT NULL,
    changed timestamp NOT NULL DEFAULT now()
);
INSERT INTO orders (customer, amount) VALUES ('Ada', 12.50), ('Grace', 99.00), ('Edsger', 3.14);
