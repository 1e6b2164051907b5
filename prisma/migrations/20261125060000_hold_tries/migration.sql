-- Holds asked for unasked: by order, how often one was tried and when it may be tried again. Reading where an order is fulfilled costs most of what a
-- small shop may spend at once, and an order of which nothing can be held would be read again at every look.
ALTER TABLE "oversells" ADD COLUMN "hold_tries" JSONB NOT NULL DEFAULT '{}';
